/* Starts programs without letting the harness show in what is measured. */
#ifndef BENCH_SPAWN_H
#define BENCH_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* All zero is a sensible default: this environment, this process's descriptors. */
struct spawn_options {
    bool pid1;                /* PID 1 of a new PID namespace */
    bool waits;               /* no exec before spawn_go */
    const char *path;         /* the file, where it is not argv[0] */
    char *const *environment; /* NULL: PATH, HOME and HOSTNAME, as an engine sets them */
    int out;                  /* stdout and stderr when > 0 */
};

struct spawned {
    pid_t pid;
    int go; /* spawn_go writes here; -1 where it does not wait */
};

/*
 * Starts ARGV (no search in PATH) with clone(2), sharing memory until exec as vfork(2) does where it need not
 * wait, so that the size of the harness costs the program nothing. Ends the harness with a message where it cannot.
 */
struct spawned spawn(const struct spawn_options *options, char *const argv[]);

/* Lets one that waits go on to exec. */
void spawn_go(struct spawned *spawned);

/* One run from start to reaped. Times in nanoseconds; faults and CPU are the program's and its reaped children's. */
struct spawn_run {
    int status; /* as wait(2) stores it */
    int64_t wall, cpu;
    long faults;
};
struct spawn_run spawn_run(const struct spawn_options *options, char *const argv[]);

/* The time on a CPU, user's and kernel's, in nanoseconds. */
int64_t spawn_cpu(const struct rusage *usage);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t spawn_now(void);

/* Prints what and errno, and ends the harness. */
void spawn_die(const char *what) __attribute__((noreturn));

#endif
