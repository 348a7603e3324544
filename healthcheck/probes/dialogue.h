/*
 * Dialogues: what the probes of services share.
 *
 * Such a probe sends a few bytes and judges what the server answers, without a library for the protocol. A judge is a
 * pure function: it is given the bytes of an answer, and says whether more must come. So it is easily tested, and
 * fuzzed.
 */
#ifndef HEALTHCHECK_PROBES_DIALOGUE_H
#define HEALTHCHECK_PROBES_DIALOGUE_H

#include "healthcheck/probes/probe.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_MAX = 8192 }; /* bytes of an answer: far more than what any of these protocols begins with */

enum reply {
    REPLY_PARTIAL,  /* all is well so far, and more must come */
    REPLY_COMPLETE, /* the answer is complete, and *RESULT holds the verdict */
    REPLY_BAD,      /* this is not the protocol; *RESULT is untouched */
};

/* Judges an answer by its first LENGTH bytes, one at least. Is called again with more of it on REPLY_PARTIAL. */
typedef enum reply reply_judge(const uint8_t *bytes, size_t length, struct result *result);

/*
 * redis (RESP): a line with +PONG, or with an error, whose first word tells which one; the same after a login, where
 * NOAUTH is unhealthy; and the answers to AUTH and to SELECT.
 */
reply_judge redis_judge;
reply_judge redis_judge_inside;
reply_judge redis_judge_login;
reply_judge redis_judge_select;

/*
 * memcached: of the text protocol, a line with VERSION, or with an error, and the answer to a login. Of the binary one,
 * the answers to a login and to the question for the version. The offer is of either: whether there is a login.
 */
reply_judge memcached_judge;
reply_judge memcached_judge_text_login;
reply_judge memcached_judge_offer;
reply_judge memcached_judge_login;
reply_judge memcached_judge_version;

/* MySQL and MariaDB (protocol 10): the packet that the server begins with, and its answer to a login. */
reply_judge mysql_judge_greeting;
reply_judge mysql_judge_login;

/*
 * PostgreSQL (protocol 3.0): all that the server answers until the client has to speak, to a startup packet and to the
 * steps of a login; and its answer to SSLRequest.
 */
reply_judge postgresql_judge;
reply_judge postgresql_judge_login;
reply_judge postgresql_judge_tls;

/* AMQP 0-9-1: the frame Connection.Start, and then any other method of a connection. Close is a refusal. */
reply_judge amqp_judge_start;
reply_judge amqp_judge_method;

/* FastCGI: the records up to the end of the request, with the pong of php-fpm. */
reply_judge fcgi_judge;

/* Kafka: the answer to ApiVersions, version 0. */
reply_judge kafka_judge;

/* MongoDB: the answer to the command `hello`, one message of one document. */
reply_judge mongodb_judge;

/* A conversation. The last answer stays in `bytes` until the next question. */
struct dialogue {
    struct probe *probe;
    size_t length; /* of what was read of the last answer */
    uint8_t bytes[ANSWER_MAX];
};

/* Begins a conversation over the connection of PROBE, which is connected. */
void dialogue_begin(struct dialogue *dialogue, struct probe *probe);

/*
 * Sends SIZE bytes of REQUEST, or none where the server speaks first, and reads until JUDGE has a complete answer. True
 * when it has: the verdict is then JUDGE's. False where no such answer came; the reason is in the probe's result.
 */
bool dialogue_ask(struct dialogue *dialogue, const void *request, size_t size, reply_judge *judge);

/* Says that this is not the protocol. Always false. */
bool dialogue_refuse(struct dialogue *dialogue);

/* Notes in RESULT, whose verdict stands, how long the probe has taken. What follows only ends the session. */
void dialogue_took(const struct dialogue *dialogue, struct result *result);

/*
 * Ends the conversation. Sends SIZE bytes of REQUEST, which say good-bye, and waits up to 100 ms for the server to
 * close the connection, so that the server does not count it as aborted. The verdict does not change, nor is this a
 * part of how long the probe has taken. The connection cannot be used any more.
 */
void dialogue_leave(struct dialogue *dialogue, const void *request, size_t size);

/* The length of the first line, without its LF or CR LF; -1 where no LF is there yet. */
ptrdiff_t reply_line(const uint8_t *bytes, size_t length);

/* Copies the word of capitals and `_` that a line begins with to WORD, as a C string. It is cut where it is long. */
#define REPLY_WORD_SIZE 24
void reply_word(const uint8_t *bytes, size_t length, char word[REPLY_WORD_SIZE]);

/* Writes the verdict healthy, `version 1.2.3`, of up to 40 bytes that a version may be made of. REPLY_COMPLETE. */
enum reply reply_version(const uint8_t *bytes, size_t length, struct result *result);

/* Writes the verdict unhealthy, `WHAT 1234`, and ` (WHY)` behind it where WHY is not NULL. REPLY_COMPLETE. */
enum reply reply_number(struct result *result, const char *what, unsigned number, const char *why);

/* Appends `NUL user NUL password` of the URL, as the login PLAIN of SASL has it (RFC 4616). */
void reply_put_plain(struct text *out, const struct target *target);

/* Numbers of packets: N bytes, up to 4, with the most (be) or the least (le) significant first. */
uint32_t reply_be(const uint8_t *bytes, size_t n);
uint32_t reply_le(const uint8_t *bytes, size_t n);

#endif
