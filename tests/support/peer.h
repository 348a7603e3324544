/* Starts the real servers of Debian for tests: on loopback, in a temporary directory, as an unprivileged user. */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include "support/run.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where the servers of this program keep what they have, made on first use: owned by nobody, removed by peer_clean. */
const char *peer_directory(void);

/* A path in there; in static storage until the 16th call from now. */
const char *peer_path(const char *name);

/* The same as the host of a URL with +unix has it: %2F for each slash. */
const char *peer_encoded(const char *name);

/* Writes the text, formatted as by printf(3), to the file NAME in there. */
void peer_write(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies a program of tests/support in there, as nobody may not be let into this folder. Its path, as of peer_path. */
const char *peer_copy(const char *name);

/* What is in the file NAME in there, "" where there is none; the caller's to free. */
char *peer_read(const char *name);

/* Fails the test unless the file NAME in there still has what peer_read has returned, BEFORE, which is freed. */
void peer_expect_log(const char *name, char *before);

/* Whether one of the words, up to NULL, is in a line of the file NAME from byte FROM on; prints the line. */
bool peer_complains(const char *name, size_t from, const char *const words[]);

/* A TCP port of 127.0.0.1 for a server (script_free_port). */
int peer_port(void);

/* The first path that matches PATTERN (glob(7)); fails the test where there is none. The caller's to free. */
char *peer_program(const char *pattern);

/* Starts ARGV as nobody in peer_directory, with stdout and stderr appended to the file LOG. Its pid. */
pid_t peer_start(const char *log, char *const argv[]);

/* For the http block of a nginx.conf: folders of its own, as only root makes those in /var/lib/nginx. */
#define PEER_NGINX_FOLDERS                                                                                             \
    "client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;\n"

/* Sends SIGNAL, waits for the end, and kills what does not end in 30 s, which fails the test. */
void peer_stop(pid_t pid, int signal);

/* Runs ARGV as nobody to its end: its exit status, what it wrote in *RESULT (may be NULL). */
int peer_run(struct run_result *result, char *const argv[]);

/* Runs a shell command (printf(3)) in peer_directory and fails the test unless it ends with 0. Its stdout. */
const char *peer_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Runs the healthcheck under test with the arguments up to NULL. */
const struct run_result *peer_probe(const char *argument, ...) __attribute__((sentinel));

/* Waits until TARGET is healthy, 60 s at most. */
void peer_await(const char *target);

/* Probes TARGET and fails the test unless the exit status is STATUS and the line says SAYS. */
void peer_expect(const char *target, int status, const char *says);

/* Twenty healthy probes of TARGET, one after the other. */
void peer_probe_often(const char *target);

/* A string, formatted as by printf(3); in static storage until the 16th call from now. */
const char *peer_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The URL of a Unix socket: SCHEME, PATH and the path /; in static storage until the 16th call from now. */
const char *peer_socket_url(const char *scheme, const char *path);

/* Ends everything that the program has started and removes peer_directory. A teardown of the group. */
int peer_clean(void **state);

#endif
