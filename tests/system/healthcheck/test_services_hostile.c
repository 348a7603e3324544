/* Service probes against servers that talk nonsense, byte by byte, or not at all: unhealthy in time, whatever comes. */
#include "support/listener.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tour.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MS = 300, LATE_MS = 100, ANSWERS_MAX = 5, FLOOD = 1 << 20 };

struct piece {
    const char *bytes;
    size_t length;
};

#define PIECE(bytes)                                                                                                   \
    {                                                                                                                  \
        bytes, sizeof bytes - 1                                                                                        \
    }

/* What a healthy server says: the first answer, and each that follows what the client says then. */
struct conversation {
    const char *scheme; /* or a URL, in which * stands for the address */
    bool greets;        /* says the first one unasked */
    const char *healthy;
    struct piece answers[ANSWERS_MAX];
    struct piece requests[ANSWERS_MAX]; /* what each of them answers, to the byte; anything, where it is not said */
};

/* memcached: asks for the mechanisms of SASL; a server of the protocol in lines answers to its end of a line. */
#define SASL_LIST "\x80\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\r\n"

#define MYSQL_LOGIN                                                                                                    \
    PIECE("\x32\0\0\1\1\x82\x08\0\0\0\0\1!\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                              \
          "healthcheck\0\0none\0")

static const struct conversation conversations[] = {
    { "redis", false, "PONG", { PIECE("+PONG\r\n+OK\r\n") }, { PIECE("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n") } },
    { "redis://user:password@*/1",
      false,
      "PONG",
      { PIECE("+OK\r\n"), PIECE("+OK\r\n"), PIECE("+PONG\r\n+OK\r\n") },
      { PIECE("*3\r\n$4\r\nAUTH\r\n$4\r\nuser\r\n$8\r\npassword\r\n"), PIECE("*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n"),
        PIECE("*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n") } },
    { "memcached", false, "version 1.6", { PIECE("VERSION 1.6\r\n") }, { PIECE("version\r\nquit\r\n") } },
    { "memcached://user:password@*",
      false,
      "version 1.6",
      { PIECE("CLIENT_ERROR unauthenticated\r\n"), PIECE("STORED\r\n"), PIECE("VERSION 1.6\r\n") },
      { PIECE(SASL_LIST), PIECE("set login 0 0 13\r\nuser password\r\n"), PIECE("version\r\nquit\r\n") } },
    { "memcached://user:password@*",
      false,
      "version 1.6",
      { PIECE("\x81\x20\0\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\0PLAIN"),
        PIECE("\x81\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
        PIECE("\x81\x0b\0\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0"
              "1.6") },
      { PIECE(SASL_LIST), PIECE("\x80\x21\0\5\0\0\0\0\0\0\0\x13\0\0\0\0\0\0\0\0\0\0\0\0PLAIN\0user\0password"),
        PIECE("\x80\x0b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
              "\x80\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") } },
    { "postgresql",
      false,
      "accepting connections",
      { PIECE("R\0\0\0\x08\0\0\0\0"
              "S\0\0\0\x0b"
              "a\0bcde\0"
              "Z\0\0\0\5I") },
      { PIECE("\0\0\0\x29\0\3\0\0user\0postgres\0database\0postgres\0\0") } },
    { "mysql",
      true,
      "version 8.0",
      { PIECE("\x0f\0\0\0\x0a"
              "8.0\0rest of it"),
        PIECE("\x06\0\0\2\xfe"
              "abcd\0"),
        PIECE("\3\0\0\4\xff\x15\x04") },
      { { 0 }, MYSQL_LOGIN } },
    { "mysql",
      true,
      "version 8.0",
      { PIECE("\x0f\0\0\0\x0a"
              "8.0\0rest of it"),
        PIECE("\7\0\0\2\0\0\0\2\0\0\0") },
      { { 0 }, MYSQL_LOGIN } },
    { "amqp",
      false,
      "version 3.10",
      { PIECE("\1\0\0\0\0\0\x1b\0\x0a\0\x0a\0\x09\0\0\0\x11\x07versionS\0\0\0\4"
              "3.10\xce"),
        PIECE("\1\0\0\0\0\0\x0c\0\x0a\0\x1e\x07\xff\0\2\0\0\0\x3c\xce"), PIECE("\1\0\0\0\0\0\5\0\x0a\0\x29\0\xce"),
        PIECE("\1\0\0\0\0\0\4\0\x0a\0\x33\xce") },
      { PIECE("AMQP\0\0\x09\1"),
        PIECE("\1\0\0\0\0\0\x6d\0\x0a\0\x0b\0\0\0\x49\x07productS\0\0\0\x0bhealthcheck\x0c"
              "capabilitiesF\0\0\0\x1f\x1c"
              "authentication_failure_closet\1\5PLAIN\0\0\0\x0c\0guest\0guest\5en_US\xce"),
        PIECE("\1\0\0\0\0\0\x0c\0\x0a\0\x1f\0\1\0\0\x10\0\0\0\xce"
              "\1\0\0\0\0\0\x08\0\x0a\0\x28\1/\0\0\xce"),
        PIECE("\1\0\0\0\0\0\x0b\0\x0a\0\x32\0\xc8\0\0\0\0\0\xce") } },
    { "fcgi",
      false,
      "pong",
      { PIECE("\1\6\0\1\0\6\2\0\r\npong\0\0"
              "\1\3\0\1\0\x08\0\0\0\0\0\0\0\0\0\0") },
      { PIECE("\1\1\0\1\0\x08\0\0\0\1\0\0\0\0\0\0"
              "\1\4\0\1\0\x59\0\0\x0e\3REQUEST_METHODGET\x0b\5SCRIPT_NAME/ping\x0f\3SCRIPT_FILENAME/.."
              "\x0b\5REQUEST_URI/ping\x0c\0QUERY_STRING"
              "\1\4\0\1\0\0\0\0"
              "\1\5\0\1\0\0\0\0") } },
    { "kafka",
      false,
      "2 APIs",
      { PIECE("\0\0\0\x16PITH\0\0\0\0\0\2\0\x12\0\0\0\4\0\3\0\0\0\x0c") },
      { PIECE("\0\0\0\x15\0\x12\0\0PITH\0\x0bhealthcheck") } },
    { "mongodb",
      false,
      "primary",
      { PIECE("\x36\0\0\0abcdPITH\xdd\7\0\0\0\0\0\0\0"
              "\x21\0\0\0\x08isWritablePrimary\0\1\x10ok\0\1\0\0\0\0") },
      { PIECE("\x34\0\0\0PITH\0\0\0\0\xdd\7\0\0\0\0\0\0\0"
              "\x1f\0\0\0\x10hello\0\1\0\0\0\2$db\0\6\0\0\0admin\0\0") } },
    { "mongodb://*/app",
      false,
      "secondary",
      { PIECE("\x2e\0\0\0abcdPITH\xdd\7\0\0\0\0\0\0\0"
              "\x19\0\0\0\x08secondary\0\1\x10ok\0\1\0\0\0\0") },
      { PIECE("\x32\0\0\0PITH\0\0\0\0\xdd\7\0\0\0\0\0\0\0"
              "\x1d\0\0\0\x10hello\0\1\0\0\0\2$db\0\4\0\0\0app\0\0") } },
};

enum { CONVERSATIONS = sizeof conversations / sizeof conversations[0] };

/* How a server misbehaves. */
struct manner {
    bool byte_by_byte;
    int silent_from;     /* which answer does not come, or -1 */
    size_t cut;          /* how much of that one comes all the same */
    bool then_closes;    /* instead of being silent */
    bool talks_nonsense; /* without end */
    int late;            /* which answer comes LATE_MS late; 0 for none, as the first one never does */
};

static pid_t server;
static int port;

static void say(int fd, struct piece piece, bool byte_by_byte)
{
    size_t step = byte_by_byte ? 1 : piece.length;

    for (size_t at = 0; at < piece.length; at += step)
        if (send(fd, piece.bytes + at, step, MSG_NOSIGNAL) < 0)
            return;
}

static void rave(int fd)
{
    char nonsense[4096];

    for (size_t i = 0; i < sizeof nonsense; i++)
        nonsense[i] = (char)(i * 31 + 7);
    for (size_t sent = 0; sent < FLOOD && send(fd, nonsense, sizeof nonsense, MSG_NOSIGNAL) > 0;)
        sent += sizeof nonsense;
}

/* Whether the client says REQUEST, or anything where that is not known. */
static bool hear(int fd, const struct piece *request)
{
    char heard[4096];

    if (!request->bytes)
        return recv(fd, heard, sizeof heard, 0) > 0;
    return recv(fd, heard, request->length, MSG_WAITALL) == (ssize_t)request->length &&
           memcmp(heard, request->bytes, request->length) == 0;
}

/* One client, from its first byte until it has gone. Who says what is not expected gets no answer. */
static void serve(int fd, const struct conversation *conversation, const struct manner *manner)
{
    char heard[4096];
    bool unasked = conversation->greets;

    for (int i = 0; i < ANSWERS_MAX && conversation->answers[i].bytes; i++, unasked = false) {
        struct piece piece = conversation->answers[i];
        if (!unasked && !hear(fd, &conversation->requests[i]))
            return;
        if (manner->talks_nonsense)
            rave(fd);
        if (manner->late > 0 && i == manner->late)
            usleep(LATE_MS * 1000);
        if (i == manner->silent_from)
            piece.length = manner->cut;
        say(fd, piece, manner->byte_by_byte);
        if (i == manner->silent_from && manner->then_closes)
            return;
        if (i == manner->silent_from)
            break;
    }
    while (recv(fd, heard, sizeof heard, 0) > 0)
        ;
}

/* Each client has a process, as the one before may still be there. */
static void start(const struct conversation *conversation, const struct manner *manner)
{
    int fd = listener_open(8, &port), one = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    server = fork();
    if (server == 0) {
        for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client))
            serve(client, conversation, manner);
        _exit(0);
    }
    close(fd);
}

static void stop(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

static int scheme_length(const struct conversation *conversation)
{
    return (int)strcspn(conversation->scheme, ":");
}

static const char *target_of(const struct conversation *conversation, int at)
{
    const char *url = conversation->scheme, *star = strchr(url, '*');

    return star ? peer_text("%.*s127.0.0.1:%d%s", (int)(star - url), url, at, star + 1)
                : peer_text("%s://127.0.0.1:%d", url, at);
}

static const char *matcher; /* an option, or NULL */

static const struct run_result *try(const struct conversation *conversation, const struct manner *manner)
{
    start(conversation, manner);
    const struct run_result *result =
        peer_probe("-t", peer_text("%dms", TIMEOUT_MS), target_of(conversation, port), matcher, NULL);
    stop();
    return result;
}

static void expect(const struct conversation *conversation, const struct manner *manner, int status, const char *says)
{
    const struct run_result *result = try(conversation, manner);

    if (result->status != status || !strstr(result->out, says) || result->ms - result->stall_ms > TIMEOUT_MS + GRACE_MS)
        fail_msg("%s, silent from %d at %zu: wanted %d and '%s', got %d after %d ms: %s%s", conversation->scheme,
                 manner->silent_from, manner->cut, status, says, result->status, (int)result->ms, result->out,
                 result->err);
}

static int answers_of(const struct conversation *conversation)
{
    int n = 0;

    while (n < ANSWERS_MAX && conversation->answers[n].bytes)
        n++;
    return n;
}

/* Real servers forgive what another one may not: a newer minor version, or a byte too many. */
static void each_request_is_to_the_byte_that_of_its_protocol(void **state)
{
    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++) {
        assert_non_null(conversations[i].requests[conversations[i].greets].bytes);
        expect(&conversations[i], &(struct manner){ .silent_from = -1 }, 0, conversations[i].healthy);
    }
}

static void answers_that_come_byte_by_byte_are_healthy(void **state)
{
    const struct manner slow = { .byte_by_byte = true, .silent_from = -1 };

    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++)
        expect(&conversations[i], &slow, 0, conversations[i].healthy);
}

/* Whether the probe logs in only to leave: its verdict is in the first answer. */
static bool logs_in_to_leave(const struct conversation *conversation)
{
    return strcmp(conversation->scheme, "mysql") == 0 || strcmp(conversation->scheme, "amqp") == 0;
}

/* Leaving takes 100 ms where the server does not close the connection, as none of these does. */
static void what_leaving_takes_is_no_part_of_the_latency(void **state)
{
    (void)state;
    matcher = "--max-latency=90ms";
    for (int i = 0; i < CONVERSATIONS; i++)
        for (int late = 0; late < (logs_in_to_leave(&conversations[i]) ? answers_of(&conversations[i]) : 1); late++) {
            const struct run_result *result;
            int tries = 0;
            do
                result = try(&conversations[i], &(struct manner){ .silent_from = -1, .late = late });
            while (stall_spoils(result, conversations[i].healthy, &tries));
            assert_says(result, conversations[i].healthy);
        }
    matcher = NULL;
}

static void a_login_that_the_url_has_is_part_of_the_latency(void **state)
{
    (void)state;
    matcher = "--max-latency=90ms";
    for (int i = 0; i < CONVERSATIONS; i++) {
        struct conversation named = conversations[i];
        if (strcmp(named.scheme, "amqp") == 0)
            named.scheme = "amqp://guest:guest@*";
        for (int late = 1; strchr(named.scheme, '@') && late < answers_of(&named); late++)
            expect(&named, &(struct manner){ .silent_from = -1, .late = late }, 1, "ms, more than 90ms");
    }
    matcher = NULL;
}

/* The verdict is in the first answer, but a server that stops in the middle of a login is not well either. */
static void silence_in_each_phase_ends_at_the_deadline(void **state)
{
    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++)
        for (int phase = 0; phase < answers_of(&conversations[i]); phase++) {
            size_t half = conversations[i].answers[phase].length / 2;
            /* over loopback, mysql is left before its last answer */
            if (strcmp(conversations[i].scheme, "mysql") == 0 && phase == 2)
                continue;
            const struct manner silent = { .silent_from = phase }, halved = { .silent_from = phase, .cut = half };
            expect(&conversations[i], &silent, 1, "timed out after 300ms ");
            expect(&conversations[i], &halved, 1, "timed out after 300ms ");
        }
}

static void an_end_before_the_first_answer_is_unhealthy(void **state)
{
    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++) {
        size_t half = conversations[i].answers[0].length / 2 - 2;
        const char *says = strchr(conversations[i].scheme, '@') ? "while logging in" : "while waiting for";
        expect(&conversations[i], &(struct manner){ .then_closes = true }, 1, says);
        expect(&conversations[i], &(struct manner){ .cut = half, .then_closes = true }, 1, says);
    }
}

static void nonsense_is_unhealthy_and_not_shown(void **state)
{
    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++)
        expect(&conversations[i], &(struct manner){ .silent_from = -1, .talks_nonsense = true }, 1,
               peer_text("does not speak %.*s", scheme_length(&conversations[i]), conversations[i].scheme));
}

static void the_protocol_of_another_service_is_recognised(void **state)
{
    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++) {
        struct conversation other = { .scheme = conversations[i].scheme,
                                      .greets = conversations[i].greets,
                                      .answers = { PIECE("HTTP/1.1 400 Bad Request\r\n\r\n") } };
        expect(&other, &(struct manner){ .silent_from = -1 }, 1, "does not speak");
    }
}

/* What goes on may be anything, and is no agreement. */
static void amqp_lets_a_user_in_by_the_methods_that_say_so_alone(void **state)
{
    static const struct piece start = PIECE("\1\0\0\0\0\0\x0a\0\x0a\0\x0a\0\x09\0\0\0\0\xce"),
                              tune = PIECE("\1\0\0\0\0\0\x0c\0\x0a\0\x1e\x07\xff\0\2\0\0\0\x3c\xce"),
                              open_ok = PIECE("\1\0\0\0\0\0\5\0\x0a\0\x29\0\xce"),
                              close_ok = PIECE("\1\0\0\0\0\0\4\0\x0a\0\x33\xce");
    const struct conversation good = { .scheme = "amqp://u:p@*", .answers = { start, tune, open_ok, close_ok } };
    const struct manner plain = { .silent_from = -1 };

    (void)state;
    expect(&good, &plain, 0, "starts a connection");
    for (int i = 1; i < 4; i++) {
        struct conversation other = good;
        other.answers[i] = start;
        expect(&other, &plain, 1, "does not speak amqp\n");
    }
}

#define SALT20 "12345678901234567890"

/* Whatever it is sent, the server then lets the user in: the probe alone can refuse. */
static void mysql_answers_no_plugin_but_those_that_are_supported(void **state)
{
    static const struct piece greeting = PIECE("\x0f\0\0\0\x0a"
                                               "8.0\0rest of it"),
                              native = PIECE("\x2c\0\0\2\xfemysql_native_password\0" SALT20 "\0"),
                              sha256 = PIECE("\x26\0\0\2\xfesha256_password\0" SALT20 "\0"),
                              clear = PIECE("\x16\0\0\2\xfemysql_clear_password\0"),
                              saltless = PIECE("\x17\0\0\2\xfemysql_native_password\0"),
                              ok = PIECE("\7\0\0\4\0\0\0\2\0\0\0");
    /* its number has the byte by which a server asks for the password itself */
    static const struct piece error = PIECE("\x0b\0\0\2\xff\4\4#HY000ab");
    static const struct {
        const struct piece *answer;
        int status;
        const char *says;
    } rows[] = {
        { &native, 0, "version 8.0" },
        { &sha256, 1, "wants a kind of login that is not supported\n" },
        { &clear, 1, "wants a kind of login that is not supported\n" },
        { &saltless, 1, "wants a kind of login that is not supported\n" },
        { &error, 1, "error 1028" },
    };
    const struct manner plain = { .silent_from = -1 };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct conversation talk = { .scheme = "mysql://u:p@*",
                                           .greets = true,
                                           .answers = { greeting, *rows[i].answer, ok, ok } };
        expect(&talk, &plain, rows[i].status, rows[i].says);
    }
}

/* What a server that speaks TLS alone says to a client that does not: unexpected_message. */
static void an_alert_of_tls_is_taken_for_one(void **state)
{
    char *kinds = strdup(probe("--list-probes", NULL)->out);

    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++) {
        struct conversation other = conversations[i];
        const char *kind = format("%.*s", scheme_length(&other), other.scheme);
        bool over_tls = strstr(kinds, format("%s[s]", kind)) != NULL;
        other.answers[0] = (struct piece)PIECE("\x15\3\3\0\2\2\x0a");
        expect(&other, &(struct manner){ .silent_from = -1 }, 1,
               over_tls ? format("  does not speak %s (is it TLS: %ss://?)\n", kind, kind)
                        : format("  does not speak %s\n", kind));
    }
    free(kinds);
}

static void find_row(const char *scheme, bool tls, void *found)
{
    /* what is no service, has another name here, or a test of its own */
    static const char others[] = " http tcp unix grpc listen file process pidfile valkey postgres mariadb dns ";

    if (tls || strchr(scheme, '+') || strstr(others, format(" %s ", scheme)))
        return;
    for (int i = 0; i < CONVERSATIONS; i++)
        if (strcmp(conversations[i].scheme, scheme) == 0) {
            ++*(size_t *)found;
            return;
        }
    fail_msg("%s: no row of conversations", scheme);
}

static void each_service_is_among_these(void **state)
{
    size_t found = 0;

    (void)state;
    tour_schemes(find_row, &found);
    assert_at_least(found, 8);
}

static void a_port_that_nobody_listens_on_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < CONVERSATIONS; i++)
        peer_expect(target_of(&conversations[i], peer_port()), 1, "connection refused");
}

/* Where matchers judge it, an answer is taken as it comes, and not as a whole. */
static void a_page_of_fcgi_is_judged_in_any_manner(void **state)
{
    const struct conversation page = { .scheme = "fcgi",
                                       .answers = { PIECE("\1\6\0\1\0\6\2\0\r\npong\0\0"
                                                          "\1\3\0\1\0\x08\0\0\0\0\0\0\0\0\0\0") } };

    (void)state;
    matcher = "-bpong";
    expect(&page, &(struct manner){ .byte_by_byte = true, .silent_from = -1 }, 0, "200");
    expect(&page, &(struct manner){ .silent_from = 0 }, 1, "timed out after 300ms waiting for the page");
    expect(&page, &(struct manner){ .cut = 16 }, 1, "timed out after 300ms reading the page");
    expect(&page, &(struct manner){ .then_closes = true }, 1, "while waiting for the page");
    expect(&page, &(struct manner){ .cut = 16, .then_closes = true }, 1, "while reading the page\n");
    expect(&page, &(struct manner){ .silent_from = -1, .talks_nonsense = true }, 1, "does not speak fcgi");
    matcher = NULL;
}

/* Records of FastCGI, again and again, of which the first bytes are HEAD. */
static void expect_of_flood(const char head[8], const char *option, int status, const char *says)
{
    static char records[16384]; /* the head, the content, 255 bytes of padding */
    struct script_step steps[] = { { .verb = SCRIPT_REPEAT, .bytes = records, .length = sizeof records }, { 0 } };
    struct script_server flood;

    memset(records, '\n', sizeof records);
    memcpy(records, head, 8);
    script_start(&flood, "127.0.0.1", steps);
    const struct run_result *result = peer_probe("-t10s", option, peer_text("fcgi://127.0.0.1:%d/a", flood.port), NULL);
    script_stop(&flood);
    if (result->status != status || !strstr(result->out, says) ||
        (!getenv("PITH_INSTRUMENTED") && result->usage.ru_maxrss > 8 * 1024))
        fail_msg("wanted %d and '%s', got %d with %ld KiB: %s", status, says, result->status, result->usage.ru_maxrss,
                 result->out);
}

static void a_page_without_end_is_judged_by_its_beginning(void **state)
{
    static const char output[8] = "\1\6\0\1\x3e\xf9\xff", errors[8] = "\1\7\0\1\x3e\xf9\xff";

    (void)state;
    expect_of_flood(output, "-s200", 0, "200");
    expect_of_flood(output, "-bpong", 1, "does not contain 'pong' in its first MiB\n");
    expect_of_flood(output, "--json=a=b", 1, "longer than 1 MiB");
    expect_of_flood(errors, "-bpong", 1, "does not speak fcgi\n");
}

static void what_is_no_page_is_told_whatever_is_wanted(void **state)
{
    static const char overloaded[] = "\1\3\0\1\0\x08\0\0\0\0\0\0\2\0\0",
                      two[] = "\1\6\0\1\0\x1d\0\0Status: 404\nStatus: 200\n\npong"
                              "\1\3\0\1\0\x08\0\0\0\0\0\0\0\0\0";
    static const struct {
        const char *bytes;
        size_t length;
        const char *says;
    } rows[] = { { overloaded, sizeof overloaded, "  overloaded\n" }, { two, sizeof two, "  does not speak fcgi\n" } };
    static const char *const options[] = { "-v", "-s404", "-bpong" };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t o = 0; o < COUNT(options); o++) {
            const struct script_step steps[] = {
                { .verb = SCRIPT_SEND, .bytes = rows[i].bytes, .length = rows[i].length },
                { .verb = SCRIPT_HOLD },
                { 0 }
            };
            struct script_server fcgi;
            script_start(&fcgi, "127.0.0.1", steps);
            const struct run_result *result =
                peer_probe(options[o], peer_text("fcgi://127.0.0.1:%d/a", fcgi.port), NULL);
            script_stop(&fcgi);
            assert_status(result, 1);
            assert_says(result, rows[i].says);
        }
}

/* A server that never answers is not asked. */
static void a_name_that_cannot_be_sent_is_told(void **state)
{
    static const struct {
        const char *target; /* %d: the port, %s: letters */
        int letters;
        const char *says;
    } rows[] = {
        { "amqp://127.0.0.1:%d/%.*s", 128, "the user, password or virtual host is too long\n" },
        { "postgresql://127.0.0.1:%d/%.*s", 600, "the name of the user or database is too long\n" },
        { "mysql://u@127.0.0.1:%d/%.*s", 129, "the name of the user or database is too long\n" },
        { "fcgi://127.0.0.1:%d/%.*s", 1024, "the path is longer than 1024 bytes" },
        { "tcp://[::1%%eth0123456789abcdef]:%d%.*s", 0, "there is no such interface" },
    };
    char letters[1200];
    int listener = listener_open(COUNT(rows) + 2, &port);

    (void)state;
    memset(letters, 'x', sizeof letters);
    for (size_t i = 0; i < COUNT(rows); i++)
        peer_expect(format(rows[i].target, port, rows[i].letters, letters), 1, rows[i].says);
    peer_expect(format("mysql://%.81s@127.0.0.1:%d/d", letters, port), 1,
                "the name of the user or database is too long\n");
    assert_says(probe("-t", "300ms", format("mysql://%.80s@127.0.0.1:%d/%.128s", letters, port, letters), NULL),
                "timed out after 300ms ");
    close(listener);
    peer_expect(format("process://%.*s", 300, letters), 1, "  the name is too long\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_to_the_byte_that_of_its_protocol),
        cmocka_unit_test(answers_that_come_byte_by_byte_are_healthy),
        cmocka_unit_test(what_leaving_takes_is_no_part_of_the_latency),
        cmocka_unit_test(a_login_that_the_url_has_is_part_of_the_latency),
        cmocka_unit_test(silence_in_each_phase_ends_at_the_deadline),
        cmocka_unit_test(an_end_before_the_first_answer_is_unhealthy),
        cmocka_unit_test(nonsense_is_unhealthy_and_not_shown),
        cmocka_unit_test(the_protocol_of_another_service_is_recognised),
        cmocka_unit_test(amqp_lets_a_user_in_by_the_methods_that_say_so_alone),
        cmocka_unit_test(mysql_answers_no_plugin_but_those_that_are_supported),
        cmocka_unit_test(an_alert_of_tls_is_taken_for_one),
        cmocka_unit_test(each_service_is_among_these),
        cmocka_unit_test(a_port_that_nobody_listens_on_is_refused),
        cmocka_unit_test(a_page_of_fcgi_is_judged_in_any_manner),
        cmocka_unit_test(a_page_without_end_is_judged_by_its_beginning),
        cmocka_unit_test(what_is_no_page_is_told_whatever_is_wanted),
        cmocka_unit_test(a_name_that_cannot_be_sent_is_told),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, NULL, peer_clean);
}
