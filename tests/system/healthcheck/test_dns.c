/* dns:// against a name server that lies, loses and mumbles, and against unbound and knot. */
#include "support/nameserver.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDS_MAX = 32, MANY = 300, FORMERR = 1, NOTIMP = 4, NS = NAMESERVER_NS };

static const uint8_t ipv4[] = { 10, 0, 0, 1 };

/* What the server has seen: how often, and by which ids. */
static atomic_uint asked;
static _Atomic(uint16_t) ids[IDS_MAX];

/* --- a server of our own ----------------------------------------------------------------------- */

static size_t put_many(uint8_t *message)
{
    size_t length = nameserver_rcode(message, 0);
    for (int i = 0; i < MANY; i++)
        length = nameserver_add(message, length, NAMESERVER_A, ipv4, sizeof ipv4);
    return length;
}

/* What stands in the first label of a name is what becomes of it: `byte13` has byte 13 of the answer changed. */
static size_t answer(uint8_t *message, size_t length, bool tcp)
{
    static const struct {
        const char *label;
        unsigned rcode;
    } errors[] = { { "formerr", FORMERR }, { "servfail", NAMESERVER_SERVFAIL }, { "nxdomain", NAMESERVER_NXDOMAIN },
                   { "notimp", NOTIMP },   { "refused", NAMESERVER_REFUSED },   { "rcode15", 15 } };
    unsigned count = atomic_fetch_add(&asked, 1), at;

    atomic_store(&ids[count % IDS_MAX], (uint16_t)(message[0] << 8 | message[1]));
    if (nameserver_asked(message, "silent") || (nameserver_asked(message, "lost") && count == 0))
        return 0;
    if (nameserver_asked(message, "garbage")) {
        for (size_t i = 0; i < 100; i++)
            message[i] = (uint8_t)(i * 31 + 7);
        return 100;
    }
    if (nameserver_asked(message, "echo"))
        return length;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (nameserver_asked(message, errors[i].label))
            return nameserver_rcode(message, errors[i].rcode);
    if (nameserver_asked(message, "bare")) { /* nothing but the header */
        nameserver_rcode(message, NAMESERVER_REFUSED);
        message[5] = 0;
        return NAMESERVER_HEAD;
    }
    if (nameserver_asked(message, "many") || nameserver_asked(message, "onlyudp")) {
        if (tcp)
            return nameserver_asked(message, "many") ? put_many(message) : 0;
        return nameserver_truncated(message);
    }
    if (nameserver_asked(message, "cut")) { /* by TCP, in the middle of a record */
        if (tcp)
            return put_many(message) - 5;
        return nameserver_truncated(message);
    }
    if (nameserver_asked(message, "foreign")) { /* by TCP */
        message[0] ^= tcp;
        return tcp ? nameserver_rcode(message, 0) : nameserver_truncated(message);
    }
    if (nameserver_type(message) == NAMESERVER_AAAA)
        return nameserver_rcode(message, 0);
    length = nameserver_rcode(message, 0);
    size_t record = length;
    length = nameserver_add(message, length, nameserver_type(message), ipv4, sizeof ipv4);
    if (nameserver_asked(message, "loop"))
        message[record + 1] = (uint8_t)record;
    if (nameserver_asked(message, "short"))
        length -= 2;
    /* the first answer is for somebody else */
    if (count == 0 && nameserver_asked(message, "later"))
        message[0] ^= 1;
    char label[64] = "";
    memcpy(label, message + NAMESERVER_HEAD + 1, message[NAMESERVER_HEAD] % sizeof label);
    if (sscanf(label, "byte%u", &at) == 1)
        message[at] ^= 1;
    return length;
}

static struct nameserver server;

static int start_server(void **state)
{
    (void)state;
    nameserver_start(&server, "127.0.0.1", 0, answer);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    nameserver_stop(&server);
    return 0;
}

/* The probe of what stands behind the port. */
static const struct run_result *ask(const char *timeout, const char *rest)
{
    atomic_store(&asked, 0);
    return probe("-t", timeout, format("dns://127.0.0.1:%u%s", server.port, rest), NULL);
}

static void expect(const char *rest, int status, const char *says)
{
    const struct run_result *result = ask("3s", rest);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("%s: wanted %d and '%s', got %d: %s%s", rest, status, says, result->status, result->out, result->err);
}

static void a_name_that_is_answered_with_noerror_is_healthy(void **state)
{
    (void)state;
    expect("/a.example", 0, "  NOERROR with 1 record in ");
    expect("/a.example.?type=a", 0, "  NOERROR with 1 record in ");
    expect("/a.example?type=TXT", 0, "  NOERROR with 1 record in ");
    expect("/a.example?type=65535", 0, "  NOERROR with 1 record in ");
    expect("/.?type=SOA", 0, "  NOERROR with 1 record in ");
    expect("/0%2F25.2.0.192.in-addr.arpa?type=PTR", 0, "  NOERROR with 1 record in ");
    /* the name is there, if not with such an address (NODATA of RFC 2308) */
    expect("/a.example?type=AAAA", 0, "  NOERROR without a record of this type in ");
}

static void an_error_is_named(void **state)
{
    (void)state;
    expect("/formerr.example", 1, "  answered FORMERR\n");
    expect("/servfail.example", 1, "  answered SERVFAIL\n");
    expect("/nxdomain.example", 1, "  answered NXDOMAIN\n");
    expect("/notimp.example", 1, "  answered NOTIMP\n");
    expect("/refused.example", 1, "  answered REFUSED\n");
    expect("/bare.example", 1, "  answered REFUSED\n");
    expect("/rcode15.example", 1, "  answered RCODE 15\n");
}

static unsigned nameless_rcode;

static size_t answer_nameless(uint8_t *message, size_t length, bool tcp)
{
    static const uint8_t root_ns[] = { 0, 0, NS, 0, 1 };
    bool good = !tcp && length == NAMESERVER_HEAD + sizeof root_ns && message[2] == 0 &&
                memcmp(message + NAMESERVER_HEAD, root_ns, sizeof root_ns) == 0;

    return good ? nameserver_rcode(message, nameless_rcode) : 0;
}

/* The question is for the root's name servers, and does not want the server to ask others. */
static void without_a_name_any_answer_is_healthy_but_formerr(void **state)
{
    static const char *const says[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
    static struct nameserver nameless;

    (void)state;
    nameserver_start(&nameless, "127.0.0.1", 0, answer_nameless);
    for (nameless_rcode = 0; nameless_rcode < sizeof says / sizeof says[0]; nameless_rcode++) {
        bool healthy = nameless_rcode != FORMERR;
        const struct run_result *result =
            probe(format(nameless_rcode % 2 ? "dns://127.0.0.1:%u/" : "dns://127.0.0.1:%u", nameless.port), NULL);
        if (result->status == healthy || !strstr(result->out, format("  answered %s", says[nameless_rcode])))
            fail_msg("RCODE %u: %d: %s", nameless_rcode, result->status, result->out);
    }
    nameserver_stop(&nameless);
}

static void what_is_no_answer_to_the_question_is_not_taken_for_one(void **state)
{
    static const char *const names[] = {
        "garbage", "echo",   "byte0", "byte1", /* the id */
        "byte5",                               /* so many questions */
        "byte13",  "byte18",                   /* the name */
        "byte21",  "byte23",                   /* the type, the class */
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *says = "  timed out after 150ms hearing only what is no answer to the question (127.0.0.1)\n";
        const struct run_result *result = ask("150ms", format("/%s", names[i]));
        if (result->status != 1 || !strstr(result->out, says))
            fail_msg("%s: %d: %s%s", names[i], result->status, result->out, result->err);
    }
    expect("/loop.example", 1, "  sent an answer that cannot be read\n");
    expect("/short.example", 1, "  sent an answer that cannot be read\n");
    expect("/later.example", 0, "  NOERROR with 1 record in ");
    assert_int_equal(atomic_load(&asked), 2);
}

static void a_lost_datagram_is_sent_again(void **state)
{
    static const char *const timeouts[] = { "2s", "400ms" };

    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct run_result *result = ask(timeouts[i], "/lost.example");
        assert_status(result, 0);
        assert_int_equal(atomic_load(&asked), 2);
    }
}

/* A server that is busy is not asked much more often than by others. */
static void silence_ends_at_the_deadline(void **state)
{
    (void)state;
    const struct run_result *result = ask("600ms", "/silent.example");
    assert_status(result, 1);
    assert_says(result, "  timed out after 600ms waiting for the answer (127.0.0.1)\n");
    assert_took(result, 600, 600 + GRACE_MS);
    assert_in_range(atomic_load(&asked), 2, 3);
    result = ask("2s", "/silent.example");
    assert_took(result, 2000, 2000 + GRACE_MS);
    assert_in_range(atomic_load(&asked), 2, 4);
}

static void where_nobody_is_the_line_says_so(void **state)
{
    (void)state;
    uint16_t port = script_free_port("127.0.0.1");
    const struct run_result *result = probe("--no-hints", format("dns://127.0.0.1:%u", port), NULL);
    assert_status(result, 1);
    assert_says(result, "  connection refused (127.0.0.1)\n");
    result = probe(format("dns://localhost:%u", port), NULL);
    assert_says(result, "  connection refused (127.0.0.1, ::1)\n");
}

static void what_is_truncated_is_asked_for_by_tcp(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        server.drips = i == 1;
        expect("/many.example", 0, "  NOERROR with 300 records by TCP in ");
    }
    server.drips = false;
    expect("/cut.example", 1, "  sent an answer that cannot be read\n");
    expect("/foreign.example", 1, "  sent by TCP what is no answer to the question\n");
    expect("/onlyudp.example", 1, "  connection closed while waiting for the answer by TCP\n");
}

static void without_tcp_a_truncated_answer_is_unhealthy(void **state)
{
    static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
    static struct nameserver only_udp;
    static struct script_server silent;

    (void)state;
    nameserver_start_udp(&only_udp, "127.0.0.1", 0, answer);
    const char *target = format("dns://127.0.0.1:%u/many.example", only_udp.port);
    const struct run_result *result = probe(target, NULL);
    assert_status(result, 1);
    assert_says(result, "  connection refused (127.0.0.1) by TCP, after a truncated answer by UDP\n");
    script_start_port(&silent, "127.0.0.1", only_udp.port, silence);
    result = probe("-t300ms", target, NULL);
    assert_status(result, 1);
    assert_says(result, "  timed out after 300ms waiting for the answer by TCP\n");
    assert_took(result, 300, 300 + GRACE_MS);
    script_stop(&silent);
    nameserver_stop(&only_udp);
}

static void each_address_is_asked(void **state)
{
    static struct nameserver other;
    const struct run_result *result;

    (void)state;
    const char *target = format("dns://localhost:%u/a.example", server.port);
    assert_status(probe("-t1s", target, NULL), 0); /* nobody is at ::1 */
    nameserver_start(&other, "::1", server.port, nameserver_silence);
    assert_status(probe("-t1s", target, NULL), 0);
    assert_status(probe("-t1s", "-4", target, NULL), 0);
    assert_status(probe("-t200ms", "-6", target, NULL), 1);
    nameserver_stop(&other);
    stop_server(NULL);
    nameserver_start(&other, "::1", server.port, answer);
    assert_status(probe("-t1s", target, NULL), 0); /* nobody is at 127.0.0.1 */
    nameserver_start(&server, "127.0.0.1", server.port, nameserver_silence);
    result = probe("-t1s", "-ojson", target, NULL);
    assert_status(result, 0);
    assert_says(result, format("\"address\":\"[::1]:%u\"", server.port));
    assert_took(result, 100, 500 + GRACE_MS);
    nameserver_stop(&server);
    nameserver_start(&server, "127.0.0.1", other.port, answer);
    nameserver_stop(&other);
}

static int compare(const void *a, const void *b)
{
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* Of so few random numbers hardly two are the same. */
static void ids_cannot_be_guessed(void **state)
{
    uint16_t seen[IDS_MAX];
    int different = 1;

    (void)state;
    for (int i = 0; i < IDS_MAX; i++) {
        assert_status(ask("1s", "/a.example"), 0);
        seen[i] = atomic_load(&ids[0]);
    }
    qsort(seen, IDS_MAX, sizeof seen[0], compare);
    for (int i = 1; i < IDS_MAX; i++)
        different += seen[i] != seen[i - 1];
    assert_in_range(different, IDS_MAX - 3, IDS_MAX);
}

/* Answers the first question from another port, and from another address. */
static void *answer_from_elsewhere(void *fd_)
{
    struct sockaddr_in from, elsewhere = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr("127.0.0.2") };
    socklen_t size = sizeof from;
    uint8_t message[NAMESERVER_MAX];
    int fd = *(int *)fd_;
    ssize_t n = recvfrom(fd, message, sizeof message, 0, (struct sockaddr *)&from, &size);

    assert_true(n > 0);
    for (int i = 0; i < 2; i++) {
        int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (i == 1)
            assert_int_equal(bind(other, (struct sockaddr *)&elsewhere, sizeof elsewhere), 0);
        size_t length = nameserver_rcode(message, 0);
        assert_int_equal(sendto(other, message, length, 0, (struct sockaddr *)&from, size), length);
        close(other);
    }
    return NULL;
}

/* A socket at a free port of 127.0.0.1, for what no name server does. */
static int open_datagrams(uint16_t *own_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *own_port = ntohs(address.sin_port);
    return fd;
}

static void an_answer_from_elsewhere_does_not_count(void **state)
{
    uint16_t own_port;
    int fd = open_datagrams(&own_port);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, answer_from_elsewhere, &fd), 0);
    const struct run_result *result = probe("-t300ms", format("dns://127.0.0.1:%u/a", own_port), NULL);
    pthread_join(thread, NULL);
    close(fd);
    assert_status(result, 1);
    assert_says(result, "  timed out after 300ms waiting for the answer (127.0.0.1)\n");
}

static atomic_bool flooding;

/* Answers the first question by nonsense without end. */
static void *flood(void *fd_)
{
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    uint8_t message[NAMESERVER_MAX];
    int fd = *(int *)fd_;

    assert_true(recvfrom(fd, message, sizeof message, 0, (struct sockaddr *)&from, &size) > 0);
    memset(message, 7, sizeof message);
    for (size_t i = 0; atomic_load(&flooding); i++)
        sendto(fd, message, i % 5000, 0, (struct sockaddr *)&from, size);
    return NULL;
}

static void a_flood_of_other_datagrams_ends_at_the_deadline(void **state)
{
    uint16_t own_port;
    int fd = open_datagrams(&own_port);
    pthread_t thread;

    (void)state;
    atomic_store(&flooding, true);
    assert_int_equal(pthread_create(&thread, NULL, flood, &fd), 0);
    const struct run_result *result = probe("-t400ms", format("dns://127.0.0.1:%u/a", own_port), NULL);
    atomic_store(&flooding, false);
    pthread_join(thread, NULL);
    close(fd);
    assert_status(result, 1);
    assert_says(result, "  timed out after 400ms hearing only what is no answer to the question (127.0.0.1)\n");
    assert_took(result, 400, 400 + GRACE_MS);
}

static void what_a_url_cannot_ask_is_a_usage_error(void **state)
{
    static const struct {
        const char *target, *says;
    } rows[] = {
        { "dns://localhost/a?type=NO", "is no type of record" },
        { "dns://localhost/a?type=0", "is no type of record" },
        { "dns://localhost/a?type=65536", "is no type of record" },
        { "dns://localhost/a?type=", "" },
        { "dns://localhost/a?type=A&type=B", "is there twice" },
        { "dns://localhost/a?class=IN", "no query that this kind" },
        { "dns://localhost?type=A", "needs a name" },
        { "dns://localhost/?type=A", "needs a name" },
        { "dns://localhost/a..b", "empty label" },
        { "dns://localhost/.a", "empty label" },
        { "dns://localhost/a/b", "%2F" },
        { "dns://localhost/a/", "%2F" },
        { "dns://localhost/a%20b", "a character" },
        { "dns://localhost/b%C3%BCcher.example", "xn--" },
        { "dns://localhost/aaaaaaaabbbbbbbbccccccccddddddddeeeeeeeeffffffffgggggggghhhhhhhh", "longer than 63" },
        { "dns://user@localhost/a", "user or password" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct run_result *result = probe(rows[i].target, NULL);
        if (result->status != 1 || result->out_length > 0 || !strstr(result->err, rows[i].says) || !result->err_length)
            fail_msg("%s: %d: %s%s", rows[i].target, result->status, result->out, result->err);
    }
}

static void tries_and_several_targets_work_like_one(void **state)
{
    (void)state;
    const char *good = format("dns://127.0.0.1:%u/a.example", server.port);
    const struct run_result *result = probe(good, format("dns://localhost:%u/nxdomain", server.port),
                                            format("dns://127.0.0.1:%u", server.port), NULL);
    assert_status(result, 1);
    assert_says(result, "/nxdomain  answered NXDOMAIN\n");
    assert_status(probe("--any", format("dns://127.0.0.1:%u/nxdomain", server.port), good, NULL), 0);
    assert_status(probe("--wait=2s", "-t100ms", "-i10ms", format("dns://127.0.0.1:%u/lost", server.port), NULL), 0);
    assert_status(probe("--hold=100ms", "-i20ms", format("--hold-state=%s", peer_directory()), good, NULL), 0);
    assert_status(probe(good, "--", "true", NULL), 0);
    result = probe("-v", good, NULL);
    assert_says(result, format("127.0.0.1:%u  resolve ", server.port));
    assert_says(result, "first byte ");
}

/* --- real servers ------------------------------------------------------------------------------ */

static pid_t real;
static int port;

static int stop_real(void **state)
{
    peer_stop(real, SIGTERM);
    return stop_server(state);
}

static void expect_real(const char *rest, int status, const char *says)
{
    peer_expect(peer_text("dns://127.0.0.1:%d%s", port, rest), status, says);
}

static void start_unbound(const char *access)
{
    static const char many[] = "local-data: 'many.test. TXT \"%03d 0123456789012345678901234567890123456789\"'\n";
    char records[8192] = "";

    port = peer_port();
    for (int i = 0; i < 40; i++)
        sprintf(records + strlen(records), many, i);
    peer_write("unbound.conf",
               "server:\ndirectory: \"%s\"\nchroot: \"\"\nusername: \"\"\npidfile: \"\"\ninterface: 127.0.0.1\n"
               "interface: ::1\nport: %d\ndo-daemonize: no\nuse-syslog: no\nlogfile: \"\"\nnum-threads: 1\n"
               "so-rcvbuf: 0\nmodule-config: \"iterator\"\ndo-not-query-localhost: no\naccess-control: 127.0.0.0/8 %s\n"
               "local-zone: \"test.\" static\nlocal-data: \"a.test. A 10.0.0.1\"\n"
               "local-data: \"6.test. AAAA fd00::1\"\nlocal-zone: \"closed.example.\" refuse\n%s"
               "forward-zone:\nname: \"other.example.\"\nforward-addr: 127.0.0.1@%d\n",
               peer_directory(), port, access, records, server.port);
    real = peer_start("unbound.log", (char *[]){ (char *)"unbound", (char *)"-d", (char *)"-c",
                                                 (char *)peer_path("unbound.conf"), NULL });
    peer_await(peer_text("listen+udp://127.0.0.1:%d", port));
}

static void unbound_is_judged_by_what_it_answers(void **state)
{
    static const char *const words[] = { "warn", "error", "fatal", NULL };

    (void)state;
    start_unbound("allow");
    expect_real("/a.test", 0, "  NOERROR with 1 record in ");
    expect_real("/A.Test.", 0, "  NOERROR with 1 record in ");
    expect_real("/a.test?type=AAAA", 0, "  NOERROR without a record of this type in ");
    expect_real("/6.test?type=AAAA", 0, "  NOERROR with 1 record in ");
    expect_real("/many.test?type=TXT", 0, "  NOERROR with 40 records by TCP in ");
    expect_real("/no.test", 1, "  answered NXDOMAIN\n");
    expect_real("/www.closed.example", 1, "  answered REFUSED\n");
    expect_real("/a.other.example", 0, "  NOERROR with 1 record in ");
    expect_real("/servfail.other.example", 1, "  answered SERVFAIL\n");
    expect_real("/nxdomain.other.example", 1, "  answered NXDOMAIN\n");
    expect_real("", 0, "  answered ");
    peer_probe_often(peer_text("dns://localhost:%d/a.test", port));
    assert_false(peer_complains("unbound.log", 0, words));
}

/* Who is not let in is refused without a repetition of the question. */
static void unbound_that_lets_nobody_in_answers(void **state)
{
    (void)state;
    start_unbound("refuse");
    expect_real("/a.test", 1, "  answered REFUSED\n");
    expect_real("", 0, "  answered REFUSED in ");
}

static void knot_is_judged_by_what_it_answers(void **state)
{
    char records[8192] = "";

    (void)state;
    port = peer_port();
    for (int i = 0; i < 60; i++)
        sprintf(records + strlen(records), "many A 10.0.1.%d\n", i);
    peer_write("test.zone", "$ORIGIN test.\n$TTL 60\n@ SOA a b 1 60 60 60 60\n@ NS a\na A 10.0.0.1\nw CNAME a\n%s",
               records);
    peer_write("knot.conf",
               "server:\n    rundir: \"%s\"\n    listen: [ 127.0.0.1@%d, ::1@%d ]\n    udp-workers: 1\n"
               "    tcp-workers: 1\n    background-workers: 1\n"
               "database:\n    storage: \"%s\"\nlog:\n  - target: stderr\n    any: info\n"
               "template:\n  - id: default\n    storage: \"%s\"\nzone:\n  - domain: test\n    file: test.zone\n"
               "  - domain: lost\n    file: lost.zone\n",
               peer_directory(), port, port, peer_directory(), peer_directory());
    real = peer_start("knot.log", (char *[]){ (char *)"knotd", (char *)"-c", (char *)peer_path("knot.conf"), NULL });
    peer_await(peer_text("dns://127.0.0.1:%d/a.test", port));
    expect_real("/a.test", 0, "  NOERROR with 1 record in ");
    expect_real("/w.test", 0, "  NOERROR with 1 record in "); /* by an alias */
    expect_real("/test?type=SOA", 0, "  NOERROR with 1 record in ");
    expect_real("/a.test?type=AAAA", 0, "  NOERROR without a record of this type in ");
    expect_real("/many.test", 0, "  NOERROR with 60 records by TCP in ");
    expect_real("/no.test", 1, "  answered NXDOMAIN\n");
    expect_real("/www.lost", 1, "  answered SERVFAIL\n"); /* its file is not there */
    expect_real("/www.example", 1, "  answered REFUSED\n");
    expect_real("", 0, "  answered REFUSED in ");
}

#define OWN(test)  cmocka_unit_test_setup_teardown(test, start_server, stop_server)
#define REAL(test) cmocka_unit_test_setup_teardown(test, start_server, stop_real)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OWN(a_name_that_is_answered_with_noerror_is_healthy),
        OWN(an_error_is_named),
        cmocka_unit_test(without_a_name_any_answer_is_healthy_but_formerr),
        OWN(what_is_no_answer_to_the_question_is_not_taken_for_one),
        OWN(a_lost_datagram_is_sent_again),
        OWN(silence_ends_at_the_deadline),
        cmocka_unit_test(where_nobody_is_the_line_says_so),
        OWN(what_is_truncated_is_asked_for_by_tcp),
        cmocka_unit_test(without_tcp_a_truncated_answer_is_unhealthy),
        OWN(each_address_is_asked),
        OWN(ids_cannot_be_guessed),
        cmocka_unit_test(an_answer_from_elsewhere_does_not_count),
        cmocka_unit_test(a_flood_of_other_datagrams_ends_at_the_deadline),
        cmocka_unit_test(what_a_url_cannot_ask_is_a_usage_error),
        OWN(tries_and_several_targets_work_like_one),
        REAL(unbound_is_judged_by_what_it_answers),
        REAL(unbound_that_lets_nobody_in_answers),
        REAL(knot_is_judged_by_what_it_answers),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, NULL, peer_clean);
}
