/*
 * It must not be a curl: in a network namespace of its own, with every packet of every interface watched, nothing at
 * all leaves for a target that is not this container's own and not listed.
 */
#include "faults.h"
#include "support/nameserver.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/refuse.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { USER = 65532, GROUP = 4711, DNS_PORT = 53, PACKETS_MAX = 64 };

static const int errors[] = { EPERM, ENOSYS, EINTR, EAGAIN, ENOMEM };
static struct script_server ipv4, ipv6;
static int sniffer = -1;

/* --- the namespace ------------------------------------------------------------- */

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static void shell(const char *command)
{
    must(system(command) == 0, command);
}

static void put_file(const char *path, const char *text, mode_t mode)
{
    FILE *file;

    unlink(path);
    file = fopen(path, "w");
    must(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0, path);
}

static void allow(const char *lines)
{
    put_file("/etc/healthcheck/allow", lines, 0644);
}

/* A veth pair whose other end is nobody, and a default route by which packets would leave at once. */
static void make_network(void)
{
    shell("ip link set lo up && ip link add v0 type veth peer name v1 && "
          "ip link set v0 up && ip link set v1 up && ip addr add 10.99.0.1/24 dev v0 && "
          "ip addr add 10.98.0.1 peer 10.98.0.2/32 dev v0 && "
          "ip -6 addr add fd99::1/64 dev v0 nodad && ip -6 addr add fe80::99/64 dev v0 nodad && "
          "ip route add default via 10.99.0.254 && ip -6 route add default via fd99::fe && "
          "ip neigh add 10.99.0.254 lladdr 02:00:00:00:00:01 dev v0 && "
          "ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev v0 && "
          "ip -6 neigh add fd99::fe lladdr 02:00:00:00:00:01 dev v0");
}

/* An /etc of our own, the binary in it where any user can run it, and a network. */
static void make_namespace(void)
{
    char command[8192];

    snprintf(command, sizeof command, "cp %s /dev/shm/pith-gate-%s", probe_binary(), scratch_word());
    shell(command);
    must(unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, "unshare");
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "mount");
    must(mount("tmpfs", "/etc", "tmpfs", 0, "mode=755") == 0, "tmpfs");
    snprintf(command, sizeof command, "mv /dev/shm/pith-gate-%s /etc/probe && chmod 755 /etc/probe", scratch_word());
    shell(command);
    must(mkdir("/etc/healthcheck", 0755) == 0, "/etc/healthcheck");
    put_file("/etc/resolv.conf", "nameserver 10.99.0.1\noptions timeout:5 attempts:2\n", 0644);
    put_file("/etc/hosts",
             "10.99.0.1 app own\nfd99::1 app\n10.99.0.2 remote\n127.0.0.1 mixed\n10.99.0.2 mixed\n"
             "0.0.0.0 any\n::ffff:127.0.0.1 mapped\n127.0.0.1 twins\n127.0.0.2 twins\n"
             "10.99.0.2 many\n10.99.0.3 many\n10.99.0.4 many\n10.99.0.5 many\n10.99.0.6 many\n10.99.0.7 many\n"
             "fe80::99%v0 linked\nfe80::99 unlinked\nfe80::99%v9 unlinked\n"
             "10.99.0.8 many\n10.99.0.9 many\n10.99.0.1 many\n10.99.0.10 many\n10.99.0.11 many\n10.99.0.12 many\n",
             0644);
    make_network();
}

/* --- the watch ------------------------------------------------------------------ */

enum { LOOPBACK = 1 }; /* the index of lo in every namespace */

/* What IPv6 says by itself while interfaces come up is no probe's; but to ask for a neighbour, by whoever has one. */
static bool is_noise(const unsigned char *packet, ssize_t length, unsigned protocol)
{
    enum { NEXT = 6, SOURCE = 8, TYPE = 40, ICMPV6 = 58, HOP_BY_HOP = 0, SOLICITATION = 135 };
    static const unsigned char unspecified[16];

    if (protocol != ETH_P_IPV6 || length <= TYPE)
        return false;
    if (packet[NEXT] == ICMPV6 && packet[TYPE] == SOLICITATION)
        return memcmp(packet + SOURCE, unspecified, sizeof unspecified) == 0;
    return packet[NEXT] == ICMPV6 || packet[NEXT] == HOP_BY_HOP;
}

/* How many packets were on any interface, or on any but lo, since the last call; one is seen going out and coming in.
 */
static unsigned count_packets(bool loopback)
{
    unsigned seen = 0;

    for (;;) {
        unsigned char packet[2048];
        struct sockaddr_ll from;
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(sniffer, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        if (n < 0)
            return seen;
        seen += (loopback || from.sll_ifindex != LOOPBACK) && !is_noise(packet, n, ntohs(from.sll_protocol));
    }
}

static unsigned packets(void)
{
    return count_packets(true);
}

static unsigned departures(void)
{
    return count_packets(false);
}

static void watch(void)
{
    sniffer = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
    must(sniffer >= 0, "AF_PACKET");
}

static void assert_refused(const char *target)
{
    shell("ip neigh flush all 2>/dev/null || true"); /* the kernel asks for those of earlier targets, for seconds */
    packets();
    const struct run_result *result = probe("-t", "1s", target, NULL);
    unsigned seen = packets();

    if (result->status != 1 || !strstr(result->out, "refused: not an address of this container"))
        fail_msg("%s: status %d: %s%s", target, result->status, result->out, result->err);
    if (seen > 0)
        fail_msg("%s: %u packets", target, seen);
}

static void assert_healthy(const char *target)
{
    const struct run_result *result = probe("-t", "1s", target, NULL);

    if (result->status != 0)
        fail_msg("%s: %s%s", target, result->out, result->err);
}

/* --- what is refused -------------------------------------------------------------- */

static const char *const alien[] = {
    "http://10.99.0.2/",
    "http://93.184.216.34/",
    "tcp://169.254.169.254:80",
    "http://[2001:db8::1]/",
    "http://[fd99::2]/",
    "http://[::ffff:10.99.0.2]/",
    "http://[::ffff:a63:2]:80/",
    "http://[fe80::2%v0]/",
    "http://[fe80::99%lo]/",
    "http://10.99.0.255/",
    "http://10.98.0.2/", /* the other end of a point-to-point link */
    "http://0.0.0.1/",
    "http://224.0.0.1/",
    "http://[ff02::1%v0]/",
    "http://255.255.255.255/",
    "http://126.255.255.255/",
    "http://128.0.0.1/",
    "http://[::2]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[::127.0.0.1]/",
    /* spellings that a resolver would take for 127.0.0.1 or 10.99.0.2: names here, and unlisted */
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://0x7f.0.0.1/",
    "http://127.1/",
    "http://017700000001/",
    "http://0x0a630002/",
    "http://10.99.2/",
    /* names */
    "http://example.com/",
    "http://localhost.example.com/",
    "http://xlocalhost/",
    "http://remote/",
    "http://mixed/",
    "http://unlinked/", /* by no interface that there is */
    "http://db.svc.cluster.local:5432/",
    "redis://example.com",
    "postgresql://example.com",
    "example.com:80",
    /* by UDP */
    "dns://10.99.0.2",
    "dns://93.184.216.34/example.com",
    "dns://[2001:db8::1]/example.com?type=AAAA",
    "dns://224.0.0.251:5353/host.local",
    "dns://255.255.255.255",
    "dns://resolver.example.com/example.com",
    "dns://mixed:53/a",
};

static void nothing_leaves_for_what_is_not_allowed(void **state)
{
    (void)state;
    allow("# nothing\n");
    for (size_t i = 0; i < COUNT(alien); i++)
        assert_refused(alien[i]);
    unlink("/etc/healthcheck/allow");
    for (size_t i = 0; i < COUNT(alien); i++)
        assert_refused(alien[i]);
}

static void no_flag_and_no_variable_opens_the_gate(void **state)
{
    (void)state;
    probe_variables[0] = "http_proxy=http://127.0.0.1:1/";
    probe_variables[1] = "HTTP_PROXY=http://127.0.0.1:1/";
    probe_variables[2] = "HEALTHCHECK_ALLOW=*:*";
    probe_variables[3] = "HOSTALIASES=/etc/hosts";
    probe_variables[4] = "RES_OPTIONS=debug";
    assert_refused("http://example.com/");
    packets();
    assert_status(probe("-k", "--follow", "--any", "-H", "Host: localhost", "http://10.99.0.2/", NULL), 1);
    assert_int_equal(packets(), 0);
    memset(probe_variables, 0, sizeof probe_variables);
}

static void many_targets_pass_the_gate_one_by_one(void **state)
{
    (void)state;
    packets();
    const struct run_result *result = probe("http://10.99.0.2/", "tcp://example.com:80", "http://[2001:db8::1]/", NULL);
    assert_status(result, 1);
    assert_int_equal(packets(), 0);
}

static void a_redirect_does_not_lead_out(void **state)
{
    static const char *const locations[] = { "http://10.99.0.2/", "//example.com/", "http://localhost@10.99.0.2/",
                                             "http://[::ffff:10.99.0.2]/", "http://2130706433/" };

    (void)state;
    allow("10.99.0.2:80\n"); /* even where the gate would let it: another host is another host */
    for (size_t i = 0; i < COUNT(locations); i++) {
        const struct script_step away[] = {
            { .verb = SCRIPT_READ },
            { .verb = SCRIPT_SEND, .bytes = format("HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n", locations[i]) },
            { .verb = SCRIPT_END },
        };
        static struct script_server server;
        script_start_unix(&server, away);
        const char *slash = strrchr(server.path, '/') + 1;
        packets();
        const struct run_result *result = probe("--follow", format("http+unix://%%2Ftmp%%2F%s/", slash), NULL);
        assert_status(result, 1);
        assert_says(result, "redirect to");
        assert_int_equal(packets(), 0);
        script_stop(&server);
    }
}

/* --- what is this container's own --------------------------------------------------- */

static void own_addresses_need_no_list(void **state)
{
    static const char *const hosts4[] = { "127.0.0.1",
                                          "127.99.0.9",
                                          "10.99.0.1",
                                          "10.98.0.1",
                                          "0.0.0.0",
                                          "[::ffff:127.0.0.1]",
                                          "[::ffff:10.99.0.1]",
                                          "localhost",
                                          "LOCALHOST",
                                          "localhost.",
                                          "a.localhost",
                                          "app",
                                          "OWN.",
                                          "any",
                                          "mapped",
                                          "" };
    static const char *const hosts6[] = { "[::1]",           "[::]",      "[fd99::1]", "[fe80::99%v0]",
                                          "[fe80::99%25v0]", "localhost", "app",       "linked" };

    (void)state;
    unlink("/etc/healthcheck/allow");
    for (size_t i = 0; i < COUNT(hosts4); i++)
        assert_healthy(format("http://%s:%u/", hosts4[i], ipv4.port));
    for (size_t i = 0; i < COUNT(hosts6); i++)
        assert_healthy(format("http://%s:%u/", hosts6[i], ipv6.port));
    assert_healthy(format("http://[fe80::99%%%u]:%u/", if_nametoindex("v0"), ipv6.port));
    assert_says(probe(format("http://[fe80::99]:%u/", ipv6.port), NULL),
                "  a link-local address needs its interface, as in fe80::1%eth0\n");
}

static void localhost_is_loopback_whatever_hosts_says(void **state)
{
    (void)state;
    put_file("/etc/hosts.kept", "", 0644);
    shell("cp /etc/hosts /etc/hosts.kept");
    put_file("/etc/hosts", "10.99.0.2 localhost\n", 0644);
    assert_healthy(format("http://localhost:%u/", ipv4.port));
    unlink("/etc/hosts");
    assert_healthy(format("http://localhost:%u/", ipv4.port));
    shell("mv /etc/hosts.kept /etc/hosts");
}

/* --- what is on an interface, and yet not delivered here ------------------------------- */

static int home = -1; /* the network of the other tests, while a test has another one */

/* A network of the test's own until leave_network, its teardown: as that of the others was made, then changed. */
static void enter_network(const char *commands)
{
    home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    must(home >= 0 && unshare(CLONE_NEWNET) == 0, "a network");
    close(sniffer);
    make_network();
    shell(commands);
    watch();
}

static int leave_network(void **state)
{
    (void)state;
    if (home < 0)
        return 0;
    close(sniffer);
    must(setns(home, CLONE_NEWNET) == 0, "the first network");
    close(home);
    home = -1;
    watch();
    return 0;
}

#define LOSE_INTERFACE                                                                                                 \
    "ip link set v0 down && ip link add d0 type veth peer name d1 && ip link set d0 up && "                            \
    "ip link set d1 up && ip addr add 10.97.0.1/24 dev d0 && ip addr add fd97::1/64 dev d0 nodad && "
#define LEAVE_BY(rule)                                                                                                 \
    "ip rule add pref 10 table local && ip rule del pref 0 && ip rule add pref 5 " rule " table 7 && "                 \
    "ip -6 rule add pref 10 table local && ip -6 rule del pref 0 && "                                                  \
    "ip -6 rule add pref 5 " rule " table 7 && "                                                                       \
    "ip route add default via 10.99.0.254 table 7 && ip -6 route add default via fd99::fe table 7"

static const struct {
    const char *commands; /* that make it so */
    const char *hosts[9];
} undelivered[] = {
    { "ip link set lo down",
      { "localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "mapped", "any", "a.localhost" } },
    /* No names: a socket of TCP that is bound to lo waits here, and a thread may be given up before it says why. */
    { "ip addr del 127.0.0.1/8 dev lo", { "127.0.0.1", "127.0.0.2" } },
    { "ip addr del 127.0.0.1/8 dev lo && ip addr add 127.0.0.1/32 dev lo", { "127.0.0.2", "[::ffff:127.255.0.1]" } },
    { "ip route del local 127.0.0.0/8 dev lo table local && ip route del local 127.0.0.1 dev lo table local && "
      "ip route add 127.0.0.0/8 via 10.99.0.254",
      { "127.0.0.1", "127.0.0.2" } },
    { "ip route del local 127.0.0.0/8 dev lo table local && ip route del local 127.0.0.1 dev lo table local && "
      "echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet && echo 1 >/proc/sys/net/ipv4/ip_forward",
      { "127.0.0.1" } },
    { "ip addr del ::1/128 dev lo", { "[::1]", "[::]" } },
    { "ip -6 route del local ::1 dev lo table local && ip -6 route add ::1 via fd99::fe dev v0", { "[::1]" } },
    { "echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6", { "[::1]" } },
    { "ip route del local 10.99.0.1 dev v0 table local && ip route add 10.99.0.1 via 10.99.0.254",
      { "10.99.0.1", "own", "[::ffff:10.99.0.1]" } },
    { "ip -6 route del local fd99::1 dev v0 table local", { "[fd99::1]", "app" } },
    { "ip -6 route del local fe80::99 dev v0 table local", { "[fe80::99%v0]" } },
    { "echo 1000 >/proc/sys/net/ipv6/conf/v0/dad_transmits && ip addr add 2001:db8::5/128 dev v0",
      { "[2001:db8::5]" } },
    { "echo 1000 >/proc/sys/net/ipv6/conf/v0/dad_transmits && ip addr add 2001:db8::5/128 dev v0 noprefixroute",
      { "[2001:db8::5]" } },
    { "ip link set v1 down && ip addr add 2001:db8::5/64 dev v0", { "[2001:db8::5]" } },
    { "echo 1 >/proc/sys/net/ipv6/conf/v0/keep_addr_on_down && " LOSE_INTERFACE
      "ip -6 route add default via fd97::fe && ip -6 neigh add fd97::fe lladdr 02:00:00:00:00:01 dev d0",
      { "[fd99::1]" } },
    /* own only to what is bound to d0, which connect(2) does not do for a zone of such an address */
    { "ip link add d0 type veth peer name d1 && ip link set d0 up && ip link set d1 up && "
      "ip rule add oif d0 lookup 7 && ip route add local 192.0.2.5 dev d0 table 7 && "
      "ip -6 rule add oif d0 lookup 7 && ip -6 route add local 2001:db8::5 dev d0 table 7",
      { "[2001:db8::5%d0]", "[::ffff:192.0.2.5%d0]" } },
    { LEAVE_BY(""), { "10.99.0.1", "[fd99::1]", "app" } },
    { LEAVE_BY("ipproto 6"), { "10.99.0.1", "[fd99::1]" } },
    { LEAVE_BY("dport 8080"), { "10.99.0.1", "[fd99::1]" } },
};

/* The probe of TARGET, with -t TIMEOUT, by the user UID, and where setsockopt(2) fails with ERROR, unless that is 0. */
static const struct run_result *probe_as(uid_t uid, int error, const char *timeout, const char *target)
{
    static struct run_result *result;
    int status;

    if (!result)
        result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (error)
            refuse(SYS_setsockopt, error, NULL);
        if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
            _exit(1);
        *result = *probe("-t", timeout, target, NULL);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    return result;
}

static void assert_stays(const char *commands, uid_t uid, int error, const char *target)
{
    departures();
    const struct run_result *result = probe_as(uid, error, "200ms", target);
    unsigned left = departures();

    if (left > 0 || result->status != 1)
        fail_msg("%s: %s (uid %u, setsockopt: %s): status %d, %u packets: %s%s", commands, target, uid, strerror(error),
                 result->status, left, result->out, result->err);
    if (!strstr(result->out, "network unreachable") &&
        !strstr(result->out, "refused: not an address of this container"))
        fail_msg("%s: %s (uid %u, setsockopt: %s): %s", commands, target, uid, strerror(error), result->out);
}

/* Also where the kernel does not let a probe have its socket at lo. */
static void nothing_leaves_for_what_is_not_delivered_here(void **state)
{
    static const int refusals[] = { 0, ENOPROTOOPT, EPERM };

    (void)state;
    for (size_t i = 0; i < COUNT(undelivered); i++) {
        enter_network(undelivered[i].commands);
        for (size_t j = 0; j < COUNT(undelivered[i].hosts) && undelivered[i].hosts[j]; j++)
            for (size_t e = 0; e < 2 * COUNT(refusals); e++)
                assert_stays(undelivered[i].commands, e / 2 == 0 ? USER : 0, refusals[e / 2],
                             format(e % 2 ? "dns://%s:8080/" : "http://%s:8080/", undelivered[i].hosts[j]));
        leave_network(NULL);
    }
}

/* Both are waited for, on a thread, which has little time to say why. */
static void each_address_that_lo_does_not_deliver_is_said_to_be_unreachable(void **state)
{
    static const char wanted[] = "  network unreachable (127.0.0.1, 127.0.0.2)\n";
    const struct run_result *result;
    int tries = 0;

    (void)state;
    enter_network("ip addr del 127.0.0.1/8 dev lo");
    departures();
    do
        result = probe_as(USER, 0, "300ms", "http://twins:8080/");
    while (stall_spoils(result, wanted, &tries));
    assert_says(result, wanted);
    assert_int_equal(departures(), 0);
}

/* Also where the kernel does not let a probe have its socket at lo. */
static void a_name_server_behind_a_dead_lo_is_not_waited_for(void **state)
{
    static const int refusals[] = { 0, EPERM };
    int64_t half = run_now_ms() + 30000;

    (void)state;
    enter_network("ip link set lo down");
    for (size_t i = 0; i < COUNT(refusals); i++)
        assert_says(probe_as(USER, refusals[i], "1m", "dns://127.0.0.1:8080/"), "  network unreachable (127.0.0.1)\n");
    assert_true(run_now_ms() < half);
}

/* Where TCP would stay here: the gate is passed, and each datagram is held. */
static void nothing_leaves_where_udp_alone_is_led_away(void **state)
{
    static const char *const hosts[] = { "10.99.0.1", "[fd99::1]", "app" };

    (void)state;
    enter_network(LEAVE_BY("ipproto 17"));
    for (size_t i = 0; i < COUNT(hosts); i++)
        assert_stays("ipproto 17", USER, 0, format("dns://%s:8080/", hosts[i]));
    assert_says(probe("-t200ms", "tcp://10.99.0.1:8080", NULL), "  connection refused (10.99.0.1)\n");
}

/* A policy that leads away from lo does not hold for who is bound to it, as a probe without rights can be. */
static void loopback_is_reached_where_the_routes_lead_away(void **state)
{
    static const char *const hosts[] = { "127.0.0.1", "::1" };

    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        static struct script_server server;
        enter_network("true");
        script_start(&server, hosts[i], script_ok);
        shell(format(LEAVE_BY("dport %u"), server.port, server.port));
        departures();
        const char *target = format(i == 0 ? "http://%s:%u/" : "http://[%s]:%u/", hosts[i], server.port);
        assert_status(probe_as(USER, 0, "200ms", target), 0);
        assert_int_equal(departures(), 0);
        assert_stays("a rule", USER, EPERM, target);
        script_stop(&server);
        leave_network(NULL);
    }
}

static void own_addresses_are_reached_without_rights(void **state)
{
    static const char *const hosts[] = { "127.0.0.1", "127.1.2.3", "10.99.0.1", "own" };
    static const int refusals[] = { 0, ENOPROTOOPT, EPERM };

    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++)
        for (size_t e = 0; e < COUNT(refusals); e++) {
            const struct run_result *result =
                probe_as(USER, refusals[e], "200ms", format("http://%s:%u/", hosts[i], ipv4.port));
            if (result->status != 0)
                fail_msg("%s, setsockopt: %s: %s", hosts[i], strerror(refusals[e]), result->out);
        }
    assert_status(probe_as(USER, 0, "200ms", format("http://[::1]:%u/", ipv6.port)), 0);
    assert_status(probe_as(USER, 0, "200ms", format("http://[fd99::1]:%u/", ipv6.port)), 0);
}

/* Every kind connects through the same gate, alone, on a thread, behind a redirect and at every try. */
static void every_way_to_connect_stays_here(void **state)
{
    static const char *const ways[][4] = {
        { "tcp://localhost:8080" },
        { "https://localhost:8080/", "-k" },
        { "tls://localhost:8080" },
        { "grpc://localhost:8080" },
        { "redis://localhost:8080" },
        { "amqp://localhost:8080" },
        { "fcgi://localhost:8080" },
        { "dns://localhost:8080" },
        { "dns://localhost:8080/a", "--wait=300ms", "--interval=50ms" },
        { "dns://127.0.0.1:8080/a", "dns://[::1]:8080", "dns://mapped:8080" },
        { "http://localhost:8080/", "--follow" },
        { "http://localhost:8080/", "--body-regex=a" },
        { "http://localhost:8080/", "--wait=300ms", "--interval=50ms" },
        { "http://localhost:8080/", "tcp://127.0.0.1:8080", "tcp://[::1]:8080", "tcp://mapped:8080" },
        { "http://localhost:8080/", "-4" },
        { "http://localhost:8080/", "-6" },
        { "http://localhost:8080/", "--any", "tcp://any:8080" },
    };

    (void)state;
    enter_network("ip link set lo down");
    for (size_t i = 0; i < COUNT(ways); i++) {
        departures();
        const struct run_result *result = probe("-t200ms", ways[i][0], ways[i][1], ways[i][2], ways[i][3], NULL);
        unsigned left = departures();
        if (left > 0 || result->status != 1 || !strstr(result->out, "network unreachable"))
            fail_msg("%s %s: status %d, %u packets: %s%s", ways[i][0], ways[i][1] ? ways[i][1] : "", result->status,
                     left, result->out, result->err);
    }
}

/* Another host has the address: it is on the interface for good, as a duplicate that is never used. */
static void nothing_leaves_for_an_address_that_another_host_has(void **state)
{
    int ready[2];
    char byte;

    (void)state;
    enter_network("true");
    must(pipe2(ready, O_CLOEXEC) == 0, "pipe2");
    pid_t other = fork();
    if (other == 0) {
        must(unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1, "another host");
        for (;;)
            pause();
    }
    must(read(ready[0], &byte, 1) == 1, "another host");
    close(ready[0]);
    close(ready[1]);
    shell(format("ip link set v1 netns %d && nsenter -t %d -n sh -c 'ip link set v1 up && "
                 "ip addr add 2001:db8::5/64 dev v1 nodad' && ip addr add 2001:db8::5/64 dev v0 && "
                 "until ip -6 addr show dev v0 | grep -q dadfailed; do sleep .05; done",
                 other, other));
    assert_stays("a duplicate", USER, 0, "http://[2001:db8::5]:8080/");
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
}

/* Takes the address away once the probe has sent something: what the kernel says to its neighbours may come before. */
static void *lose_address(void *argument)
{
    struct pollfd sent = { .fd = sniffer, .events = POLLIN };
    unsigned seen = 0;

    (void)argument;
    while (seen == 0 && poll(&sent, 1, RUN_BOUND_MS) == 1)
        seen = packets();
    if (seen > 0)
        shell("ip addr del fd99::1/64 dev v0");
    return NULL;
}

/* An address of a name is tried while an earlier one is silent, long after the gate was passed. */
static void what_is_lost_behind_the_gate_is_not_connected_to(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = inet_addr("10.99.0.1") };
    socklen_t size = sizeof address;
    pthread_t thread;
    int fds[4];

    (void)state;
    enter_network("true");
    for (size_t i = 0; i < COUNT(fds); i++)
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(bind(fds[0], (struct sockaddr *)&address, size) == 0 && listen(fds[0], 0) == 0 &&
             getsockname(fds[0], (struct sockaddr *)&address, &size) == 0,
         "a server");
    for (size_t i = 1; i < COUNT(fds); i++) /* which takes no more connections than one */
        connect(fds[i], (struct sockaddr *)&address, size);
    packets();
    assert_int_equal(pthread_create(&thread, NULL, lose_address, NULL), 0);
    const struct run_result *result = probe("-t1s", format("tcp://app:%u", ntohs(address.sin_port)), NULL);
    pthread_join(thread, NULL);
    assert_int_equal(departures(), 0);
    assert_status(result, 1);
    assert_says(result, "timed out after 1s connecting (10.99.0.1, fd99::1)");
    for (size_t i = 0; i < COUNT(fds); i++)
        close(fds[i]);
}

/* A datagram that gets no answer is sent again, and by then the address may be gone. */
static void what_is_lost_between_two_datagrams_is_not_sent_to(void **state)
{
    static struct nameserver silent;
    pthread_t thread;

    (void)state;
    enter_network("true");
    nameserver_start(&silent, "fd99::1", 0, nameserver_silence);
    packets();
    assert_int_equal(pthread_create(&thread, NULL, lose_address, NULL), 0);
    const struct run_result *result = probe("-t1s", format("dns://[fd99::1]:%u/a", silent.port), NULL);
    pthread_join(thread, NULL);
    assert_int_equal(departures(), 0);
    assert_status(result, 1);
    assert_says(result, "  network unreachable (fd99::1)\n");
    assert_int_equal(atomic_load(&silent.datagrams), 1);
    nameserver_stop(&silent);
}

/* --- what the list lets through ------------------------------------------------------ */

enum {
    SERVFAIL = NAMESERVER_SERVFAIL,
    NXDOMAIN = NAMESERVER_NXDOMAIN,
    REFUSED = NAMESERVER_REFUSED,
    SILENCE = -1,
    TRUNCATED = -2
};

/* How a name is answered, by its first label: 0 with addresses, an error, or one of the above. */
static const struct {
    const char *name;
    int a, aaaa;
} zone[] = {
    { "nxdomain4", NXDOMAIN, 0 },     { "nxdomain6", 0, NXDOMAIN }, { "servfail4", SERVFAIL, 0 },
    { "servfail6", 0, SERVFAIL },     { "refused4", REFUSED, 0 },   { "refused6", 0, REFUSED },
    { "silent4", SILENCE, 0 },        { "silent6", 0, SILENCE },    { "nobody", NXDOMAIN, NXDOMAIN },
    { "long", TRUNCATED, TRUNCATED },
};

static struct nameserver dns;

/* The addresses are 10.99.0.77 and 10.99.0.1, fd99::1 for a name that begins with "six", and both for one of the zone.
 */
static size_t answer(uint8_t *message, size_t length, bool tcp)
{
    static const uint8_t addresses[2][4] = { { 10, 99, 0, 77 }, { 10, 99, 0, 1 } };
    static const uint8_t address6[16] = { 0xfd, 0x99, [15] = 1 };
    bool six = nameserver_asked(message, "six"), four = !six, is_a = nameserver_type(message) == NAMESERVER_A;
    int how = 0;

    for (size_t i = 0; i < COUNT(zone); i++)
        if (nameserver_asked(message, zone[i].name)) {
            how = is_a ? zone[i].a : zone[i].aaaa;
            six = four = true;
        }
    if (how == SILENCE)
        return 0;
    if (how == TRUNCATED && !tcp)
        return nameserver_truncated(message);
    length = nameserver_rcode(message, how > 0 ? (unsigned)how : 0);
    for (size_t i = 0; i < COUNT(addresses) && is_a && four && how <= 0; i++)
        length = nameserver_add(message, length, NAMESERVER_A, addresses[i], sizeof addresses[i]);
    if (!is_a && six && how <= 0)
        length = nameserver_add(message, length, NAMESERVER_AAAA, address6, sizeof address6);
    return length;
}

static void start_dns(void)
{
    nameserver_start(&dns, "10.99.0.1", DNS_PORT, answer);
}

static void stop_dns(void)
{
    nameserver_stop(&dns);
}

static int status_without(int call, int error, const char *target)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        refuse(call, error, NULL);
        _exit(probe("-t", "300ms", target, NULL)->status);
    }
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void a_listed_name_is_looked_up_and_reached(void **state)
{
    (void)state;
    start_dns();
    allow(format("*.example.com:%u\nsix.example.com:%u\n*.example.com:1\n", ipv4.port, ipv6.port));
    packets();
    /* The first address is silent, the second one answers: all of a name's are tried. */
    assert_healthy(format("http://db.example.com:%u/", ipv4.port));
    assert_healthy(format("http://six.example.com:%u/", ipv6.port));
    assert_says(probe("-t", "1s", "tcp://db.example.com:1", NULL),
                "timed out after 1s connecting (10.99.0.77, 10.99.0.1)");
    assert_at_least(packets(), 1); /* the watch sees what there is to see */
    assert_refused(format("http://db.example.com:%u/", ipv4.port + 1));
    assert_refused(format("http://example.com:%u/", ipv4.port));
    if (!getenv("PITH_INSTRUMENTED")) /* with which libc is not musl */
        assert_int_equal(status_without(SYS_bind, EPERM, format("http://db.example.com:%u/", ipv4.port)), 0);
    stop_dns();
}

static atomic_uint questions;

enum { MANY = 64 };

/* The address is 10.99.0.1. There is none of IPv6, and after MANY questions no answer for it either. */
static size_t answer_by_halves(uint8_t *message, size_t length, bool tcp)
{
    static const uint8_t address[4] = { 10, 99, 0, 1 };

    (void)length;
    (void)tcp;
    bool many = atomic_fetch_add(&questions, 1) >= MANY, is_a = nameserver_type(message) == NAMESERVER_A;
    if (many && !is_a)
        return 0;
    length = nameserver_rcode(message, 0);
    return is_a ? nameserver_add(message, length, NAMESERVER_A, address, sizeof address) : length;
}

static bool were_many(void *unused)
{
    (void)unused;
    return atomic_load(&questions) > MANY;
}

/* Both families are asked at once, also after many tries: one that is silent keeps the other from nothing. */
static void each_try_looks_a_name_up_as_the_first_did(void **state)
{
    static struct script_server server;
    static struct run_result result;
    struct run_child child;
    uint16_t port = script_free_port("10.99.0.1");
    char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                           (char *)(uintptr_t) "-t1s",
                           (char *)(uintptr_t) "-i1ms",
                           (char *)(uintptr_t) "-w30s",
                           format("http://db.example.com:%u/", port),
                           NULL };

    (void)state;
    nameserver_start(&dns, "10.99.0.1", DNS_PORT, answer_by_halves);
    allow(format("db.example.com:%u\n", port));
    run_start(&child, NULL, argv);
    await(were_many, NULL, "many questions");
    script_start_port(&server, "10.99.0.1", port, script_ok);
    run_finish(&child, &result);
    assert_status(&result, 0);
    script_stop(&server);
    stop_dns();
}

/* Eight are silent; so the ninth would have no time left after pauses as long as those between two. */
static void the_time_is_shared_out_among_all_addresses(void **state)
{
    (void)state;
    allow(format("many:%u\n", ipv4.port));
    assert_status(probe("-t", "2s", format("http://many:%u/", ipv4.port), NULL), 0);
}

/* RFC 8305, 3: the addresses of one family are used whatever becomes of the question for the other one. */
static void what_becomes_of_one_family_does_not_keep_the_other_from_being_used(void **state)
{
    const struct run_result *result;

    (void)state;
    start_dns();
    allow(format("*.test:%u\n*.test:%u\n", ipv4.port, ipv6.port));
    for (size_t i = 0; i < COUNT(zone); i++) {
        bool ok4 = zone[i].a == 0 || zone[i].a == TRUNCATED, ok6 = zone[i].aaaa == 0 || zone[i].aaaa == TRUNCATED;
        if (ok4)
            assert_healthy(format("http://%s.test:%u/", zone[i].name, ipv4.port));
        if (ok6)
            assert_healthy(format("http://%s.test:%u/", zone[i].name, ipv6.port));
    }
    result = probe("-t", "1s", format("http://silent6.test:%u/", ipv4.port), "-v", NULL);
    assert_status(result, 0);
    assert_took(result, 50, 50 + 300 + GRACE_MS); /* and then the first address is silent */
    result = probe("-t", "1s", format("http://nobody.test:%u/", ipv4.port), NULL);
    assert_says(result, "  DNS knows no such name\n");
    assert_status(probe("-4", "-t", "1s", format("http://nxdomain6.test:%u/", ipv4.port), NULL), 0);
    assert_status(probe("-6", "-t", "1s", format("http://nxdomain4.test:%u/", ipv6.port), NULL), 0);
    /* Where a limit leaves the probe no more threads than its own, one after the other. It counts what the user runs on
     * the whole machine: nobody else is this user. */
    char *const one_thread[] = { (char *)"prlimit",
                                 (char *)"--nproc=2",
                                 (char *)"setpriv",
                                 format("--reuid=%lu", 100000 + strtoul(scratch_word(), NULL, 10) % 1000000),
                                 (char *)"--clear-groups",
                                 (char *)(uintptr_t)probe_binary(),
                                 format("http://nxdomain6.test:%u/", ipv4.port),
                                 NULL };
    assert_status(run(NULL, one_thread), 0);
    result = probe("-6", "-t", "1s", format("http://nxdomain6.test:%u/", ipv6.port), NULL);
    assert_says(result, "  DNS knows no such name\n");
    stop_dns();
}

/* A probe with -t 400ms that has timed out and SAYS so. */
static void assert_times_out(const struct run_result *result, const char *says)
{
    assert_status(result, 1);
    assert_says(result, says);
    assert_took(result, 400, 400 + GRACE_MS);
}

static void a_listed_address_is_reached_and_its_silence_ends_at_the_deadline(void **state)
{
    (void)state;
    allow("10.99.0.0/24:80\n");
    assert_refused("tcp://10.99.0.2:81");
    assert_refused("tcp://10.99.1.2:80");
    packets();
    assert_times_out(probe("-t", "400ms", "tcp://10.99.0.2:80", NULL), "timed out after 400ms connecting (10.99.0.2)");
    assert_at_least(packets(), 1);
}

/* By UDP as by TCP. A name server of this container needs no line. */
static void a_listed_name_server_is_asked(void **state)
{
    (void)state;
    allow("10.99.0.2:53\n");
    assert_refused("dns://10.99.0.2:54/example.com");
    packets();
    assert_times_out(probe("-t", "400ms", "dns://10.99.0.2/example.com", NULL),
                     "  timed out after 400ms waiting for the answer (10.99.0.2)\n");
    assert_at_least(packets(), 2);
    start_dns();
    const struct run_result *result =
        probe("dns://10.99.0.1/db.example.com", "dns://own/long.example.com?type=AAAA", NULL);
    stop_dns();
    assert_status(result, 0);
    assert_says(result, "  NOERROR with 2 records in ");
    assert_says(result, "  NOERROR with 1 record by TCP in ");
}

static bool is_confined(void *pid)
{
    return proc_filters(*(pid_t *)pid) == 1;
}

/* What comes from a name server is read without rights, also for a kind that sends nothing itself. */
static void who_looks_a_name_up_is_confined(void **state)
{
    static const char *const targets[] = { "listen://db:5432", "listen+udp://db:5432", "tcp://db:5432" };
    static struct run_result result;
    struct run_child child;

    (void)state;
    shell("cp /etc/resolv.conf /etc/resolv.kept");
    put_file("/etc/resolv.conf", "nameserver 10.99.0.53\noptions timeout:10 attempts:3\n", 0644);
    allow("db:5432\n");
    for (size_t i = 0; i < COUNT(targets); i++) {
        char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t) "-t2s",
                               (char *)(uintptr_t)targets[i], NULL };
        run_start(&child, NULL, argv);
        await(is_confined, &child.pid, format("the filter of %s", targets[i]));
        run_finish(&child, &result);
        assert_says(&result, "  timed out after 2s resolving\n");
    }
    shell("mv /etc/resolv.kept /etc/resolv.conf");
}

static void a_silent_name_server_does_not_outlast_the_deadline(void **state)
{
    (void)state;
    shell("cp /etc/resolv.conf /etc/resolv.kept");
    put_file("/etc/resolv.conf", "nameserver 10.99.0.53\noptions timeout:10 attempts:3\n", 0644);
    allow("db:5432\n");
    for (int i = 0; i < 2; i++) {
        const struct run_result *result = i == 0 ? probe("-t", "400ms", "tcp://db:5432", NULL)
                                                 : probe("-t", "400ms", "tcp://db:5432", "tcp://localhost:1", NULL);
        assert_times_out(result, "FAIL  tcp://db:5432  timed out after 400ms resolving");
    }
    const struct run_result *result = probe("-t", "200ms", "-w", "900ms", "-i", "10ms", "tcp://db:5432", NULL);
    assert_status(result, 1);
    assert_took(result, 900, 900 + GRACE_MS);
    shell("mv /etc/resolv.kept /etc/resolv.conf");
}

static void tries_that_are_stuck_do_not_pile_up(void **state)
{
    char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                           (char *)(uintptr_t) "-t",
                           (char *)(uintptr_t) "10ms",
                           (char *)(uintptr_t) "-i",
                           (char *)(uintptr_t) "1ms",
                           (char *)(uintptr_t) "-w",
                           (char *)(uintptr_t) "1200ms",
                           (char *)(uintptr_t) "tcp://db:5432",
                           NULL };
    struct run_child child;
    static struct run_result result;
    long most = 0;

    (void)state;
    shell("cp /etc/resolv.conf /etc/resolv.kept");
    put_file("/etc/resolv.conf", "nameserver 10.99.0.53\noptions timeout:10 attempts:3\n", 0644);
    allow("db:5432\n");
    run_start(&child, NULL, argv);
    for (int64_t end = run_now_ms() + 1000; run_now_ms() < end; usleep(10000)) {
        long threads = proc_number(child.pid, "Threads");
        most = threads > most ? threads : most;
    }
    run_finish(&child, &result);
    assert_status(&result, 1);
    assert_says(&result, "too many earlier tries are stuck");
    assert_in_range(most, 2, 1 + 8 * 3); /* each asks for two families of addresses */
    shell("mv /etc/resolv.kept /etc/resolv.conf");
}

/* --- who may write the list ------------------------------------------------------------ */

/* A volume, and what CHANGES in it, mounted read-only in the place of the file or of its folder. */
#define READ_ONLY(changes, what, where)                                                                                \
    "mkdir -m 755 /etc/volume; mount -t tmpfs -o mode=755 tmpfs /etc/volume; mv /etc/healthcheck/allow /etc/volume;"   \
    "touch /etc/healthcheck/allow; cd /etc/volume;" changes "; mount --bind " what " " where " && "                    \
    "mount -o remount,bind,ro " where
#define READ_ONLY_FILE(changes)   READ_ONLY(changes, "allow", "/etc/healthcheck/allow")
#define READ_ONLY_FOLDER(changes) READ_ONLY(changes, ".", "/etc/healthcheck")

/* The file behind a link, and COUNT links that lead to it one after the other. */
#define LINKS(count)                                                                                                   \
    "cd /etc/healthcheck; mv allow " count "; ln -s 0 allow;"                                                          \
    "for i in $(seq 1 " count "); do ln -s $i $((i - 1)); done"

static void make_list(const char *commands)
{
    shell("umount -lq /etc/healthcheck/allow; umount -lq /etc/healthcheck; umount -lq /etc/volume; "
          "rm -rf /etc/healthcheck /etc/other /etc/third /etc/volume && mkdir -m 755 /etc/healthcheck");
    allow("10.99.0.2:80\n");
    shell(commands);
}

/* Whether the list counts for a probe that a user runs from whom CALL is kept, and what is said on stderr. */
static bool counts_without(const struct call *call, int error, char warning[512])
{
    struct seen {
        bool counts;
        char warning[512];
    } *seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();

    if (pid == 0) {
        if (call)
            refuse(call->number, error, NULL);
        if (setgroups(1, &(gid_t){ GROUP }) != 0 || setresgid(USER, USER, USER) != 0 ||
            setresuid(USER, USER, USER) != 0)
            _exit(1);
        const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:80", NULL);
        seen->counts = strstr(result->out, "timed out") != NULL;
        snprintf(seen->warning, sizeof seen->warning, "%.511s", result->err);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    bool counts = seen->counts;
    strcpy(warning, seen->warning);
    munmap(seen, sizeof *seen);
    return counts;
}

static void a_list_that_its_user_can_write_is_ignored(void **state)
{
    static const struct {
        const char *commands;
        const char *warning; /* NULL: it counts */
    } cases[] = {
        { "true", NULL },
        { "chmod 444 /etc/healthcheck/allow", NULL },
        { "chown 65532 /etc/healthcheck/allow", "could have been written" },
        { "chmod 666 /etc/healthcheck/allow", "could have been written" },
        { "chgrp 65532 /etc/healthcheck/allow; chmod 664 /etc/healthcheck/allow", "could have been written" },
        { "chgrp 65532 /etc/healthcheck/allow", NULL },
        { "chown 65532 /etc/healthcheck", "could have been written" },
        { "chmod 777 /etc/healthcheck", "could have been written" },
        { "chmod 600 /etc/healthcheck/allow", "cannot be read (Permission denied): ignored" },
        { "mkdir /etc/other; mv /etc/healthcheck/allow /etc/other; ln -s ../other/allow /etc/healthcheck/allow", NULL },
        { "mkdir /etc/other; mv /etc/healthcheck/allow /etc/other; ln -s ../other/allow /etc/healthcheck/allow;"
          "chown 65532 /etc/other",
          "could have been written" },
        { "mv /etc/healthcheck /etc/other; chown 65532 /etc/other/allow; ln -s other /etc/healthcheck",
          "could have been written" },
        { "rm /etc/healthcheck/allow; mkdir /etc/healthcheck/allow", "cannot be read (Is a directory): ignored" },
        { "rm -r /etc/healthcheck; echo 10.99.0.2:80 >/etc/healthcheck", "cannot be read (Not a directory): ignored" },
        { "echo nonsense >>/etc/healthcheck/allow", NULL },
        { "chmod 664 /etc/healthcheck/allow", NULL },
        { "chgrp 4711 /etc/healthcheck/allow; chmod 664 /etc/healthcheck/allow", "could have been written" },
        /* a link on the way, in a folder of the user's */
        { "mkdir /etc/other /etc/third; mv /etc/healthcheck/allow /etc/third; ln -s /etc/third/allow /etc/other/link;"
          "ln -s /etc/other/link /etc/healthcheck/allow; chown 65532 /etc/other",
          "could have been written" },
        { "mkdir /etc/other /etc/third; mv /etc/healthcheck/allow /etc/third; ln -s ../third/allow /etc/other/link;"
          "ln -s ../other/../other/link /etc/healthcheck/allow",
          NULL },
        /* as many links as the kernel follows (path_resolution(7)), and one more */
        { LINKS("39"), NULL },
        { LINKS("40"), "cannot be read" },
        /* a file system that knows no access control lists */
        { "mv /etc/healthcheck/allow /etc; mount -t ramfs none /etc/healthcheck; mv /etc/allow /etc/healthcheck;"
          "chmod 664 /etc/healthcheck/allow",
          NULL },
        /* as Kubernetes mounts a ConfigMap */
        { "mkdir /etc/healthcheck/..1; mv /etc/healthcheck/allow /etc/healthcheck/..1; ln -s ..1 "
          "/etc/healthcheck/..data;"
          "ln -s ..data/allow /etc/healthcheck/allow",
          NULL },
        /* what is read-only here may be writable where else it is mounted */
        { READ_ONLY_FILE("true"), NULL },
        { READ_ONLY_FILE("chmod 664 allow"), NULL },
        { READ_ONLY_FILE("chmod 666 allow"), "could have been written" },
        { READ_ONLY_FILE("chown 65532 allow"), "could have been written" },
        { READ_ONLY_FILE("chgrp 65532 allow; chmod 664 allow"), "could have been written" },
        { READ_ONLY_FILE("chgrp 4711 allow; chmod 664 allow"), "could have been written" },
        { READ_ONLY_FOLDER("true"), NULL },
        { READ_ONLY_FOLDER("chmod 777 ."), "could have been written" },
        { READ_ONLY_FOLDER("chown 65532 ."), "could have been written" },
        { READ_ONLY_FOLDER("chgrp 4711 .; chmod 775 ."), "could have been written" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char warning[512];
        make_list(cases[i].commands);
        bool counts = counts_without(NULL, 0, warning);
        if (counts != !cases[i].warning)
            fail_msg("'%s': %s: %s", cases[i].commands, counts ? "counts" : "is ignored", warning);
        if (cases[i].warning && (strncmp(warning, "healthcheck: /etc/healthcheck/allow: ", 37) != 0 ||
                                 !strstr(warning, cases[i].warning) || strchr(warning, '\n')[1] != '\0'))
            fail_msg("'%s': %s", cases[i].commands, warning);
    }
    make_list("true");
}

/* A list is trusted for what is known of it, not for what cannot be asked. */
static void a_list_that_its_user_can_write_is_ignored_whatever_fails(void **state)
{
    static const char *const ways[] = { "chmod 666 /etc/healthcheck/allow",
                                        "chmod 444 /etc/healthcheck/allow; chown 65532 /etc/healthcheck/allow",
                                        "chmod 664 /etc/healthcheck/allow; chgrp 65532 /etc/healthcheck/allow",
                                        "chmod 664 /etc/healthcheck/allow; chgrp 4711 /etc/healthcheck/allow" };

    (void)state;
    for (size_t w = 0; w < COUNT(ways); w++) {
        make_list(ways[w]);
        for (size_t i = 0; i < COUNT(trusting); i++)
            for (size_t e = 0; e < COUNT(errors); e++) {
                char warning[512];
                if (counts_without(&trusting[i], errors[e], warning))
                    fail_msg("%s, %s with %s: it counts", ways[w], trusting[i].name, strerror(errors[e]));
            }
    }
    make_list("true");
}

/* Not even DNS is asked, and what it says is what a real run would be told by the gate. */
static void a_dry_run_asks_the_gate_and_sends_nothing(void **state)
{
    static const char may[] = "  may be probed; nothing was sent\n";
    const struct {
        const char *target, *says;
    } cases[] = {
        { format("http://10.99.0.1:%u/", ipv4.port), may },
        { format("http://app:%u/", ipv4.port), may },
        { "tcp://10.99.0.2:80", may },
        { "tcp://db.example.com:5432", may },
        { "listen://10.99.0.1:1", may },
        { "tcp://10.99.0.2:81", "  refused: " },
        { "tcp://example.com:5432", "  refused: " },
        { "http://remote/", "  refused: " },
        { "listen://10.99.0.2:80", "  not an address of this container\n" },
        { "http://[fe80::99]/", "  a link-local address needs its interface" },
    };
    unsigned connections = atomic_load(&ipv4.connections);

    (void)state;
    make_list("true");
    allow("db.example.com:5432\n10.99.0.2:80\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        packets();
        const struct run_result *result = probe("--dry-run", cases[i].target, NULL);
        if (result->status != (cases[i].says != may) || !strstr(result->out, cases[i].says))
            fail_msg("%s: status %d: %s%s", cases[i].target, result->status, result->out, result->err);
        assert_int_equal(packets(), 0);
    }
    assert_int_equal(atomic_load(&ipv4.connections), connections);
}

static void expect_refused_at_once(void)
{
    const struct run_result *result = probe("-t", "400ms", "tcp://10.99.0.2:80", NULL);

    assert_status(result, 1);
    assert_says(result, "refused: not an address of this container");
    assert_took(result, 0, GRACE_MS);
}

/* Where nobody writes into it, to open it or to read it must not hold the probe up; and what somebody has written into
 * it does not count. */
static void a_list_that_is_a_pipe_is_not_waited_for(void **state)
{
    (void)state;
    make_list("rm /etc/healthcheck/allow; mkfifo /etc/healthcheck/allow");
    expect_refused_at_once();
    int writer = open("/etc/healthcheck/allow", O_RDWR | O_CLOEXEC);
    assert_int_equal(write(writer, "10.99.0.2:80\n", 13), 13);
    expect_refused_at_once();
    close(writer);
    make_list("true");
}

static void refuse_memory(void *argument)
{
    (void)argument;
    refuse(SYS_mmap, ENOMEM, NULL);
}

static void without_memory_for_a_list_nothing_is_allowed(void **state)
{
    const struct subject_options options = { .binary = probe_binary(), .before = refuse_memory };
    struct subject subject;

    (void)state;
    make_list("true");
    assert_int_equal(subject_run(&subject, &options, "-t400ms", "tcp://10.99.0.2:80", NULL), 1);
    assert_has(subject.out.bytes, "refused: not an address of this container");
    assert_string_equal(subject.err.bytes,
                        "healthcheck: /etc/healthcheck/allow: cannot be read (Out of memory): ignored\n");
}

static void who_may_write_the_list_is_known_without_proc(void **state)
{
    char warning[512];

    (void)state;
    make_list("mkdir /etc/other; mv /etc/healthcheck/allow /etc/other; ln -s ../other/allow /etc/healthcheck/allow");
    shell("umount -l /proc");
    bool counts = counts_without(NULL, 0, warning);
    shell("chmod 777 /etc/other");
    bool counts_when_writable = counts_without(NULL, 0, warning);
    shell("mount -t proc proc /proc");
    assert_true(counts);
    assert_false(counts_when_writable);
    make_list("true");
}

/* By capabilities(7) that a process has at its start, as setpriv(1) gives them. */
static void a_list_counts_only_for_a_user_who_is_not_as_good_as_root(void **state)
{
    static const struct {
        const char *capability;
        bool counts;
    } cases[] = {
        { "chown", false },           { "dac_override", false }, { "fowner", false },    { "setgid", false },
        { "setuid", false },          { "sys_module", false },   { "sys_rawio", false }, { "sys_chroot", false },
        { "sys_ptrace", false },      { "sys_admin", false },    { "mknod", false },     { "setfcap", false },
        { "net_bind_service", true }, { "net_raw", true },       { "kill", true },
    };

    (void)state;
    make_list("true");
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *const argv[] = { (char *)"setpriv",
                               (char *)"--reuid=65532",
                               (char *)"--regid=65532",
                               (char *)"--clear-groups",
                               format("--inh-caps=-all,+%s", cases[i].capability),
                               format("--ambient-caps=-all,+%s", cases[i].capability),
                               (char *)(uintptr_t)probe_binary(),
                               (char *)"-t100ms",
                               (char *)"tcp://10.99.0.2:80",
                               NULL };
        const struct run_result *result = run(NULL, argv);
        if (!strstr(result->out, cases[i].counts ? "timed out" : "refused: not an address of this container"))
            fail_msg("%s: %s%s", cases[i].capability, result->out, result->err);
    }
}

/* The bits of the group tell what an access control list, acl(5), gives at most: here read and write, to the user. */
static void a_list_that_its_acl_lets_its_user_write_is_ignored(void **state)
{
    enum { VERSION = 2, USER_OBJECT = 1, NAMED_USER = 2, GROUP_OBJECT = 4, MASK = 16, OTHER = 32, NOBODY = -1 };
    static const struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } list = { VERSION,
               { { USER_OBJECT, 6, (uint32_t)NOBODY },
                 { NAMED_USER, 6, USER },
                 { GROUP_OBJECT, 4, (uint32_t)NOBODY },
                 { MASK, 6, (uint32_t)NOBODY },
                 { OTHER, 4, (uint32_t)NOBODY } } };
    static const char *const ways[] = { "true", READ_ONLY_FILE("true") };
    char warning[512];

    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        make_list(ways[i]);
        const char *path = i == 0 ? "/etc/healthcheck/allow" : "/etc/volume/allow";
        must(setxattr(path, "system.posix_acl_access", &list, sizeof list, 0) == 0, "an access control list");
        assert_false(counts_without(NULL, 0, warning));
        assert_has(warning, "could have been written");
    }
    make_list("true");
}

static void a_list_that_is_too_long_is_cut_and_that_is_told(void **state)
{
    (void)state;
    make_list("yes '#' | head -n 131072 >>/etc/healthcheck/allow; echo 10.99.0.2:81 >>/etc/healthcheck/allow");
    assert_says(probe("-t", "100ms", "tcp://10.99.0.2:80", NULL), "timed out");
    const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:81", NULL);
    assert_says(result, "refused: ");
    assert_string_equal(result->err,
                        "healthcheck: /etc/healthcheck/allow: is larger than 256 KiB: the rest is ignored\n");
    make_list("true");
}

/* Makes a list of SIZE bytes that ends with LINE. */
static void make_long_list(size_t size, const char *line)
{
    make_list("true");
    shell(format("head -c %zu /dev/zero | tr '\\0' '\\n' >/etc/healthcheck/allow; printf '%s' >>/etc/healthcheck/allow",
                 size - strlen(line), line));
}

static void a_list_of_256_kib_counts_to_its_last_byte(void **state)
{
    (void)state;
    make_long_list(262144, "10.99.0.2:81");
    const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:81", NULL);
    assert_says(result, "timed out");
    assert_string_equal(result->err, "");
    make_list("true");
}

static void a_line_that_is_cut_allows_nothing(void **state)
{
    static const struct {
        size_t size;
        const char *line;
    } lists[] = { { 262145, "10.99.0.2:81" }, { 262146, "10.99.0.2:810" }, { 262146, "10.99.0.2:81\n" } };

    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        make_long_list(lists[i].size, lists[i].line);
        const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:81", NULL);
        assert_says(result, "refused: ");
        assert_complains(result, "is larger than 256 KiB");
    }
    make_list("true");
}

static void a_list_that_is_one_line_which_is_cut_allows_nothing(void **state)
{
    (void)state;
    make_list("head -c 262146 /dev/zero | tr '\\0' 1 >/etc/healthcheck/allow");
    const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:81", NULL);
    assert_status(result, 1);
    assert_says(result, "refused: ");
    assert_complains(result, "is larger than 256 KiB");
    make_list("true");
}

static void the_line_before_one_that_is_cut_is_a_whole_one(void **state)
{
    (void)state;
    make_long_list(262146, "10.99.0.2:81\n10.99.0.2:8080");
    assert_says(probe("-t", "100ms", "tcp://10.99.0.2:81", NULL), "timed out");
    assert_says(probe("-t", "100ms", "tcp://10.99.0.2:8", NULL), "refused: ");
    make_list("true");
}

static void a_list_that_is_not_there_is_no_fault(void **state)
{
    static const char *const ways[] = { "rm /etc/healthcheck/allow", "rm -r /etc/healthcheck" };

    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        make_list(ways[i]);
        const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:80", NULL);
        assert_says(result, "refused: ");
        assert_string_equal(result->err, "");
    }
    make_list("true");
}

/* In an address space that has room for a few of what the list takes. */
static void a_list_that_is_read_for_each_try_leaves_no_memory_behind(void **state)
{
    char *const argv[] = {
        (char *)"prlimit",        (char *)"--as=4194304", (char *)(uintptr_t)probe_binary(), (char *)"--wait=2s",
        (char *)"--interval=1ms", (char *)"-t1ms",        (char *)"tcp://10.99.0.2:80",      NULL
    };

    (void)state;
    make_list("true");
    assert_says(run(NULL, argv), "timed out");
}

static void a_bad_line_is_named_and_the_others_count(void **state)
{
    static const char *const lists[] = { "bad line\n10.99.0.2:80\n", "10.99.0.2:80\nbad line\n" };

    (void)state;
    make_list("true");
    for (size_t i = 0; i < COUNT(lists); i++) {
        allow(lists[i]);
        const struct run_result *result = probe("-t", "100ms", "tcp://10.99.0.2:80", NULL);
        assert_says(result, "timed out");
        assert_string_equal(
            result->err, format("healthcheck: /etc/healthcheck/allow: line %zu is not of the form host:port\n", i + 1));
    }
}

/* Alone and on a thread; where stdout is the same pipe, too. */
static void a_warning_that_nobody_reads_costs_neither_verdict_nor_deadline(void **state)
{
    char *const silent = (char *)"tcp://10.99.0.2:80", *const healthy = format("http://mixed:%u/", ipv4.port);
    int ends[2];

    (void)state;
    make_list("true");
    allow(format("bad line\n10.99.0.2:80\nmixed:%u\n", ipv4.port));
    run_full_pipe(ends);
    for (int i = 0; i < 4; i++) {
        const struct run_options options = { .stderr_fd = ends[1], .stdout_fd = i < 2 ? 0 : ends[1] };
        char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)"-t300ms", i % 2 ? silent : healthy, NULL };
        const struct run_result *result = run(&options, argv);
        assert_status(result, i % 2);
        assert_took(result, 0, 300 + GRACE_MS);
    }
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_leaves_for_what_is_not_allowed),
        cmocka_unit_test(no_flag_and_no_variable_opens_the_gate),
        cmocka_unit_test(many_targets_pass_the_gate_one_by_one),
        cmocka_unit_test(a_redirect_does_not_lead_out),
        cmocka_unit_test(own_addresses_need_no_list),
        cmocka_unit_test(localhost_is_loopback_whatever_hosts_says),
        cmocka_unit_test_teardown(nothing_leaves_for_what_is_not_delivered_here, leave_network),
        cmocka_unit_test_teardown(each_address_that_lo_does_not_deliver_is_said_to_be_unreachable, leave_network),
        cmocka_unit_test_teardown(a_name_server_behind_a_dead_lo_is_not_waited_for, leave_network),
        cmocka_unit_test_teardown(nothing_leaves_where_udp_alone_is_led_away, leave_network),
        cmocka_unit_test_teardown(loopback_is_reached_where_the_routes_lead_away, leave_network),
        cmocka_unit_test(own_addresses_are_reached_without_rights),
        cmocka_unit_test_teardown(every_way_to_connect_stays_here, leave_network),
        cmocka_unit_test_teardown(nothing_leaves_for_an_address_that_another_host_has, leave_network),
        cmocka_unit_test_teardown(what_is_lost_behind_the_gate_is_not_connected_to, leave_network),
        cmocka_unit_test_teardown(what_is_lost_between_two_datagrams_is_not_sent_to, leave_network),
        cmocka_unit_test(a_listed_name_is_looked_up_and_reached),
        cmocka_unit_test(each_try_looks_a_name_up_as_the_first_did),
        cmocka_unit_test(the_time_is_shared_out_among_all_addresses),
        cmocka_unit_test(what_becomes_of_one_family_does_not_keep_the_other_from_being_used),
        cmocka_unit_test(a_listed_address_is_reached_and_its_silence_ends_at_the_deadline),
        cmocka_unit_test(a_listed_name_server_is_asked),
        cmocka_unit_test(who_looks_a_name_up_is_confined),
        cmocka_unit_test(a_silent_name_server_does_not_outlast_the_deadline),
        cmocka_unit_test(tries_that_are_stuck_do_not_pile_up),
        cmocka_unit_test(a_list_that_its_user_can_write_is_ignored),
        cmocka_unit_test(a_list_that_its_user_can_write_is_ignored_whatever_fails),
        cmocka_unit_test(a_dry_run_asks_the_gate_and_sends_nothing),
        cmocka_unit_test(a_list_that_is_a_pipe_is_not_waited_for),
        cmocka_unit_test(without_memory_for_a_list_nothing_is_allowed),
        cmocka_unit_test(who_may_write_the_list_is_known_without_proc),
        cmocka_unit_test(a_list_counts_only_for_a_user_who_is_not_as_good_as_root),
        cmocka_unit_test(a_list_that_its_acl_lets_its_user_write_is_ignored),
        cmocka_unit_test(a_list_that_is_too_long_is_cut_and_that_is_told),
        cmocka_unit_test(a_list_of_256_kib_counts_to_its_last_byte),
        cmocka_unit_test(a_line_that_is_cut_allows_nothing),
        cmocka_unit_test(a_list_that_is_one_line_which_is_cut_allows_nothing),
        cmocka_unit_test(the_line_before_one_that_is_cut_is_a_whole_one),
        cmocka_unit_test(a_list_that_is_not_there_is_no_fault),
        cmocka_unit_test(a_list_that_is_read_for_each_try_leaves_no_memory_behind),
        cmocka_unit_test(a_bad_line_is_named_and_the_others_count),
        cmocka_unit_test(a_warning_that_nobody_reads_costs_neither_verdict_nor_deadline),
    };

    make_namespace();
    probe_use("/etc/probe");
    script_start(&ipv4, "0.0.0.0", script_ok);
    script_start(&ipv6, "::", script_ok);
    watch();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_stop(&ipv4);
    script_stop(&ipv6);
    return failed;
}
