/* The server that probes are measured against: an epoll loop in a process of its own on 127.0.0.1. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <stdint.h>
#include <sys/types.h>

struct server {
    pid_t pid;
    uint16_t port; /* 0 for a Unix socket */
};

/*
 * Answers each connection's first bytes, DELAY ms after they came, with "200 OK" and a short body, and closes it. PATH:
 * a Unix socket there instead of TCP, NULL for none. Ends the harness where it cannot; ends with the harness.
 */
struct server server_start(const char *path, int delay);
void server_stop(const struct server *server);

#endif
