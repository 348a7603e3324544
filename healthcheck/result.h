/* What came of one probe: the verdict, why, and how long each phase took. */
#ifndef HEALTHCHECK_RESULT_H
#define HEALTHCHECK_RESULT_H

#include "pith/text.h"

#include <stdbool.h>
#include <stdint.h>

enum result_time { TIME_RESOLVE, TIME_CONNECT, TIME_TLS, TIME_FIRST_BYTE, TIME_TOTAL, TIMES_COUNT };

enum {
    RESULT_REASON_SIZE = 256,
    RESULT_ADDRESS_SIZE = 128,
};

/* Cleared by result_init; a probe that says nothing is unhealthy. */
struct result {
    bool healthy;
    bool final;                 /* nor will it ever be: --wait does not try again */
    const char *note;           /* one more line of -v, a static string, or NULL */
    int status;                 /* of HTTP, or 0 */
    int64_t times[TIMES_COUNT]; /* ns each phase took; -1: there was none (or nobody asked: conf->timed) */
    size_t reason_length;
    size_t address_length;
    char reason[RESULT_REASON_SIZE];   /* raw: report.c sanitises it; not terminated */
    char address[RESULT_ADDRESS_SIZE]; /* who was talked to: `127.0.0.1:80`, a socket's path; not terminated */
};

void result_init(struct result *result);

/*
 * Sets the verdict and the reason, which is made of parts as diag's: C strings, DIAG_ERRNO. Nothing a server sent may
 * be among them but numbers, names of codes, versions, certificate names and dates. The last call counts. result_fail
 * returns false, so that `return result_fail(...)` ends a step; result_refuse is for what time cannot change.
 */
#define result_ok(result, ...)     result_set(true, result, __VA_ARGS__)
#define result_fail(result, ...)   result_set(false, result, __VA_ARGS__)
#define result_refuse(result, ...) ((result)->final = true, result_set(false, result, __VA_ARGS__))
bool result_set(bool healthy, struct result *result, ...) __attribute__((sentinel));

/* For reasons built piece by piece: a text over the reason's buffer; result_end stores its length and the verdict. */
struct text result_begin(struct result *result);
bool result_end(struct result *result, const struct text *reason, bool healthy);

/* `1.2 ms`; and a span as a user would write it: `2s`, `500ms`. */
void text_milliseconds(struct text *out, int64_t ns);
void text_duration(struct text *out, int64_t ns);

#endif
