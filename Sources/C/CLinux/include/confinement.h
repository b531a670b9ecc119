#pragma once
// System calls by which a process could harm another of its user, and which Landlock does not know (seccomp(2)).

/// Refuses them, with EPERM, to the calling thread and all that it starts, for good; they can then gain no privileges.
///
/// They are: limits, priority, scheduling and processors of another process. A program does to itself what it likes, by
/// the number 0. 0, or -1 with errno.
int pp_confine_thread(void);
