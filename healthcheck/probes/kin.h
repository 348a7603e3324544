/* Which processes are of this container. */
#ifndef HEALTHCHECK_PROBES_KIN_H
#define HEALTHCHECK_PROBES_KIN_H

/* What another process and this one have in common. */
enum kinship { KIN_UNKNOWN, KIN_SAME, KIN_OTHER };

/*
 * Whether process PID is of this container. An engine puts what it executes into the cgroup of the container. Where
 * engines make none, all read the same: then the number of the mount that is a process's root, which is in the first
 * line of mountinfo, still tells containers apart. PID 1 need not be in this cgroup.
 */
enum kinship kin_of(int pid);

#endif
