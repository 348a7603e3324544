/* The result of one probe: the verdict, the reason, and the time of each phase. */
#ifndef HEALTHCHECK_RESULT_H
#define HEALTHCHECK_RESULT_H

#include "pith/text.h"

#include <stdbool.h>
#include <stdint.h>

enum result_time { TIME_RESOLVE, TIME_CONNECT, TIME_TLS, TIME_FIRST_BYTE, TIME_TOTAL, TIMES_COUNT };

/* What a failure comes from, as far as the container itself may show why (hint.h). */
enum result_cause {
    CAUSE_OTHER,
    CAUSE_REFUSED, /* nothing listens there */
    CAUSE_STALLED, /* no answer in time, or none to its end; no such process or socket */
    CAUSES_COUNT,
};

enum {
    RESULT_REASON_SIZE = 256,
    RESULT_ADDRESS_SIZE = 128,
};

/* Cleared by result_init. A result that nobody has set is unhealthy. */
struct result {
    bool healthy;
    bool final;                 /* no further try could be healthy, so --wait ends */
    enum result_cause cause;    /* of a failure */
    const char *note;           /* a further line for -v, a static string, or NULL */
    int status;                 /* of HTTP, or 0 */
    int64_t times[TIMES_COUNT]; /* of each phase in ns; -1: it was not taken */
    size_t reason_length;
    size_t address_length;
    char reason[RESULT_REASON_SIZE];   /* not terminated, and not sanitised: report.c does that */
    char address[RESULT_ADDRESS_SIZE]; /* that was talked to, `127.0.0.1:80` or a socket's path; not terminated */
};

void result_init(struct result *result);

/* Fails a target that nobody has to wait for any more, as with --any another one is healthy. */
void result_spare(struct result *result);

/*
 * Set the verdict and the reason. The reason is made of parts like a message of diag.h: C strings that end with NULL,
 * of which DIAG_ERRNO stands for the text of errno. Of what a server sent, only numbers, names of codes, versions,
 * names in certificates and dates may be among them. The last call counts.
 *
 * result_ok returns true and the other two false, so that `return result_fail(...)` ends a step. result_refuse is for
 * what no further try can change, as a refusal of the gate.
 */
#define result_ok(result, ...)     result_set(true, result, __VA_ARGS__)
#define result_fail(result, ...)   result_set(false, result, __VA_ARGS__)
#define result_refuse(result, ...) ((result)->final = true, result_set(false, result, __VA_ARGS__))
bool result_set(bool healthy, struct result *result, ...) __attribute__((sentinel));

/* For a reason that is built piece by piece: result_begin gives a text over its buffer; result_end stores it and the
 * verdict. */
struct text result_begin(struct result *result);
bool result_end(struct result *result, const struct text *reason, bool healthy);

/* Put NS as `1.2 ms`, and as a user would write a duration: `2s`, `500ms`. */
void text_milliseconds(struct text *out, int64_t ns);
void text_duration(struct text *out, int64_t ns);

#endif
