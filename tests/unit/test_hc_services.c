/* What the first answers of services are taken for: whole, cut anywhere, and of another protocol. */
#include "healthcheck/http/body.h"
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/fastcgi.h"
#include "support/guard.h"
#include "support/test.h"

/* An answer, and what is made of it: the reason where it is judged, NULL where it is of another protocol. */
struct answer {
    reply_judge *judge;
    const char *bytes;
    size_t length;
    bool healthy;
    const char *reason;
};

#define ANSWER(judge, bytes, healthy, reason)                                                                          \
    {                                                                                                                  \
        judge, bytes, sizeof bytes - 1, healthy, reason                                                                \
    }
#define GOOD(judge, bytes, reason) ANSWER(judge, bytes, true, reason)
#define SICK(judge, bytes, reason) ANSWER(judge, bytes, false, reason)
#define ALIEN(judge, bytes)        ANSWER(judge, bytes, false, NULL)

#define PG_SASL "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"
/* the text ends with a line feed, and the string of C with the NUL behind it */
#define PG_NO_FORK "Ecould not fork new process for connection: Resource temporarily unavailable\n\0"
#define PG_OK      "R\0\0\0\x08\0\0\0\0"
#define PG_PARAMETER                                                                                                   \
    "S\0\0\0\x0b"                                                                                                      \
    "a\0bcde\0"
#define PG_READY                        "Z\0\0\0\5I"
#define PG_ERROR(length, code, text)    "E\0\0\0" length "SFATAL\0C" code "\0M" text "\0\0"
#define MYSQL_GREETING(length, version) length "\0\0\0\x0a" version "\0rest of it"
#define AMQP_START                      "\1\0\0\0\0\0\x0a\0\x0a\0\x0a\0\x09\0\0\0\0\xce"
#define AMQP_VERSION                                                                                                   \
    "\1\0\0\0\0\0\x1b\0\x0a\0\x0a\0\x09\0\0\0\x11\x07versionS\0\0\0\4"                                                 \
    "3.10\xce"
#define MEMCACHED_PACKET(opcode, status, length, body)                                                                 \
    "\x81" opcode "\0\0\0\0\0" status "\0\0\0" length "\0\0\0\0\0\0\0\0\0\0\0\0" body
#define FCGI_OUT(length, text) "\1\6\0\1\0" length "\0\0" text
#define FCGI_END               "\1\3\0\1\0\x08\0\0\0\0\0\0\0\0\0\0"

#define KAFKA(size, error, count) "\0\0\0" size "PITH" error "\0\0\0" count
#define KAFKA_API                 "\0\x12\0\0\0\4"

/* A message of MongoDB, a document of BSON, and members of one. SIZE is all of it, LENGTH that of the document. */
#define MONGO_MESSAGE(size, id, opcode, flags, section, rest)                                                          \
    size "\0\0\0"                                                                                                      \
         "abcd" id opcode "\0\0" flags "\0\0\0" section rest
#define MONGO(size, document) MONGO_MESSAGE(size, "PITH", "\xdd\7", "\0", "\0", document)
#define BSON(length, members) length "\0\0\0" members "\0"
#define BSON_OK               "\x10ok\0\1\0\0\0"
#define BSON_CODE                                                                                                      \
    "\x10"                                                                                                             \
    "code\0\x3b\0\0\0"
#define BSON_POINTER "\x0cp\0\1\0\0\0\0abcdefghijkl"
#define BSON_NESTED                                                                                                    \
    "\3d\0\x11\0\0\0\1ok\0\0\0\0\0\0\0\0\0\0"                                                                          \
    "\4a\0\5\0\0\0\0"                                                                                                  \
    "\x0f"                                                                                                             \
    "c\0\x0e\0\0\0\1\0\0\0\0\5\0\0\0\0"
#define BSON_LETTERS "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxy"

static const struct answer answers[] = {
    GOOD(redis_judge, "+PONG\r\n", "PONG"),
    GOOD(redis_judge, "+PONG\n", "PONG"),
    GOOD(redis_judge, "-NOAUTH Authentication required.\r\n", "NOAUTH"),
    GOOD(redis_judge, "-NOPERM this user has no permissions\r\n", "NOPERM"),
    SICK(redis_judge, "-LOADING Redis is loading the dataset in memory\r\n", "answered LOADING"),
    SICK(redis_judge, "-MASTERDOWN Link with MASTER is down\r\n", "answered MASTERDOWN"),
    SICK(redis_judge, "-ERR \x1b[31m\r\n", "answered ERR"),
    ALIEN(redis_judge, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(redis_judge, "+PONG and more\r\n"),
    ALIEN(redis_judge, "+OK\r\n"),
    ALIEN(redis_judge, "-lower case\r\n"),
    ALIEN(redis_judge, "+NOAUTH\r\n"),
    GOOD(redis_judge_inside, "+PONG\r\n", "PONG"),
    GOOD(redis_judge_inside, "-NOPERM no\r\n", "NOPERM"),
    SICK(redis_judge_inside, "-NOAUTH Authentication required.\r\n", "answered NOAUTH"),
    GOOD(redis_judge_login, "+OK\r\n", "logged in"),
    SICK(redis_judge_login, "-WRONGPASS invalid username-password pair\r\n", "refused the login (WRONGPASS)"),
    SICK(redis_judge_login, "-ERR invalid password\r\n", "refused the login"),
    SICK(redis_judge_login, "-ERR invalid username-password pair or user is disabled.\r\n", "refused the login"),
    SICK(redis_judge_login, "-ERR Client sent AUTH, but no password is set\r\n",
         "refused the login: no password is set there"),
    SICK(redis_judge_login, "-ERR AUTH <password> called without any password configured for the default user.\r\n",
         "refused the login: no password is set there"),
    SICK(redis_judge_login, "-ERR max number of clients reached\r\n", "answered ERR"),
    SICK(redis_judge_login, "-NOAUTH Authentication required.\r\n", "answered NOAUTH"),
    ALIEN(redis_judge_login, "+OKAY\r\n"),
    ALIEN(redis_judge_login, "+PONG\r\n"),
    ALIEN(redis_judge_login, "HTTP/1.1 400 Bad Request\r\n"),
    GOOD(redis_judge_select, "+OK\r\n", "selected"),
    GOOD(redis_judge_select, "-NOAUTH Authentication required.\r\n", "NOAUTH"),
    SICK(redis_judge_select, "-NOPERM no\r\n", "may not select that database (NOPERM)"),
    SICK(redis_judge_select, "-ERR DB index is out of range\r\n", "has no such database"),
    SICK(redis_judge_select, "-ERR invalid DB index\r\n", "has no such database"),
    SICK(redis_judge_select, "-ERR SELECT is not allowed in cluster mode\r\n", "has no such database"),
    SICK(redis_judge_select, "-LOADING Redis is loading the dataset in memory\r\n", "answered LOADING"),
    ALIEN(redis_judge_select, "$2\r\nOK\r\n"),

    GOOD(memcached_judge, "VERSION 1.6.18\r\n", "version 1.6.18"),
    GOOD(memcached_judge, "VERSION 1.6\x1b[1m\r\n", "version 1.6"),
    GOOD(memcached_judge, "CLIENT_ERROR unauthenticated\r\n", "wants a login"),
    SICK(memcached_judge, "ERROR\r\n", "answered ERROR"),
    SICK(memcached_judge, "SERVER_ERROR out of memory\r\n", "answered SERVER_ERROR"),
    ALIEN(memcached_judge, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(memcached_judge, "VERSION\r\n"),
    ALIEN(memcached_judge, "220 mail\r\n"),
    GOOD(memcached_judge_offer, "CLIENT_ERROR unauthenticated\r\n", "wants a login"),
    GOOD(memcached_judge_offer, MEMCACHED_PACKET("\x20", "\0", "\5", "PLAIN"), "agreed"),
    GOOD(memcached_judge_offer, MEMCACHED_PACKET("\x20", "\0", "\x13", "CRAM-MD5 plain NTLM"), "agreed"),
    SICK(memcached_judge_offer, MEMCACHED_PACKET("\x20", "\0", "\x0f", "CRAM-MD5 PLAINS"), "offers no login by PLAIN"),
    SICK(memcached_judge_offer, MEMCACHED_PACKET("\x20", "\0", "\0", ""), "offers no login by PLAIN"),
    SICK(memcached_judge_offer, MEMCACHED_PACKET("\x20", "\x81", "\7", "Unknown"), "refused the login: it has none"),
    SICK(memcached_judge_offer, MEMCACHED_PACKET("\x20", "\x82", "\0", ""), "refused with 130"),
    SICK(memcached_judge_offer, "ERROR\r\n", "refused the login: it has none"),
    SICK(memcached_judge_offer, "SERVER_ERROR out of memory\r\n", "answered SERVER_ERROR"),
    ALIEN(memcached_judge_offer, "VERSION 1.6.18\r\n"),
    ALIEN(memcached_judge_offer, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(memcached_judge_offer, MEMCACHED_PACKET("\x21", "\0", "\5", "PLAIN")),
    ALIEN(memcached_judge_offer, "\x81\x20\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0"),
    GOOD(memcached_judge_text_login, "STORED\r\n", "logged in"),
    SICK(memcached_judge_text_login, "CLIENT_ERROR authentication failure\r\n", "refused the login"),
    SICK(memcached_judge_text_login, "CLIENT_ERROR bad authentication token format\r\n", "refused the login"),
    SICK(memcached_judge_text_login, "ERROR\r\n", "answered ERROR"),
    ALIEN(memcached_judge_text_login, "NOT_STORED\r\n"),
    ALIEN(memcached_judge_text_login, "STORED it\r\n"),
    GOOD(memcached_judge_login, MEMCACHED_PACKET("\x21", "\0", "\2", "OK"), "agreed"),
    SICK(memcached_judge_login, MEMCACHED_PACKET("\x21", "\x20", "\2", "no"), "refused the login"),
    SICK(memcached_judge_login, MEMCACHED_PACKET("\x21", "\x21", "\0", ""), "refused with 33"),
    ALIEN(memcached_judge_login, MEMCACHED_PACKET("\x0b", "\0", "\2", "OK")),
    ALIEN(memcached_judge_login, "STORED\r\n"),
    GOOD(memcached_judge_version, MEMCACHED_PACKET("\x0b", "\0", "\6", "1.6.18"), "version 1.6.18"),
    SICK(memcached_judge_version, MEMCACHED_PACKET("\x0b", "\x20", "\0", ""), "refused the login"),
    ALIEN(memcached_judge_version, "VERSION 1.6.18\r\n"),

    GOOD(postgresql_judge, PG_SASL, "accepting connections"),
    GOOD(postgresql_judge, PG_OK PG_PARAMETER PG_READY, "accepting connections"),
    GOOD(postgresql_judge, PG_OK "N\0\0\0\4" PG_READY, "accepting connections"),
    GOOD(postgresql_judge, PG_ERROR("\x17", "3D000", "no"), "accepting connections (3D000)"),
    SICK(postgresql_judge, PG_ERROR("\x23", "57P03", "it is starting"), "not accepting connections (57P03)"),
    SICK(postgresql_judge, PG_ERROR("\x24", "57P03", "is starting up."), "starting up (57P03)"),
    SICK(postgresql_judge, PG_ERROR("\x26", "57P03", "is shutting down."), "shutting down (57P03)"),
    ALIEN(postgresql_judge, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(postgresql_judge, "R\0\0\0\3xxxx"),
    ALIEN(postgresql_judge, "R\0\1\0\0xxxx"),
    ALIEN(postgresql_judge, "R\0\0\0\4"),
    ALIEN(postgresql_judge, "E\0\0\0\x09"
                            "Mabc\0"),

    GOOD(postgresql_judge_login, PG_OK PG_PARAMETER PG_READY, "accepting this login"),
    SICK(postgresql_judge_login, PG_SASL, "wants a kind of login that is not supported"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "28P01", "no"), "wrong user or password (28P01)"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "28000", "no"), "this user is refused (28000)"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "3D000", "no"), "there is no such database (3D000)"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "42501", "no"), "this user may not use the database (42501)"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "53300", "no"), "too many connections (53300)"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "XX000", "no"), "the login is refused (XX000)"),
    SICK(postgresql_judge_login, PG_ERROR("\x24", "57P03", "is starting up."), "starting up (57P03)"),
    SICK(postgresql_judge_login, PG_ERROR("\x17", "ZA90Z", "no"), "the login is refused (ZA90Z)"),
    ALIEN(postgresql_judge_login, PG_ERROR("\x17", "\x1b[31m", "no")),
    ALIEN(postgresql_judge_login, PG_ERROR("\x17", "2800[", "no")),
    ALIEN(postgresql_judge_login, PG_ERROR("\x17", "@8000", "no")),
    ALIEN(postgresql_judge_login, PG_ERROR("\x17", "28:00", "no")),
    ALIEN(postgresql_judge_login, PG_ERROR("\x17", "28/00", "no")),
    ALIEN(postgresql_judge_login, PG_ERROR("\x16", "2800", "no")),
    ALIEN(postgresql_judge_login, PG_ERROR("\x18", "280000", "no")),
    ALIEN(postgresql_judge_login, "HTTP/1.1 400 Bad Request\r\n"),
    SICK(postgresql_judge, PG_NO_FORK, "the server cannot start a process for the connection"),
    SICK(postgresql_judge_login, PG_NO_FORK, "the server cannot start a process for the connection"),
    SICK(postgresql_judge_tls, PG_NO_FORK, "the server cannot start a process for the connection"),
    ALIEN(postgresql_judge, "ERROR\r\n"),
    ALIEN(postgresql_judge, "ERROR\nx"),
    ALIEN(postgresql_judge, "Eno\0"),
    GOOD(postgresql_judge_tls, "S", "offers TLS"),
    SICK(postgresql_judge_tls, "N", "does not offer TLS"),
    SICK(postgresql_judge_tls, PG_ERROR("\x17", "53300", "no"), "too many connections (53300)"),
    ALIEN(postgresql_judge_tls, "HTTP/1.1 400 Bad Request\r\n"),

    GOOD(mysql_judge_greeting, MYSQL_GREETING("\x12", "8.0.36"), "version 8.0.36"),
    GOOD(mysql_judge_greeting, MYSQL_GREETING("\x1c", "5.5.5-10.11-Mari"), "version 10.11-Mari"),
    GOOD(mysql_judge_greeting, MYSQL_GREETING("\x19", "8.0.36-debian"), "version 8.0.36-debian"),
    GOOD(mysql_judge_greeting, MYSQL_GREETING("\x12", "5.5.5-"), "version 5.5.5-"),
    SICK(mysql_judge_greeting, "\x0d\0\0\0\xff\x10\x04Too many x", "error 1040 (too many connections)"),
    SICK(mysql_judge_greeting, "\x03\0\0\0\xff\x69\x04", "error 1129 (this host is blocked)"),
    SICK(mysql_judge_greeting, "\x03\0\0\0\xff\x6a\x04", "error 1130 (this host is not allowed)"),
    SICK(mysql_judge_greeting, "\x03\0\0\0\xff\x15\x04", "error 1045 (access denied)"),
    SICK(mysql_judge_greeting, "\x03\0\0\0\xff\x1d\x04", "error 1053 (shutting down)"),
    SICK(mysql_judge_greeting, "\x03\0\0\0\xff\xa2\x06", "error 1698 (access denied)"),
    SICK(mysql_judge_greeting, "\x03\0\0\0\xff\x01\x04", "error 1025"),
    ALIEN(mysql_judge_greeting, "\x02\0\0\0\xff\x69"),
    ALIEN(mysql_judge_greeting, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(mysql_judge_greeting, "\x02\0\0\0\x09x"),
    ALIEN(mysql_judge_greeting, "\x03\0\0\1\x0ax\0"),
    ALIEN(mysql_judge_greeting, "\0\0\0\0"),

    GOOD(mysql_judge_login, "\7\0\0\2\0\0\0\2\0\0\0", "answered the login"),
    GOOD(mysql_judge_login, "\2\0\0\4\1\3\7\0\0\5\0\0\0\2\0\0\0", "answered the login"),
    GOOD(mysql_judge_login, "\2\0\0\4\1\4", "answered the login"),
    SICK(mysql_judge_login, "\2\0\0\4\1\3\3\0\0\5\xff\x15\4", "error 1045 (access denied)"),
    SICK(mysql_judge_login, "\3\0\0\2\xff\x14\4", "error 1044 (this user may not use the database)"),
    SICK(mysql_judge_login, "\3\0\0\2\xff\x19\4", "error 1049 (there is no such database)"),
    SICK(mysql_judge_login, "\3\0\0\2\xff\x57\xc", "error 3159 (the server wants TLS)"),
    ALIEN(mysql_judge_login, "HTTP/1.1 400 Bad Request\r\n"),

    GOOD(amqp_judge_start, AMQP_START, "starts a connection"),
    GOOD(amqp_judge_start, AMQP_VERSION, "version 3.10"),
    SICK(amqp_judge_start, "AMQP\0\1\0\0", "wants AMQP 1-0-0, not 0-9-1"),
    SICK(amqp_judge_start, "AMQP\0\0\x09\1",
         "refuses AMQP 0-9-1 and offers the same (is --proxy-protocol right there?)"),
    ALIEN(amqp_judge_start, "AMQX\0\1\0\0"),
    ALIEN(amqp_judge_start, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(amqp_judge_start, "\1\0\0\0\0\0\x0a\0\x0a\0\x0a\0\x09\0\0\0\0\0"),
    ALIEN(amqp_judge_start, "\1\0\0\0\0\0\x04\0\x0a\0\x1e\xce"),
    ALIEN(amqp_judge_start, "\1\0\1\0\0\0\x04\0\x0a\0\x0a\xce"),
    ALIEN(amqp_judge_start, "\1\0\0\xff\xff\xff\xff"),
    GOOD(amqp_judge_method, "\1\0\0\0\0\0\x04\0\x0a\0\x29\xce", "goes on"),
    SICK(amqp_judge_method, "\1\0\0\0\0\0\x06\0\x0a\0\x32\1\x93\xce", "refused with 403 (access refused)"),
    ALIEN(amqp_judge_method, "\1\0\0\0\0\0\x04\0\x0a\0\x32\xce"),

    GOOD(fcgi_judge, FCGI_OUT("\x08", "A: b\n\npo") FCGI_OUT("\2", "ng") FCGI_END, "pong"),
    GOOD(fcgi_judge, FCGI_OUT("\x11", "Status: 200\n\npong") FCGI_OUT("\0", "") FCGI_END, "pong"),
    SICK(fcgi_judge, FCGI_OUT("\x10", "status:404 x\r\n\r\n") FCGI_END, "no pong but status 404"),
    GOOD(fcgi_judge, FCGI_OUT("\x10", "Status:200\n\npong") FCGI_END, "pong"),
    ALIEN(fcgi_judge, FCGI_OUT("\x0e", "Status: \n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x11", "Status: abc\n\npong") FCGI_END),
    GOOD(fcgi_judge, FCGI_OUT("\x11", "Statuz: 404\n\npong") FCGI_END, "pong"),
    GOOD(fcgi_judge, FCGI_OUT("\x12", "Status : 404\n\npong") FCGI_END, "pong"),
    GOOD(fcgi_judge, FCGI_OUT("\x13", "X-Status: 404\n\npong") FCGI_END, "pong"),
    ALIEN(fcgi_judge, FCGI_OUT("\x1d", "Status: 404\nStatus: 200\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x10", "Status: 20\n\npong") FCGI_END),
    SICK(fcgi_judge, FCGI_OUT("\x0f", "Status:   503\n\n") FCGI_END, "no pong but status 503"),
    SICK(fcgi_judge, FCGI_OUT("\x16", "X: y\nStatus: 500\n\npong") FCGI_END, "no pong but status 500"),
    SICK(fcgi_judge, FCGI_OUT("\x18", "Status: 200\n\nStatus: 404") FCGI_END, "no pong but status 200"),
    SICK(fcgi_judge, FCGI_OUT("\x0f", "Status: 999\n\nxx") FCGI_END, "no pong but status 999"),
    SICK(fcgi_judge, FCGI_OUT("\x08", "\r\npongs!") FCGI_END, "no pong but status 200"),
    GOOD(fcgi_judge, FCGI_OUT("\x11", "Status:200\r\n\npong") FCGI_END, "pong"),
    GOOD(fcgi_judge, FCGI_OUT("\x15", "STATUS:\t 200 OK\n\npong") FCGI_END, "pong"),
    GOOD(fcgi_judge, FCGI_OUT("\x13", "Status-A: 404\n\npong") FCGI_END, "pong"),
    SICK(fcgi_judge, FCGI_OUT("\x11", "Status: 100\n\npong") FCGI_END, "no pong but status 100"),
    SICK(fcgi_judge, FCGI_OUT("\x11", "Status: 999\n\npong") FCGI_END, "no pong but status 999"),
    SICK(fcgi_judge, FCGI_OUT("\x14", "A: b\nStatus: 201 \n\nx") FCGI_END, "no pong but status 201"),
    ALIEN(fcgi_judge, FCGI_OUT("\x10", "Status: 99\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x11", "Status: 099\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x12", "Status: 1000\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x12", "Status: 200x\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x11", "Status: +20\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x10", "Status: OK\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x0d", "Status:\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x1d", "Status: 200\nStatus: 200\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x1d", "Status: 200\nStatus: 404\n\npong") FCGI_END),
    ALIEN(fcgi_judge, FCGI_OUT("\x09", "A: b\nC\n\np") FCGI_END),
    GOOD(fcgi_judge, "\1\7\0\1\0\3\1\0oh!\0" FCGI_OUT("\5", "\npong") FCGI_END, "pong"),
    SICK(fcgi_judge, "\1\3\0\1\0\x08\0\0\0\0\0\0\2\0\0\0", "overloaded"),
    SICK(fcgi_judge, "\1\3\0\1\0\x08\0\0\0\0\0\0\1\0\0\0", "refused with 1"),
    ALIEN(fcgi_judge, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(fcgi_judge, "\1\x0b\0\1\0\0\0\0"),
    ALIEN(fcgi_judge, "\1\6\0\2\0\0\0\0"),
    ALIEN(fcgi_judge, FCGI_OUT("\4", "pong") FCGI_END),
    ALIEN(fcgi_judge, "\1\3\0\1\0\x04\0\0\0\0\0\0"),

    GOOD(kafka_judge, KAFKA("\x10", "\0\0", "\1") KAFKA_API, "1 APIs"),
    GOOD(kafka_judge, KAFKA("\x1c", "\0\0", "\3") KAFKA_API KAFKA_API KAFKA_API, "3 APIs"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x23", "\0"), "error 35 (unsupported version)"),
    SICK(kafka_judge, KAFKA("\x10", "\0\x23", "\1") KAFKA_API, "error 35 (unsupported version)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x4c", "\0"), "error 76 (unsupported compression type)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\7", "\0"), "error 7 (request timed out)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x08", "\0"), "error 8 (broker not available)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x1d", "\0"), "error 29 (not authorized)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x1e", "\0"), "error 30 (not authorized)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x1f", "\0"), "error 31 (not authorized)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x21", "\0"), "error 33 (unsupported SASL mechanism)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x22", "\0"), "error 34 (illegal SASL state)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x29", "\0"), "error 41 (not the controller)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x2a", "\0"), "error 42 (invalid request)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x38", "\0"), "error 56 (storage error)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x3a", "\0"), "error 58 (SASL authentication failed)"),
    SICK(kafka_judge, KAFKA("\x0a", "\0\x59", "\0"), "error 89 (throttling quota exceeded)"),
    SICK(kafka_judge, KAFKA("\x0a", "\x7f\xff", "\0"), "error 32767"),
    SICK(kafka_judge, KAFKA("\x0a", "\xff\xff", "\0"), "error -1 (unknown server error)"),
    ALIEN(kafka_judge, KAFKA("\x0a", "\0\0", "\0")),
    ALIEN(kafka_judge, KAFKA("\x0f", "\0\0", "\1") "\0\x12\0\0\0"),
    ALIEN(kafka_judge, KAFKA("\x16", "\0\0", "\1") KAFKA_API KAFKA_API),
    ALIEN(kafka_judge, "\0\0\0\x10PITX\0\0\0\0\0\1" KAFKA_API),
    ALIEN(kafka_judge, "\0\0\0\x10PITH\0\0\x2a\xaa\xaa\xac" KAFKA_API), /* as many APIs times 6 are 6 + 2^32 */
    ALIEN(kafka_judge, "\0\0\0\x09PITH\0\0\0\0\0"),
    ALIEN(kafka_judge, "\xff\xff\xff\xffPITH"),
    ALIEN(kafka_judge, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(kafka_judge, "\x15\3\3\0\2\2\x0a"),

    GOOD(mongodb_judge, MONGO("\x36", BSON("\x21", "\x08isWritablePrimary\0\1" BSON_OK)), "primary"),
    GOOD(mongodb_judge,
         MONGO("\x42", BSON("\x2d", "\x08isWritablePrimary\0\0"
                                    "\x08secondary\0\1" BSON_OK)),
         "secondary"),
    GOOD(mongodb_judge, MONGO("\x26", BSON("\x11", "\1ok\0\0\0\0\0\0\0\xf0\x3f")), "neither primary nor secondary"),
    GOOD(mongodb_judge, MONGO("\x26", BSON("\x11", "\x12ok\0\1\0\0\0\0\0\0\0")), "neither primary nor secondary"),
    GOOD(mongodb_judge, MONGO("\x22", BSON("\x0d", BSON_OK)), "neither primary nor secondary"),
    GOOD(mongodb_judge, MONGO("\x1f", BSON("\x0a", "\x08ok\0\1")), "neither primary nor secondary"),
    GOOD(mongodb_judge, MONGO_MESSAGE("\x26", "PITH", "\xdd\7", "\1", "\0", BSON("\x0d", BSON_OK) "\xde\xad\xbe\xef"),
         "neither primary nor secondary"),
    /* a member of each other type, and what looks like a failure in a nested document */
    GOOD(mongodb_judge,
         MONGO("\xd6", BSON("\xc1", "\2s\0\2\0\0\0x\0"
                                    "\x0dj\0\1\0\0\0\0"
                                    "\x0es\0\1\0\0\0\0" BSON_POINTER BSON_NESTED "\5b\0\1\0\0\0\0\2"
                                    "\7i\0abcdefghijkl"
                                    "\x0br\0^a\0i\0"
                                    "\x0bq\0\0\0"
                                    "\6u\0"
                                    "\x0an\0"
                                    "\x7fm\0"
                                    "\xffl\0"
                                    "\x09t\0abcdefgh"
                                    "\x11t\0abcdefgh"
                                    "\x13n\0abcdefghijklmnop" BSON_OK)),
         "neither primary nor secondary"),
    SICK(mongodb_judge, MONGO("\x26", BSON("\x11", "\1ok\0\0\0\0\0\0\0\0\0")), "answered hello without ok: 1"),
    SICK(mongodb_judge, MONGO("\x26", BSON("\x11", "\1ok\0\0\0\0\0\0\0\0\x40")), "answered hello without ok: 1"),
    SICK(mongodb_judge, MONGO("\x26", BSON("\x11", "\x12ok\0\1\0\0\0\1\0\0\0")), "answered hello without ok: 1"),
    SICK(mongodb_judge, MONGO("\x22", BSON("\x0d", "\x10ok\0\2\0\0\0")), "answered hello without ok: 1"),
    SICK(mongodb_judge, MONGO("\x1f", BSON("\x0a", "\x08ok\0\0")), "answered hello without ok: 1"),
    SICK(mongodb_judge, MONGO("\x26", BSON("\x11", "\x09ok\0\1\0\0\0\0\0\0\0")), "answered hello without ok: 1"),
    SICK(mongodb_judge, MONGO("\x30", BSON("\x1b", "\1ok\0\0\0\0\0\0\0\0\0" BSON_CODE)), "error 59"),
    SICK(mongodb_judge,
         MONGO("\x4a", BSON("\x35", BSON_CODE "\2codeName\0\x10\0\0\0CommandNotFound\0"
                                              "\x10ok\0\0\0\0\0")),
         "error 59 (CommandNotFound)"),
    SICK(mongodb_judge,
         MONGO("\x40", BSON("\x2b", BSON_CODE "\2codeName\0\x06\0\0\0Ab\x1b[c\0"
                                              "\x10ok\0\0\0\0\0")),
         "error 59 (Ab)"),
    SICK(mongodb_judge,
         MONGO("\x6e", BSON("\x59", BSON_CODE "\2codeName\0\x34\0\0\0" BSON_LETTERS "\0"
                                              "\x10ok\0\0\0\0\0")),
         "error 59 (abcdefghijklmnopqrstuvwxyzabcdefghijklm)"),
    SICK(mongodb_judge,
         MONGO("\x3e", BSON("\x29", "\x12"
                                    "code\0\1\0\0\0\0\0\0\0"
                                    "\x10"
                                    "codeName\0\1\0\0\0"
                                    "\x10ok\0\0\0\0\0")),
         "answered hello without ok: 1"),
    ALIEN(mongodb_judge, MONGO("\x20", BSON("\x0b", "\x0an\0"
                                                    "\x0am\0"))),
    ALIEN(mongodb_judge, MONGO_MESSAGE("\x25", "PITX", "\xdd\7", "\0", "\0", BSON("\x10", BSON_OK "\6u\0"))),
    ALIEN(mongodb_judge, MONGO_MESSAGE("\x25", "PITH", "\1\0", "\0", "\0", BSON("\x10", BSON_OK "\6u\0"))),
    ALIEN(mongodb_judge, MONGO_MESSAGE("\x25", "PITH", "\xdd\7", "\0", "\1", BSON("\x10", BSON_OK "\6u\0"))),
    ALIEN(mongodb_judge, MONGO_MESSAGE("\x25", "PITH", "\xdd\7", "\1", "\0", BSON("\x10", BSON_OK "\6u\0"))),
    ALIEN(mongodb_judge, MONGO("\x25", BSON("\x11", BSON_OK "\6u\0"))),
    ALIEN(mongodb_judge, MONGO("\x25", BSON("\x0f", BSON_OK "\6u\0"))),
    ALIEN(mongodb_judge, MONGO("\x24", BSON("\x0f", BSON_OK "\6u"))),
    ALIEN(mongodb_judge, MONGO("\x23", BSON("\x0e", BSON_OK "\6"))),
    ALIEN(mongodb_judge, MONGO("\x25", BSON("\x10", BSON_OK "\x20u\0"))),
    ALIEN(mongodb_judge, MONGO("\x2a", BSON("\x15", BSON_OK "\2s\0\2\0\0\0\0"))),
    ALIEN(mongodb_judge, MONGO("\x29", BSON("\x14", BSON_OK "\2s\0\0\0\0\0"))),
    ALIEN(mongodb_judge, MONGO("\x28", BSON("\x13", BSON_OK "\2s\0\1\0\0"))),
    ALIEN(mongodb_judge, MONGO("\x2a", BSON("\x15", BSON_OK "\2s\0\xff\xff\xff\xff\0"))),
    ALIEN(mongodb_judge, MONGO("\x2a", BSON("\x15", BSON_OK "\5b\0\xfb\xff\xff\xff\0"))),
    ALIEN(mongodb_judge, MONGO("\x2a", BSON("\x15", BSON_OK "\3d\0\4\0\0\0\0"))),
    ALIEN(mongodb_judge, MONGO("\x2a", BSON("\x15", BSON_OK "\3d\0\6\0\0\0\0"))),
    ALIEN(mongodb_judge, MONGO("\x26", BSON("\x11", BSON_OK "\x0br\0a"))),
    ALIEN(mongodb_judge, MONGO("\x28", BSON("\x13", BSON_OK "\x0br\0a\0b"))),
    ALIEN(mongodb_judge, MONGO("\x30", BSON("\x1b", BSON_OK "\7i\0abcdefghijk"))),
    ALIEN(mongodb_judge, "\x1d\0\0\0"),
    ALIEN(mongodb_judge, "\xff\xff\xff\xff"),
    ALIEN(mongodb_judge, "HTTP/1.1 400 Bad Request\r\n"),
    ALIEN(mongodb_judge, "\x15\3\3\0\2\2\x0a"),
};

static enum reply judge(const struct answer *answer, size_t length, struct result *result)
{
    result_init(result);
    return answer->judge((const uint8_t *)guarded(answer->bytes, length), length, result);
}

/* Names what failed by its number in the table and its first bytes. */
static void expect(const struct answer *answer, enum reply found, enum reply wanted, size_t length)
{
    if (found != wanted)
        fail_msg("answer %zu (%.12s), %zu bytes: %d, not %d", (size_t)(answer - answers), answer->bytes, length, found,
                 wanted);
}

static void a_whole_answer_is_judged(void **state)
{
    struct result result;

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct answer *answer = &answers[i];
        enum reply wanted = answer->reason ? REPLY_COMPLETE : REPLY_BAD;
        expect(answer, judge(answer, answer->length, &result), wanted, answer->length);
        if (!answer->reason)
            continue;
        result.reason[result.reason_length] = '\0';
        assert_string_equal(result.reason, answer->reason);
        assert_int_equal(result.healthy, answer->healthy);
    }
}

static void an_answer_that_is_cut_anywhere_is_waited_for(void **state)
{
    struct result result;

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        for (size_t length = 1; answers[i].reason && length < answers[i].length; length++)
            expect(&answers[i], judge(&answers[i], length, &result), REPLY_PARTIAL, length);
}

/* What announces more than there is room for, or more than its protocol begins with, would be waited for in vain. */
static void an_answer_is_waited_for_up_to_the_most_that_is_taken_of_it(void **state)
{
    static const struct {
        struct answer most, more;
    } rows[] = {
        { ALIEN(mysql_judge_greeting, "\0\4\0\0\x0a"), ALIEN(mysql_judge_greeting, "\1\4\0\0\x0a") },
        { ALIEN(mysql_judge_login, "\0\4\0\2"), ALIEN(mysql_judge_login, "\1\4\0\2") },
        { ALIEN(postgresql_judge, "E\0\0\x10\0"), ALIEN(postgresql_judge, "E\0\0\x10\1") },
        { ALIEN(amqp_judge_start, "\1\0\0\0\0\x1f\xf8"), ALIEN(amqp_judge_start, "\1\0\0\0\0\x1f\xf9") },
        { ALIEN(amqp_judge_method, "\1\0\0\0\0\x1f\xf8"), ALIEN(amqp_judge_method, "\1\0\0\0\0\x1f\xf9") },
        { ALIEN(kafka_judge, "\0\0\x1f\xfcPITH"), ALIEN(kafka_judge, "\0\0\x1f\xfdPITH") },
        { ALIEN(mongodb_judge, "\0\x20\0\0"), ALIEN(mongodb_judge, "\1\x20\0\0") },
        { ALIEN(memcached_judge_login, "\x81\x21\0\0\0\0\0\0\0\0\x1f\xe8\0\0\0\0\0\0\0\0\0\0\0\0"),
          ALIEN(memcached_judge_login, "\x81\x21\0\0\0\0\0\0\0\0\x1f\xe9\0\0\0\0\0\0\0\0\0\0\0\0") },
    };
    struct result result;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum reply most = judge(&rows[i].most, rows[i].most.length, &result),
                   more = judge(&rows[i].more, rows[i].more.length, &result);
        if (most != REPLY_PARTIAL || more != REPLY_BAD)
            fail_msg("row %zu: %d for the most, %d for a byte more", i, most, more);
    }
}

/* They would count as having come by TLS (CVE-2021-23222). */
static void bytes_behind_the_offer_of_tls_are_refused(void **state)
{
    struct result result;

    (void)state;
    result_init(&result);
    assert_int_equal(postgresql_judge_tls((const uint8_t *)"SR", 2, &result), REPLY_COMPLETE);
    assert_false(result.healthy);
}

static void numbers_have_both_orders(void **state)
{
    const uint8_t bytes[] = { 1, 2, 3, 4 };

    (void)state;
    assert_int_equal(reply_be(bytes, 4), 0x01020304);
    assert_int_equal(reply_be(bytes, 2), 0x0102);
    assert_int_equal(reply_le(bytes, 3), 0x030201);
    assert_int_equal(reply_le(bytes, 0), 0);
}

static void a_version_is_cut_and_holds_nothing_odd(void **state)
{
    static const char version[] = "1234567890123456789012345678901234567890123456789";
    struct result result;

    (void)state;
    result_init(&result);
    reply_version((const uint8_t *)version, sizeof version - 1, &result);
    assert_int_equal(result.reason_length, strlen("version ") + 40);
}

/* Feeds BYTES in pieces of STEP bytes. */
static enum reply feed_fcgi(const char *bytes, size_t length, size_t step, struct fcgi_answer *answer)
{
    enum reply reply = REPLY_PARTIAL;

    for (size_t at = 0; at < length && reply == REPLY_PARTIAL; at += step) {
        size_t n = length - at < step ? length - at : step;
        reply = fcgi_feed(answer, (const uint8_t *)guarded(bytes + at, n), n);
    }
    return reply;
}

static void a_page_comes_in_pieces_of_any_size(void **state)
{
    static const char bytes[] = "\1\6\0\1\0\x0d\3\0Status: 503\n\n\0\0\0"
                                "\1\7\0\1\0\2\0\0no" FCGI_OUT("\0", "") FCGI_OUT("\3", "a\0b") FCGI_END;
    char output[64];

    (void)state;
    for (size_t step = 1; step <= sizeof bytes; step++) {
        struct fcgi_answer answer;
        struct fcgi_page page;
        struct result result;
        fcgi_begin(&answer, output, sizeof output);
        assert_int_equal(feed_fcgi(bytes, sizeof bytes - 1, step, &answer), REPLY_COMPLETE);
        assert_int_equal(fcgi_conclude(&answer, &page, &result), REPLY_COMPLETE);
        assert_int_equal(page.status, 503);
        assert_int_equal(page.body.length, 3);
        assert_memory_equal(page.body.at, "a\0b", 3);
    }
}

static void a_refusal_comes_in_pieces_of_any_size(void **state)
{
    static const char bytes[] = "\1\3\0\1\0\x08\0\0\0\0\0\0\2\0\0\0"; /* overloaded */
    char output[8];

    (void)state;
    for (size_t step = 1; step <= sizeof bytes; step++) {
        struct fcgi_answer answer;
        struct fcgi_page page;
        struct result result;
        fcgi_begin(&answer, output, sizeof output);
        result_init(&result);
        assert_int_equal(feed_fcgi(bytes, sizeof bytes - 1, step, &answer), REPLY_COMPLETE);
        assert_int_equal(fcgi_conclude(&answer, &page, &result), REPLY_COMPLETE);
        assert_int_equal(page.status, 0);
        assert_int_equal(result.reason_length, strlen("overloaded"));
        assert_memory_equal(result.reason, "overloaded", result.reason_length);
    }
}

static void a_page_is_complete_when_there_is_no_room_for_more(void **state)
{
    static const char bytes[] = FCGI_OUT("\7", "A:\n\nabc");
    char output[6];
    struct fcgi_answer answer;
    struct fcgi_page page;
    struct result result;

    (void)state;
    fcgi_begin(&answer, output, sizeof output);
    assert_int_equal(feed_fcgi(bytes, sizeof bytes - 1, 3, &answer), REPLY_COMPLETE);
    assert_int_equal(fcgi_conclude(&answer, &page, &result), REPLY_COMPLETE);
    assert_int_equal(page.status, 200);
    assert_int_equal(page.body.length, 2);
}

/* A program's head of as many lines, of as many bytes each. */
static enum reply conclude_head(unsigned lines, size_t length)
{
    static char output[300 * 300];
    struct fcgi_answer answer = { .output = { output, sizeof output, 0 } };
    struct fcgi_page page;
    struct result result;

    for (unsigned i = 0; i < lines; i++) {
        text_string(&answer.output, "A:");
        while (answer.output.length < (i + 1) * length - 1)
            text_char(&answer.output, 'b');
        text_char(&answer.output, '\n');
    }
    text_char(&answer.output, '\n');
    return fcgi_conclude(&answer, &page, &result);
}

static void the_head_of_a_page_has_the_limits_of_http(void **state)
{
    (void)state;
    assert_int_equal(conclude_head(256, 10), REPLY_COMPLETE);
    assert_int_equal(conclude_head(257, 10), REPLY_BAD);
    assert_int_equal(conclude_head(256, 256), REPLY_COMPLETE);
    assert_int_equal(conclude_head(255, 258), REPLY_BAD);
}

static void what_is_no_output_is_bounded(void **state)
{
    static const uint8_t padded[8 + 255] = { 1, 6, 0, 1, 0, 0, 255, 0 };
    char output[8];
    struct fcgi_answer answer;
    enum reply reply = REPLY_PARTIAL;
    size_t sent = 0;

    (void)state;
    fcgi_begin(&answer, output, sizeof output);
    for (; reply == REPLY_PARTIAL && sent < 2 * HTTP_FRAMING_MAX; sent += sizeof padded)
        reply = fcgi_feed(&answer, padded, sizeof padded);
    assert_int_equal(reply, REPLY_BAD);
    assert_in_range(sent, HTTP_FRAMING_MAX, HTTP_FRAMING_MAX + 2 * sizeof padded);
}

/* With the byte behind it, it fills an answer. */
static void the_largest_frame_of_amqp_is_taken(void **state)
{
    static uint8_t bytes[ANSWER_MAX] = { 1, 0, 0, 0, 0, 0x1f, 0xf8, 0, 10, 0, 41, [ANSWER_MAX - 1] = 0xce };
    struct result result;

    (void)state;
    result_init(&result);
    assert_int_equal(amqp_judge_method(bytes, sizeof bytes - 1, &result), REPLY_PARTIAL);
    assert_int_equal(amqp_judge_method(bytes, sizeof bytes, &result), REPLY_COMPLETE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_comes_in_pieces_of_any_size),
        cmocka_unit_test(a_refusal_comes_in_pieces_of_any_size),
        cmocka_unit_test(a_page_is_complete_when_there_is_no_room_for_more),
        cmocka_unit_test(the_head_of_a_page_has_the_limits_of_http),
        cmocka_unit_test(what_is_no_output_is_bounded),
        cmocka_unit_test(a_whole_answer_is_judged),
        cmocka_unit_test(an_answer_that_is_cut_anywhere_is_waited_for),
        cmocka_unit_test(an_answer_is_waited_for_up_to_the_most_that_is_taken_of_it),
        cmocka_unit_test(bytes_behind_the_offer_of_tls_are_refused),
        cmocka_unit_test(numbers_have_both_orders),
        cmocka_unit_test(a_version_is_cut_and_holds_nothing_odd),
        cmocka_unit_test(the_largest_frame_of_amqp_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
