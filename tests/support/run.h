/* Runs a program, captures what it writes, and never waits longer than asked. */
#ifndef TESTS_RUN_H
#define TESTS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { RUN_OUTPUT_MAX = 65536, RUN_BOUND_MS = 20000, RUN_COMMAND_MAX = 400 };

/* All zero is a sensible default. */
struct run_options {
    char *const *environment; /* ends with NULL; NULL: that of the test */
    int bound_ms;             /* SIGKILL after that long; 0: RUN_BOUND_MS */
    bool close_stdin;         /* descriptors that are closed instead of being captured (stdin: /dev/null) */
    bool close_stdout;
    bool close_stderr;
    int stdout_fd; /* becomes the program's stdout or stderr instead of being captured, when > 0 */
    int stderr_fd;
};

struct run_result {
    int status;       /* exit status, or 128 + the signal's number */
    bool killed;      /* by the bound */
    int64_t ms;       /* from start to exit */
    int64_t stall_ms; /* of which the machine had no time for it, or for the test (stall.h) */
    pid_t pid;
    struct rusage usage;
    char command[RUN_COMMAND_MAX + 1]; /* what was run, for people; what is longer is cut */
    size_t out_length, err_length;
    char out[RUN_OUTPUT_MAX + 1]; /* terminated; what is longer is cut */
    char err[RUN_OUTPUT_MAX + 1];
};

/* A program that runs. */
struct run_child {
    pid_t pid;
    int pidfd, out, err; /* -1: none */
    int64_t started_ms;
    int bound_ms;
    char command[RUN_COMMAND_MAX + 1];
};

/* Writes ARGV with spaces between into COMMAND. */
void run_command(char command[RUN_COMMAND_MAX + 1], const char *const argv[]);

/* Starts ARGV[0] (searched in PATH) with default signals; ends the test program with a message where it cannot. */
void run_start(struct run_child *child, const struct run_options *options, char *const argv[]);

/* Reads until the program has exited, or kills it; the result is in *RESULT, which is the caller's. */
void run_finish(struct run_child *child, struct run_result *result);

/* Both. The result lives in static storage until the next call. OPTIONS may be NULL. */
const struct run_result *run(const struct run_options *options, char *const argv[]);

/* Makes a pipe that is full, whose writing end blocks (O_CLOEXEC). */
void run_full_pipe(int ends[2]);

/* CLOCK_MONOTONIC in ms. */
int64_t run_now_ms(void);

#endif
