/* Every kind of target that healthcheck has, and every option, once: for what watches it from outside. */
#ifndef TESTS_TOUR_H
#define TESTS_TOUR_H

#include <stdbool.h>

/*
 * Starts the servers, puts a list of hosts and name servers in /etc, after subject_isolate, which keeps that to the
 * test, and lets everybody write in peer_directory. A setup and a teardown of the group.
 */
int tour_start(void **state);
int tour_stop(void **state);

/*
 * Has VISIT run each COMMAND of the tour by a shell: "$HC", which is for the caller to set, is healthcheck. TIMEOUT is
 * that of probes that end by themselves.
 */
void tour(void (*visit)(const char *command), const char *timeout);

/* Calls VISIT with each scheme of --list-probes, in each form that it has: `redis`, `rediss`, `redis+unix` and so on.
 */
void tour_schemes(void (*visit)(const char *scheme, bool tls, void *context), void *context);

#endif
