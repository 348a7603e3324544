/* What the probes of services share: questions asked by hand, and pure functions that judge the answers. */
#ifndef HEALTHCHECK_PROBES_DIALOGUE_H
#define HEALTHCHECK_PROBES_DIALOGUE_H

#include "healthcheck/probes/probe.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_MAX = 8192 }; /* bytes of one answer: far more than any of these protocols begins with */

enum reply {
    REPLY_PARTIAL,  /* all is well so far, and more must come */
    REPLY_COMPLETE, /* *RESULT holds the verdict */
    REPLY_BAD,      /* this is another protocol; *RESULT is untouched */
};

/* Judges LENGTH bytes of an answer, from its first one on. Pure. */
typedef enum reply reply_judge(const uint8_t *bytes, size_t length, struct result *result);

/* A line of redis' protocol (RESP): +PONG, or an error whose first word tells what it is. */
reply_judge redis_judge;
/* A line of memcached's text protocol: VERSION, or an error. */
reply_judge memcached_judge;
/* The packet that a MySQL or MariaDB server begins with (protocol 10), and its answer to a login. */
reply_judge mysql_judge_greeting;
reply_judge mysql_judge_login;
/* All that PostgreSQL answers to a startup packet (protocol 3.0), up to where the client has to speak. */
reply_judge postgresql_judge;
/* A frame of AMQP 0-9-1: Connection.Start; then any other method of a connection, of which Close is a refusal. */
reply_judge amqp_judge_start;
reply_judge amqp_judge_method;
/* The records of a FastCGI answer, up to the end of the request: php-fpm's pong. */
reply_judge fcgi_judge;

/* One conversation: what was read of the last answer stays in BYTES. */
struct dialogue {
    struct probe *probe;
    size_t length;
    uint8_t bytes[ANSWER_MAX];
};

/* Begins a conversation over PROBE's connection, which is there. */
void dialogue_begin(struct dialogue *dialogue, struct probe *probe);

/*
 * Sends SIZE bytes of REQUEST (none, where the server speaks first) and reads until JUDGE has all it needs. True when
 * it has: the result is then JUDGE's. False with the reason why no answer came.
 */
bool dialogue_ask(struct dialogue *dialogue, const void *request, size_t size, reply_judge *judge);

/*
 * Sends what ends the conversation and waits a moment for the server to close it, so that it counts a good end and
 * not an aborted connection. Changes no verdict: the answer has been given. The connection is of no further use.
 */
void dialogue_leave(struct dialogue *dialogue, const void *request, size_t size);

/* Bytes up to the newline, without it and a CR in front of it; -1 where there is none yet. */
ptrdiff_t reply_line(const uint8_t *bytes, size_t length);

/* The word in capitals (and `_`) at the start of a line: WORD is its C string, empty where there is none. */
#define REPLY_WORD_SIZE 24
void reply_word(const uint8_t *bytes, size_t length, char word[REPLY_WORD_SIZE]);

/* Healthy: `version 1.2.3`, with what a version is made of and no more than 40 bytes of it. */
enum reply reply_version(const uint8_t *bytes, size_t length, struct result *result);

/* Unhealthy: `WHAT 1234`, and ` (WHY)` where WHY is not NULL. */
enum reply reply_number(struct result *result, const char *what, unsigned number, const char *why);

/* Numbers as they stand in packets: N bytes, most (BE) or least (LE) significant first. */
uint32_t reply_be(const uint8_t *bytes, size_t n);
uint32_t reply_le(const uint8_t *bytes, size_t n);

#endif
