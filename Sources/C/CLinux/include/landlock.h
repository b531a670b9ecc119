#pragma once
// Landlock: what a started program may do to other processes and to our files. Debian 12's headers know version 2 only,
// so that the numbers of later ones stand in landlock.c.
#include <stdint.h>

/// What a ruleset forbids beyond the memory of processes outside, which every ruleset does.
enum {
    /// Signals to processes, and connections to abstract sockets, of others (version 6, Linux 6.12).
    PP_LANDLOCK_SCOPE = 1,
    /// Every use of files and folders that no rule allows, but looking at their names and attributes (version 2).
    PP_LANDLOCK_FILES = 2,
};

/// What a rule allows for a file, or a folder and all below it.
enum pp_landlock_use {
    PP_LANDLOCK_READ,
    PP_LANDLOCK_CHANGE,
};

/// The version that the kernel has; 0 without Landlock or before version 2, which forbids too much.
int pp_landlock_version(void);
/// Makes a ruleset for kernels of `version` or later, close-on-exec: its descriptor, or -1 with errno.
int pp_landlock_make(int version, int wanted);
/// Allows the use of a file or folder; 0, or -1 with errno when memory or descriptors are short.
///
/// What has gone, cannot be reached or is nothing that a rule can be for stays closed.
int pp_landlock_allow(int ruleset, int version, const char *path, enum pp_landlock_use use);
/// Puts `ruleset` in the place of `descriptor`, which others may be using, and closes it; 0, or -1 with errno.
int pp_landlock_replace(int ruleset, int descriptor);
/// Restricts the calling thread, and what it starts, for good; it can then gain no privileges. System calls only.
int pp_landlock_enter(int ruleset);
/// Keeps the memory and the descriptors of this process from others of its user; core dumps end with it.
int pp_hide_memory(void);
