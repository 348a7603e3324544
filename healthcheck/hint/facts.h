/*
 * What the kernel says of a container that may explain why a probe failed, taken apart and told in a line. Pure.
 *
 * A number that is not known is -1. No line holds more of a process than its name in the kernel and its state: no
 * command line, no environment, no path.
 */
#ifndef HEALTHCHECK_HINT_FACTS_H
#define HEALTHCHECK_HINT_FACTS_H

#include "healthcheck/probes/proc.h"
#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How much there is of something, and how much there may be. */
struct share {
    int64_t used, limit;
};

/* What may be short in a container, or stand still. */
struct shortage {
    struct share memory;      /* of the cgroup in bytes, without what the kernel can take back at once */
    int64_t oom_kills;        /* in the cgroup, since it was made */
    struct share throttled;   /* the cgroup's periods of CPU time: those with a pause, and all */
    struct share pids;        /* processes and threads of the cgroup */
    struct share descriptors; /* that COMMAND has open */
    char state;               /* of COMMAND (proc(5)); 0: not known */
};

/* Nothing is known. */
void shortage_init(struct shortage *shortage);

/* Whether nine tenths of it are used: near enough to a limit to be told. False where one of the two is not known. */
bool share_is_near(struct share share);

/* Puts what is out of the ordinary, such as `memory 508 of 512 MiB, 3 OOM kills`; nothing where nothing is. */
void shortage_put(const struct shortage *shortage, struct text *out);

enum {
    LISTENERS_MAX = 8,     /* that a line tells */
    PROGRAM_NAME_MAX = 15, /* bytes of a process's name in the kernel */
};

struct listener {
    struct address address;
    uint16_t port;
    uint64_t inode; /* of its socket */
    size_t length;  /* of its program's name; 0: not known */
    char program[PROGRAM_NAME_MAX];
};

struct listeners {
    size_t count, more; /* how many are in `at`, and how many found no room there */
    struct listener at[LISTENERS_MAX];
};

/* Adds SOCKET where it listens, once for each address and port. */
void listeners_add(struct listeners *listeners, const struct proc_socket *socket);

/* How many have no program yet. */
size_t listeners_unnamed(const struct listeners *listeners);

/* Names the program of the listener that LINK, what a descriptor in /proc/PID/fd leads to, is. */
void listeners_name(struct listeners *listeners, struct span link, struct span program);

/* Puts `here listen: 127.0.0.1:3000 (node)`; nothing where nobody does. */
void listeners_put(const struct listeners *listeners, struct text *out);

/*
 * The number behind KEY at the beginning of a line of TEXT, blanks between them put aside; with an empty KEY the first
 * one. -1 where there is none, where it is `max`, and for numbers from 2^56 on, which stand for no limit.
 */
int64_t fact_number(struct span text, const char *key);

/* Which group of a controller a process is in. */
struct cgroup {
    bool unified;     /* version 2 (cgroups(7)) */
    struct span path; /* from the root of its mount on, as the process sees it */
};

/* Takes it from TEXT, which is a file /proc/PID/cgroup. False where it names none. */
bool fact_cgroup(struct span text, const char *controller, struct cgroup *cgroup);

/* Whether a process of this NAME is an init, whose first child is what the container is for. */
bool fact_is_init(struct span name);

#endif
