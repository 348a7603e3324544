/*
 * What the probes of processes and sockets take out of /proc, whatever stands there.
 */
#define _GNU_SOURCE /* for memrchr */
#include "healthcheck/probes/proc.c"

#include "healthcheck/target/address.c"
#include "healthcheck/target/lines.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { COMMAND = 6, PIDFILE = 4 };

/* As C has it; cbmc has no model of it. */
size_t strnlen(const char *string, size_t size)
{
    size_t length = 0;

    while (length < size && string[length])
        length++;
    return length;
}

/*
 * PROVES   The name of a program is what stands behind the last slash of its first string.
 * FOR      command lines of up to 6 bytes
 * BREAKS   healthcheck/probes/proc.c: memrchr(cmdline.at, '/', length); => memchr(cmdline.at, '/', length);
 * BREAKS   healthcheck/probes/proc.c: strnlen(cmdline.at, cmdline.length); => cmdline.length;
 * WITH     --unwind 8
 */
void proof_program(void)
{
    char room[COMMAND];
    struct span all = { NULL, nondet_size() };
    size_t at;

    assume(all.length <= COMMAND);
    all.at = room + COMMAND - all.length;
    struct span name = proc_program(all);
    const char *end = name.at + name.length;
    prove(name.at >= all.at && end <= room + COMMAND, "it is within");
    prove(end == room + COMMAND || *end == '\0', "a string ends there");
    prove(name.at == all.at || name.at[-1] == '/', "a slash is in front of it");
    assume(at < all.length && all.at + at < end);
    prove(all.at[at] != '\0', "it is the first string");
    prove(implies(all.at + at >= name.at, all.at[at] != '/'), "none is in it");
}

/*
 * PROVES   The PID of a pidfile is its first word where that is a number, and else 0.
 * FOR      texts of up to 4 bytes
 * BREAKS   healthcheck/probes/proc.c: span_number(word, INT_MAX, &pid) ? (int)pid : 0; => span_number(word, INT_MAX,
 *          &pid) ? (int)pid : 1;
 * BREAKS   healthcheck/target/lines.c: while (line->length > 0 && is_space(*line->at)) => while (is_space(*line->at))
 * WITH     --unwind 6
 */
void proof_pid(void)
{
    char room[PIDFILE];
    struct span text = { NULL, nondet_size() };
    int number = 0;
    bool good = true;
    size_t i = 0;

    assume(text.length <= PIDFILE);
    text.at = room + PIDFILE - text.length;
    while (i < text.length && is_space(text.at[i]))
        i++;
    for (; i < text.length && !is_space(text.at[i]); i++) {
        good = good && is_digit(text.at[i]);
        number = good ? number * 10 + text.at[i] - '0' : 0;
    }
    prove(proc_pid_parse(text) == number, "it is its first word");
}
