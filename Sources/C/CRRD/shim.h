#pragma once
#include <rrd.h>
