/* Counts what a program asks of the machine, to the instruction, under ptrace(2). */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include "bench/memory.h"
#include "bench/spawn.h"

enum { TRACE_MAX = 120000 };

/*
 * Of the program itself and of its children up to their exec: both sides of a fork, but nothing of what it starts.
 * Its own exec does not count, its children's do, and so does exit.
 */
struct trace_counts {
    long calls;
    long instructions; /* as the processor retires them: a repeated string instruction is one; -1: cannot be had here,
                          or more than TRACE_MAX */
    long mappings;     /* calls of brk(2) and mmap(2): a libc that has taken memory */
    int status;        /* as wait(2) stores it */
    struct memory memory; /* of the program itself, as it exits */
};

/* Runs ARGV twice, once for the calls and once a step at a time. PRINT: show the calls on stderr by number. */
struct trace_counts trace_run(const struct spawn_options *options, char *const argv[], bool print);

/*
 * The instructions that an init spends on one event more, "signal" or "orphan", averaged over ten. ARGV: the init with
 * floor-events as its COMMAND, without arguments.
 */
long trace_event(const struct spawn_options *options, char *const argv[], char *event);

/*
 * The instructions of one run of ARGV as valgrind's callgrind counts them: for programs of many, close to the above but
 * for repeated string instructions. -1 without valgrind.
 */
long trace_callgrind(const struct spawn_options *options, char *const argv[]);

/* Whether instructions can be counted on this machine. */
bool trace_counts_instructions(void);

#endif
