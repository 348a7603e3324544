/* Tells which processes are of this container, where a PID namespace is shared with others. */
#ifndef HEALTHCHECK_PROBES_KIN_H
#define HEALTHCHECK_PROBES_KIN_H

enum kinship {
    KIN_UNKNOWN, /* it cannot be told */
    KIN_SAME,    /* it is of this container */
    KIN_OTHER,   /* it is of another one */
};

/*
 * Whether process PID is of this container. Two things are compared with this process.
 *
 * The first line of mountinfo has the number of the mount that is the process's root directory. It tells containers
 * apart. The cgroup does so, too, as an engine executes a probe in the cgroup of its container; but some engines make
 * no cgroups, and then all read the same. PID 1 need not be in this cgroup, so only its root counts.
 */
enum kinship kin_of(int pid);

#endif
