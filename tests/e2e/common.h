/* What the end-to-end tests share: the Docker engine that they run in, and looks into its containers from outside. */
#ifndef TESTS_E2E_COMMON_H
#define TESTS_E2E_COMMON_H

#include "support/run.h"

#include <sys/types.h>

#define ARGV(...) ((char *[]){ __VA_ARGS__, NULL })

enum { WORDS_MAX = 60, TEXT_MAX = 4096, DEADLINE_MS = 60000 };

/* Skips the test, with the reason, where the script `engine` could start none. */
void require_engine(void);

/* Skips the test unless PROGRAM is in PATH. */
void require_program(const char *program);

/* Appends the WORDS to ARGV, both ended by NULL, as far as ARGV's WORDS_MAX let it. */
void append(char *argv[WORDS_MAX], char *const words[]);

/* Runs docker with ARGUMENTS, for a minute at the most. The result lives until the next run(). */
const struct run_result *docker(char *const arguments[]);

/* Fails the test, with what the program printed, unless it ended with status 0. Returns RESULT. */
const struct run_result *succeed(const struct run_result *result);

/* Runs docker, which must succeed, and keeps what it printed without the last newline. */
void ask(char text[TEXT_MAX], char *const arguments[]);

/* Asks CONTAINER, an id or a name, by a template of `docker inspect`. */
void inspect(const char *container, char *format, char text[TEXT_MAX]);

/* The container's first process as this machine sees it. */
pid_t first_pid(const char *container);

/* Sends "METHOD PATH" to PORT within the network of process PID, asserts a 200 and keeps the body. */
void request(pid_t pid, int port, const char *line, char text[TEXT_MAX]);

/* Reads /proc/PID/NAME; its NULs become spaces. */
void read_proc(pid_t pid, const char *name, char text[TEXT_MAX]);

/* Asserts what only a hardened container's process has: uid 65532, no capability, no_new_privs, a read-only root. */
void assert_hardened(pid_t pid);

void assert_contains(const char *text, const char *part);

/* Pauses for 50 ms between two looks, and fails the test with WHAT when END (as run_now_ms) is over. */
void look_again(int64_t end, const char *what);

#endif
