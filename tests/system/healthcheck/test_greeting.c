/* tcp, tls and unix with ?expect=: servers that speak first, among them OpenSMTPD, vsftpd and OpenSSH. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- servers of our own ------------------------------------------------------------------------ */

#define END                                                                                                            \
    {                                                                                                                  \
        .verb = SCRIPT_END                                                                                             \
    }
#define SEND(text)                                                                                                     \
    {                                                                                                                  \
        .verb = SCRIPT_SEND, .bytes = text                                                                             \
    }

static const struct script_step smtp[] = { SEND("220 mail.test ESMTP\r\n"), { .verb = SCRIPT_HOLD }, END };

static const struct run_result *ask(const struct script_step *steps, const char *query)
{
    static struct script_server server;

    script_start(&server, "127.0.0.1", steps);
    const struct run_result *result = probe("-t300ms", format("tcp://127.0.0.1:%u%s", server.port, query), NULL);
    script_stop(&server);
    return result;
}

static void expect(const struct script_step *steps, const char *query, int status, const char *says)
{
    const struct run_result *result = ask(steps, query);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("%s: wanted %d and '%s', got %d: %s%s", query, status, says, result->status, result->out, result->err);
}

static void a_greeting_that_begins_with_the_text_is_healthy(void **state)
{
    static const char *const queries[] = {
        "?expect=2", "?expect=220", "?expect=220%20mail.test", "?expect=220%20mail.test%20ESMTP%0D%0A", "/?expect=220",
    };

    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++)
        expect(smtp, queries[i], 0, "  greeted as expected in ");
    expect(smtp, "", 0, "  connected in ");
}

static void a_greeting_may_come_in_pieces_and_be_long(void **state)
{
    static char flood[4096];
    static const struct script_step slow[] = { { .verb = SCRIPT_DRIP, .bytes = "220 mail.test\r\n", .ms = 5 }, END },
                                    long_one[] = { { .verb = SCRIPT_REPEAT, .bytes = flood, .length = sizeof flood },
                                                   END };

    (void)state;
    memset(flood, '2', sizeof flood);
    expect(slow, "?expect=220%20mail", 0, "  greeted as expected in ");
    expect(long_one, "?expect=222", 0, "  greeted as expected in ");
    expect(long_one, "?expect=220", 1, "  the greeting does not begin with what is expected\n");
}

/* Nothing of it is told: a server may send a secret, or what moves a terminal's cursor. */
static void another_greeting_is_unhealthy_and_is_not_repeated(void **state)
{
    static const struct script_step sick[] = { SEND("421 try \033[2J later\r\n"), { .verb = SCRIPT_HOLD }, END };

    (void)state;
    const struct run_result *result = ask(sick, "?expect=220");
    assert_status(result, 1);
    assert_says(result, "  the greeting does not begin with what is expected\n");
    assert_says_not(result, "421 "); /* the port may have these digits */
    assert_says_not(result, "try");
    assert_says_not(result, "later");
    expect(smtp, "?expect=22x", 1, "does not begin");
    expect(smtp, "?expect=ESMTP", 1, "does not begin");
    expect(smtp, "?expect=220%20MAIL", 1, "does not begin");
}

static void silence_and_an_early_end_are_unhealthy(void **state)
{
    static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, END }, closes[] = { END },
                                    halts[] = { SEND("22"), { .verb = SCRIPT_HOLD }, END },
                                    breaks_off[] = { SEND("22"), END }, resets[] = { { .verb = SCRIPT_RESET }, END };

    (void)state;
    expect(silence, "?expect=220", 1, "  timed out after 300ms waiting for the greeting\n");
    expect(halts, "?expect=220", 1, "  timed out after 300ms waiting for the greeting\n");
    assert_took(ask(silence, "?expect=220"), 300, 300 + GRACE_MS);
    expect(closes, "?expect=220", 1, "  connection closed while waiting for the greeting\n");
    expect(breaks_off, "?expect=220", 1, "  connection closed while waiting for the greeting\n");
    expect(resets, "?expect=220", 1, "  connection reset");
    expect(silence, "", 0, "  connected in ");
}

static void nothing_is_sent(void **state)
{
    static const struct script_step hears[] = { SEND("220 a\r\n"), { .verb = SCRIPT_READ }, END };
    static struct script_server server;

    (void)state;
    script_start(&server, "127.0.0.1", hears);
    for (int i = 0; i < 5; i++)
        assert_status(probe(format("tcp://127.0.0.1:%u?expect=%s", server.port, i % 2 ? "220" : "421"), NULL),
                      i % 2 == 0);
    assert_int_equal(atomic_load(&server.connections), 5);
    script_stop(&server);
    assert_string_equal(server.log, "");
}

static void a_unix_socket_may_greet_too(void **state)
{
    static struct script_server server;

    (void)state;
    script_start_unix(&server, smtp);
    peer_expect(format("unix://%s?expect=220", server.path), 0, "  greeted as expected in ");
    peer_expect(format("unix://%s?expect=221", server.path), 1, "does not begin");
    peer_expect(format("unix://%s", server.path), 0, "  connected in ");
    peer_expect("unix:///tmp", 1, "  not a socket\n");
    peer_expect(format("unix://%s", probe_binary()), 1, "  not a socket\n");
    script_stop(&server);
}

static void among_several_targets_it_is_read_as_well(void **state)
{
    static struct script_server server;

    (void)state;
    script_start(&server, "127.0.0.1", smtp);
    const char *good = format("tcp://127.0.0.1:%u?expect=220", server.port),
               *bad = format("tcp://127.0.0.1:%u?expect=421", server.port),
               *bare = format("tcp://127.0.0.1:%u", server.port);
    assert_status(probe(good, bare, good, NULL), 0);
    assert_status(probe(good, bad, bare, NULL), 1);
    assert_status(probe(good, NULL), 0); /* it is accepted behind all others */
    assert_int_equal(atomic_load(&server.connections), 3 + 3 + 1);
    assert_status(probe("--any", bad, good, NULL), 0); /* which may end before BAD has connected */
    assert_status(probe(good, NULL), 0);
    assert_in_range(atomic_load(&server.connections), 7 + 1 + 1, 7 + 2 + 1);
    assert_status(probe("--wait=1s", good, "--", "true", NULL), 0);
    script_stop(&server);
}

static void what_cannot_be_expected_is_a_usage_error(void **state)
{
    static const char *const rows[][2] = {
        { "tcp://localhost:1?expect=", "needs a TEXT" },
        { "tcp://localhost:1?expect", "needs =VALUE" },
        { "tcp://localhost:1?expect=%0", "hexadecimal" },
        { "tcp://localhost:1?expect=%00", "%00" },
        { "tcp://localhost:1?expect=a&expect=b", "is there twice" },
        { "tcp://localhost:1?expects=a", "no query that this kind" },
        { "unix:///x?send=a", "no query that this kind" },
    };
    char longest[257];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct run_result *result = probe(rows[i][0], NULL);
        if (result->status != 1 || result->out_length > 0 || !strstr(result->err, rows[i][1]))
            fail_msg("%s: %d: %s%s", rows[i][0], result->status, result->out, result->err);
    }
    memset(longest, 'x', 256);
    longest[256] = '\0';
    assert_has(probe(format("tcp://localhost:1?expect=%sx", longest), NULL)->err, "is longer than 256 bytes");
    assert_has(probe(format("tcp://localhost:1?expect=%%78%s", longest + 1), NULL)->out, "connection refused");
}

/* --- real servers ------------------------------------------------------------------------------ */

static pid_t real;
static int port;

static int stop_real(void **state)
{
    (void)state;
    if (real > 0)
        peer_stop(real, SIGTERM);
    real = 0;
    return 0;
}

static void expect_real(const char *scheme, const char *query, int status, const char *says)
{
    peer_expect(peer_text("%s://127.0.0.1:%d%s", scheme, port, query), status, says);
}

/* A file in /mnt, which is this test's own, that belongs to root. */
static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, 0600) == 0);
}

/* Starts a server that has to begin as root. The test is skipped where the machine has another server in its place:
 * Debian has one for mail, and one for files, on each machine. */
static void start_as_root(char *const argv[])
{
    const char *path = peer_path("log");

    if (access(argv[0], X_OK) != 0) {
        print_message("# skip: no %s\n", argv[0]);
        skip();
    }
    real = fork();
    if (real == 0) {
        int log = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        dup2(log, STDOUT_FILENO);
        dup2(log, STDERR_FILENO);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid();
        execv(argv[0], argv);
        _exit(127);
    }
}

static void opensmtpd_greets_with_220(void **state)
{
    (void)state;
    port = peer_port();
    assert_int_equal(mount("tmpfs", "/var/spool", "tmpfs", 0, "mode=711"), 0);
    assert_int_equal(mkdir("/var/spool/smtpd", 0711), 0);
    assert_int_equal(chmod("/var/spool/smtpd", 0711), 0);
    put_file("/mnt/smtpd.conf", peer_text("listen on 127.0.0.1 port %d hostname mail.test\naction a maildir\n"
                                          "match from local for local action a\n",
                                          port));
    start_as_root((char *[]){ (char *)"/usr/sbin/smtpd", (char *)"-d", (char *)"-f", (char *)"/mnt/smtpd.conf", NULL });
    peer_await(peer_text("tcp://127.0.0.1:%d?expect=220", port));
    expect_real("tcp", "?expect=220%20mail.test%20ESMTP", 0, "  greeted as expected in ");
    expect_real("tcp", "?expect=SSH", 1, "does not begin");
}

static void start_vsftpd(const char *options)
{
    port = peer_port();
    put_file("/mnt/vsftpd.conf",
             peer_text("listen=YES\nlisten_port=%d\nlisten_address=127.0.0.1\nbackground=NO\n"
                       "anonymous_enable=YES\nftpd_banner=at your service\nsecure_chroot_dir=/mnt\n%s",
                       port, options));
    start_as_root((char *[]){ (char *)"/usr/sbin/vsftpd", (char *)"/mnt/vsftpd.conf", NULL });
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
}

static void vsftpd_greets_with_220(void **state)
{
    (void)state;
    start_vsftpd("");
    expect_real("tcp", "?expect=220%20at%20your%20service%0D%0A", 0, "  greeted as expected in ");
    expect_real("tcp", "?expect=530", 1, "does not begin");
}

/* FTPS with TLS from the first byte on. */
static void vsftpd_greets_over_tls(void **state)
{
    const char *cacert = tls_file("ca.pem");

    (void)state;
    start_vsftpd(peer_text("ssl_enable=YES\nimplicit_ssl=YES\nallow_anon_ssl=YES\nssl_ciphers=HIGH\nrsa_cert_file=%s\n"
                           "rsa_private_key_file=%s\n",
                           tls_file("good.pem"), tls_file("good.key")));
    const struct run_result *result =
        peer_probe("--cacert", cacert, peer_text("tls://localhost:%d?expect=220%%20at", port), NULL);
    assert_status(result, 0);
    assert_says(result, "  greeted as expected in ");
    result = peer_probe("--cacert", cacert, peer_text("tls://localhost:%d?expect=421", port), NULL);
    assert_status(result, 1);
    assert_says(result, "  the greeting does not begin with what is expected\n");
    expect_real("tls", "?expect=220", 1, "certificate"); /* which is not trusted */
}

static void openssh_greets_with_its_version(void **state)
{
    static const char *const words[] = { "error", "reset", "fatal", NULL };

    (void)state;
    port = peer_port();
    peer_shell("ssh-keygen -q -t ed25519 -N '' -f hostkey");
    assert_true(mkdir("/run/sshd", 0755) == 0 || access("/run/sshd", X_OK) == 0);
    real = peer_start("sshd.log", (char *[]){ (char *)"/usr/sbin/sshd", (char *)"-D", (char *)"-e", (char *)"-p",
                                              (char *)peer_text("%d", port), (char *)"-h", (char *)peer_path("hostkey"),
                                              (char *)"-f", (char *)"/dev/null", (char *)"-o", (char *)"PidFile=none",
                                              (char *)"-o", (char *)"ListenAddress=127.0.0.1", NULL });
    peer_await(peer_text("tcp://127.0.0.1:%d?expect=SSH-2.0-", port));
    expect_real("tcp", "?expect=SSH-2.0-OpenSSH_", 0, "  greeted as expected in ");
    expect_real("tcp", "?expect=SSH-1", 1, "does not begin");
    peer_probe_often(peer_text("tcp://127.0.0.1:%d?expect=SSH-", port));
    assert_false(peer_complains("sshd.log", 0, words)); /* a connection with unread bytes would be reset */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_greeting_that_begins_with_the_text_is_healthy),
        cmocka_unit_test(a_greeting_may_come_in_pieces_and_be_long),
        cmocka_unit_test(another_greeting_is_unhealthy_and_is_not_repeated),
        cmocka_unit_test(silence_and_an_early_end_are_unhealthy),
        cmocka_unit_test(nothing_is_sent),
        cmocka_unit_test(a_unix_socket_may_greet_too),
        cmocka_unit_test(among_several_targets_it_is_read_as_well),
        cmocka_unit_test(what_cannot_be_expected_is_a_usage_error),
        cmocka_unit_test_teardown(opensmtpd_greets_with_220, stop_real),
        cmocka_unit_test_teardown(vsftpd_greets_with_220, stop_real),
        cmocka_unit_test_teardown(vsftpd_greets_over_tls, stop_real),
        cmocka_unit_test_teardown(openssh_greets_with_its_version, stop_real),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
