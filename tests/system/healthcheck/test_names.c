/* Names of other hosts: search lists and ndots as engines write them, names that appear later, unbound in between. */
#include "support/nameserver.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DNS_PORT = 53, LOG_SIZE = 4096 };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The names that were asked for, each with a space behind it, and how often one will not be there yet. */
static char asked_a[LOG_SIZE], asked_aaaa[LOG_SIZE];
static atomic_int absences;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct script_server ipv4, ipv6;

/* --- a name server ----------------------------------------------------------------------------- */

/* The name in a question as people write it, without a dot at its end. In static storage; the caller has the lock. */
static const char *name_in(const uint8_t *message)
{
    static char name[256];
    size_t length = 0;

    for (const uint8_t *label = message + NAMESERVER_HEAD; *label; label += 1 + *label) {
        memcpy(name + length, label + 1, *label);
        length += *label;
        name[length++] = '.';
    }
    name[length > 0 ? length - 1 : 0] = '\0';
    return name;
}

/*
 * Names that are there, and how each family is answered: '+' with an address, '0' without one, 'T' truncated over UDP,
 * 'N' NXDOMAIN, 'S' SERVFAIL, 'R' REFUSED, ' ' not at all.
 */
static const struct {
    const char *name;
    char a, aaaa;
} zone[] = {
    { "db.ns.svc.cluster.local", '+', '0' }, { "db.other.svc.cluster.local", '+', '0' },
    { "db.dns.podman", '+', '0' },           { "db", '+', '0' },
    { "www.example.com", '+', '+' },         { "later.example.com", '+', '0' },
    { "a4n.example.com", '+', 'N' },         { "a4s.example.com", '+', 'S' },
    { "a4r.example.com", '+', 'R' },         { "a4.example.com", '+', ' ' },
    { "a4t.example.com", 'T', '0' },         { "n6.example.com", 'N', '+' },
    { "s6.example.com", 'S', '+' },          { "r6.example.com", 'R', '+' },
    { "6.example.com", ' ', '+' },           { "t6.example.com", '0', 'T' },
};

static char fate_of(const char *name, bool is_a)
{
    for (size_t i = 0; i < COUNT(zone); i++)
        if (strcmp(name, zone[i].name) == 0)
            return is_a ? zone[i].a : zone[i].aaaa;
    return 'N';
}

static size_t answer_by(char fate, bool is_a, uint8_t *message, bool tcp)
{
    static const uint8_t address4[4] = { 127, 0, 0, 1 }, address6[16] = { [15] = 1 };

    if (fate == ' ')
        return 0;
    if (fate == 'T' && !tcp)
        return nameserver_truncated(message);
    if (fate == '0' || fate == 'N' || fate == 'S' || fate == 'R')
        return nameserver_rcode(message, fate == 'N'   ? NAMESERVER_NXDOMAIN
                                         : fate == 'S' ? NAMESERVER_SERVFAIL
                                         : fate == 'R' ? NAMESERVER_REFUSED
                                                       : 0);
    size_t length = nameserver_rcode(message, 0);
    return is_a ? nameserver_add(message, length, NAMESERVER_A, address4, sizeof address4)
                : nameserver_add(message, length, NAMESERVER_AAAA, address6, sizeof address6);
}

static size_t answer(uint8_t *message, size_t length, bool tcp)
{
    (void)length;
    pthread_mutex_lock(&lock);
    bool is_a = nameserver_type(message) == NAMESERVER_A;
    const char *name = name_in(message);
    char fate = fate_of(name, is_a), *log = is_a ? asked_a : asked_aaaa;
    if (strlen(log) + strlen(name) + 2 < LOG_SIZE)
        strcat(strcat(log, name), " ");
    if (strcmp(name, "later.example.com") == 0 && atomic_load(&absences) > 0) {
        fate = 'N';
        atomic_fetch_sub(&absences, is_a);
    }
    pthread_mutex_unlock(&lock);
    return answer_by(fate, is_a, message, tcp);
}

static size_t refuse_all(uint8_t *message, size_t length, bool tcp)
{
    (void)length, (void)tcp;
    return nameserver_rcode(message, NAMESERVER_REFUSED);
}

/* --- /etc -------------------------------------------------------------------------------------- */

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
    chmod(path, 0644);
}

static void make_etc(void)
{
    assert_int_equal(mount("tmpfs", "/etc", "tmpfs", 0, "mode=755"), 0);
    assert_int_equal(mkdir("/etc/healthcheck", 0755), 0);
    put_file("/etc/healthcheck/allow", "*:*\n");
    put_file("/etc/hosts", "");
    put_file("/etc/passwd", "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
    put_file("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
}

static const struct run_result *look_up(const char *name, const struct script_server *server)
{
    asked_a[0] = asked_aaaa[0] = '\0';
    return probe("-t2s", format("tcp://%s:%u", name, server->port), NULL);
}

static void expect(const char *resolv_conf, const char *name, const char *asked)
{
    put_file("/etc/resolv.conf", resolv_conf);
    const struct run_result *result = look_up(name, &ipv4);
    if (result->status != 0 || strcmp(asked_a, asked) != 0)
        fail_msg("%s: %d, asked '%s', wanted '%s': %s%s", name, result->status, asked_a, asked, result->out,
                 result->err);
}

/* --- what engines write ------------------------------------------------------------------------ */

/* A name with fewer dots than ndots is looked for in each domain, then as it is; the first that is there ends that. */
static void the_search_list_of_kubernetes_is_followed(void **state)
{
    static const char kubernetes[] = "search ns.svc.cluster.local svc.cluster.local cluster.local\n"
                                     "nameserver 127.0.0.1\noptions ndots:5\n";
    static struct nameserver dns;

    (void)state;
    nameserver_start(&dns, "127.0.0.1", DNS_PORT, answer);
    expect(kubernetes, "db", "db.ns.svc.cluster.local ");
    assert_string_equal(asked_aaaa, "db.ns.svc.cluster.local "); /* that has no such address, and no other is meant */
    expect(kubernetes, "db.other", "db.other.ns.svc.cluster.local db.other.svc.cluster.local ");
    expect(kubernetes, "db.other.svc",
           "db.other.svc.ns.svc.cluster.local db.other.svc.svc.cluster.local db.other.svc.cluster.local ");
    expect(kubernetes, "db.other.svc.cluster.local.", "db.other.svc.cluster.local ");
    expect(kubernetes, "www.example.com.", "www.example.com ");
    expect(kubernetes, "www.example.com",
           "www.example.com.ns.svc.cluster.local www.example.com.svc.cluster.local www.example.com.cluster.local "
           "www.example.com ");
    const struct run_result *result = look_up("no", &ipv4);
    assert_status(result, 1);
    assert_says(result, "  DNS knows no such name\n");
    assert_string_equal(asked_a, "no.ns.svc.cluster.local no.svc.cluster.local no.cluster.local no ");
    nameserver_stop(&dns);
}

static void the_files_of_docker_and_podman_are_understood(void **state)
{
    static struct nameserver docker, podman;

    (void)state;
    nameserver_start(&docker, "127.0.0.11", DNS_PORT, answer);
    nameserver_start(&podman, "127.0.0.53", DNS_PORT, answer);
    expect("# Generated by Docker Engine.\n\nnameserver 127.0.0.11\noptions ndots:0\n\n# Based on host file\n", "db",
           "db ");
    expect("nameserver 127.0.0.11\nsearch lan\noptions edns0 trust-ad ndots:0\n", "db", "db ");
    expect("search dns.podman\nnameserver 127.0.0.53\n", "db", "db.dns.podman ");
    expect("search dns.podman\nnameserver 127.0.0.53\n", "www.example.com", "www.example.com ");
    expect("domain dns.podman\nnameserver 127.0.0.53", "db", "db.dns.podman ");
    nameserver_stop(&docker);
    nameserver_stop(&podman);
}

/* All are asked at once, so that one that is down does not cost five seconds. */
static void one_name_server_that_answers_is_enough(void **state)
{
    static struct nameserver good, bad;

    (void)state;
    nameserver_start(&good, "127.0.0.2", DNS_PORT, answer);
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            nameserver_start(&bad, "127.0.0.1", DNS_PORT, i == 1 ? nameserver_silence : refuse_all);
        expect("nameserver 127.0.0.1\nnameserver 127.0.0.2\n", "www.example.com", "www.example.com ");
        if (i > 0)
            nameserver_stop(&bad);
    }
    nameserver_stop(&good);
}

static void without_a_file_the_server_is_at_loopback(void **state)
{
    static struct nameserver dns;

    (void)state;
    nameserver_start(&dns, "127.0.0.1", DNS_PORT, answer);
    unlink("/etc/resolv.conf");
    assert_status(look_up("www.example.com", &ipv4), 0);
    nameserver_stop(&dns);
}

/* As the manual says: libc passes such a line over. */
static void a_line_of_256_bytes_does_not_count(void **state)
{
    static struct nameserver dns;
    char line[512];

    (void)state;
    nameserver_start(&dns, "127.0.0.1", DNS_PORT, answer);
    for (int length = 200; length <= 300; length += 100) {
        int n = sprintf(line, "search dns.podman ");
        memset(line + n, 'x', (size_t)(length - n));
        strcpy(line + length, "\nnameserver 127.0.0.1\n");
        expect(line, "db", length < 255 ? "db.dns.podman " : "db ");
    }
    nameserver_stop(&dns);
}

static void a_name_that_appears_later_is_waited_for(void **state)
{
    static struct nameserver dns;
    const char *target = format("tcp://later.example.com:%u", ipv4.port);

    (void)state;
    put_file("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    nameserver_start(&dns, "127.0.0.1", DNS_PORT, answer);
    atomic_store(&absences, 3);
    assert_says(probe("-t2s", target, NULL), "  DNS knows no such name\n");
    assert_status(probe("--wait=20s", "-t2s", "-i10ms", target, NULL), 0);
    assert_int_equal(atomic_load(&absences), 0);
    atomic_store(&absences, 3); /* and again before COMMAND, beside another target */
    assert_status(probe("--wait=20s", "-t2s", "-i10ms", target, format("tcp://db.:%u", ipv4.port), "--", "true", NULL),
                  0);
    nameserver_stop(&dns);
}

static bool is_looking_up(void *pid)
{
    return proc_number(*(pid_t *)pid, "Threads") > 1;
}

/* Nobody is there when the first question is asked. */
static void a_name_server_that_comes_later_is_waited_for(void **state)
{
    static struct nameserver dns;
    static struct run_result result;
    struct run_child child;

    (void)state;
    put_file("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    run_start(&child, NULL,
              (char *[]){ (char *)(uintptr_t)probe_binary(), (char *)"--wait=15s", (char *)"-t1s", (char *)"-i10ms",
                          format("tcp://www.example.com:%u", ipv4.port), NULL });
    await(is_looking_up, &child.pid, "the probe to ask for the name");
    nameserver_start(&dns, "127.0.0.1", DNS_PORT, answer);
    run_finish(&child, &result);
    nameserver_stop(&dns);
    assert_status(&result, 0);
}

/* --- one family of addresses -------------------------------------------------------------------- */

/* RFC 8305, 3: an address of the zone is reached, whatever becomes of the question for the other family. */
static void each_family_counts_by_itself(void)
{
    for (size_t i = 0; i < COUNT(zone); i++) {
        if (!strstr(zone[i].name, ".example.com") || strncmp(zone[i].name, "later", 5) == 0)
            continue;
        if (strchr("+T", zone[i].a)) {
            const struct run_result *result = look_up(zone[i].name, &ipv4);
            if (result->status != 0)
                fail_msg("%s by IPv4: %s", zone[i].name, result->out);
        }
        if (strchr("+T", zone[i].aaaa)) {
            const struct run_result *result = look_up(zone[i].name, &ipv6);
            if (result->status != 0)
                fail_msg("%s by IPv6: %s", zone[i].name, result->out);
        }
    }
}

static void a_family_that_fails_does_not_hide_the_other(void **state)
{
    static struct nameserver dns;

    (void)state;
    put_file("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    nameserver_start(&dns, "127.0.0.1", DNS_PORT, answer);
    each_family_counts_by_itself();
    nameserver_stop(&dns);
}

static pid_t unbound;

static int stop_unbound(void **state)
{
    (void)state;
    peer_stop(unbound, SIGTERM);
    return 0;
}

/* It asks our server, and says SERVFAIL where that refuses or fails. */
static void so_it_is_through_unbound(void **state)
{
    static struct nameserver dns;
    char records[8192] = "";

    (void)state;
    nameserver_start(&dns, "127.0.0.2", 0, answer);
    for (int i = 1; i < 60; i++)
        sprintf(records + strlen(records), "local-data: \"many.test. A 127.0.1.%d\"\n", i);
    peer_write("unbound.conf",
               "server:\ndirectory: \"%s\"\nchroot: \"\"\nusername: \"\"\npidfile: \"\"\ninterface: 127.0.0.1\n"
               "do-daemonize: no\nuse-syslog: no\nlogfile: \"\"\nnum-threads: 1\nmodule-config: \"iterator\"\n"
               "do-not-query-localhost: no\nip-freebind: no\nport: 53\nlocal-zone: \"test.\" static\n"
               "local-data: \"only4.test. A 127.0.0.1\"\nlocal-data: \"only6.test. AAAA ::1\"\n%s"
               "forward-zone:\nname: \"example.com.\"\nforward-addr: 127.0.0.2@%d\n",
               peer_directory(), records, dns.port);
    put_file("/etc/resolv.conf", "search test\nnameserver 127.0.0.1\n");
    put_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", "53"); /* in this test's own network */
    unbound = peer_start("unbound.log", (char *[]){ (char *)"unbound", (char *)"-d", (char *)"-c",
                                                    (char *)peer_path("unbound.conf"), NULL });
    peer_await("dns://127.0.0.1/only4.test");
    each_family_counts_by_itself();
    assert_status(look_up("only4", &ipv4), 0);
    assert_status(look_up("only6", &ipv6), 0);
    assert_says(look_up("no.test.", &ipv4), "  DNS knows no such name\n");
    assert_says(probe("-4", format("tcp://only6.test:%u", ipv4.port), NULL), "  DNS knows no address of this name\n");
    const struct run_result *result = look_up("many", &ipv4); /* whose answer has no room in a datagram */
    assert_status(result, 0);
    nameserver_stop(&dns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_list_of_kubernetes_is_followed),
        cmocka_unit_test(the_files_of_docker_and_podman_are_understood),
        cmocka_unit_test(one_name_server_that_answers_is_enough),
        cmocka_unit_test(without_a_file_the_server_is_at_loopback),
        cmocka_unit_test(a_line_of_256_bytes_does_not_count),
        cmocka_unit_test(a_name_that_appears_later_is_waited_for),
        cmocka_unit_test(a_name_server_that_comes_later_is_waited_for),
        cmocka_unit_test(a_family_that_fails_does_not_hide_the_other),
        cmocka_unit_test_teardown(so_it_is_through_unbound, stop_unbound),
    };

    subject_isolate();
    make_etc();
    script_start(&ipv4, "0.0.0.0", (const struct script_step[]){ { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } });
    script_start(&ipv6, "::1", (const struct script_step[]){ { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } });
    int failed = cmocka_run_group_tests(tests, NULL, peer_clean);
    script_stop(&ipv4);
    script_stop(&ipv6);
    return failed;
}
