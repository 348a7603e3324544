/* The least container there can be: namespaces around a root of a few programs, and ways to run things inside. */
#ifndef EXAMPLES_DEMO_CONTAINER_H
#define EXAMPLES_DEMO_CONTAINER_H

#include <stddef.h>
#include <sys/types.h>

enum { CONTAINER_UID = 65532 };

struct container {
    pid_t pid;  /* of its PID 1, as this process sees it */
    int pidfd;  /* the same, for setns(2) */
    int output; /* what PID 1 and its children write on stdout and stderr can be read here */
    char *const *envp;
};

/* What a process inside has printed, NUL-terminated, and how it ended: 0-255, or 128 and the signal. */
struct container_result {
    int status;
    char output[8192];
};

/*
 * Starts ARGV with environment ENVP as PID 1 of new PID, mount, network, UTS and IPC namespaces: loopback is up, the
 * read-only root holds copies of PROGRAMS (host paths, NULL-terminated) by their last component and /proc, nothing
 * else. It runs as CONTAINER_UID without capabilities, and is killed when this process ends. This process moves into a
 * new user namespace first when it is not root; its later children belong to the PID namespace, so one container is all
 * it can have. Returns 0, or -1 with a message printed.
 */
int container_start(struct container *container, const char *const programs[], char *const argv[], char *const envp[]);

/* Forks into the container, as `docker exec` does, and runs WORK there; its return value is the exit status. */
void container_run(const struct container *container, int (*work)(void *context), void *context,
                   struct container_result *result);

/* The same for a program, with the environment of PID 1: its status, or 126 or 127 with a message where exec(2) fails.
 */
void container_exec(const struct container *container, char *const argv[], struct container_result *result);

/*
 * Sends the request "METHOD PATH" to PORT of its 127.0.0.1. The output is the body of the answer, the status 0 where
 * that is a 200 and 1 otherwise.
 */
void container_request(const struct container *container, int port, const char *line, struct container_result *result);

#endif
