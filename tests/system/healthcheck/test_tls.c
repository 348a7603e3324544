/* tls:// against openssl s_server: both versions, every fault of a certificate, handshakes that get stuck. */
#include "support/der.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect(const struct run_result *result, int status, const char *says)
{
    if (result->status != status || !strstr(result->out, says))
        fail_msg("wanted %d and '%s', got %d: %s%s", status, says, result->status, result->out, result->err);
}

/* Probes with the test's CA and one more option. */
static const struct run_result *probe_tls(const char *host, int port, const char *option, const char *value)
{
    const char *target = peer_text("tls://%s:%d", host, port);

    return peer_probe("--cacert", tls_file("ca.pem"), target, option, value, NULL);
}

static const char *const versions[] = { "-tls1_2", "-tls1_3" };

static void good_certificates_of_every_kind_are_healthy(void **state)
{
    static const char *const names[] = { "good", "rsa", "p384" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t j = 0; j < COUNT(versions); j++) {
            int port = tls_serve(names[i], versions[j], NULL);
            expect(probe_tls("localhost", port, NULL, NULL), 0, "  connected in ");
            expect(probe_tls("127.0.0.1", port, NULL, NULL), 0, "  connected in ");
            tls_stop(NULL);
        }
}

static void an_intermediate_certificate_is_followed(void **state)
{
    (void)state;
    int port = tls_serve("chain", "-cert_chain", tls_file("middle.pem"), NULL);
    expect(probe_tls("localhost", port, NULL, NULL), 0, "  connected in ");
    tls_stop(NULL);
    port = tls_serve("chain", NULL);
    expect(probe_tls("localhost", port, NULL, NULL), 1, "  certificate comes from an unknown CA (middle)\n");
}

static void names_are_verified(void **state)
{
    int port = tls_serve("app", NULL);

    (void)state;
    expect(probe_tls("localhost", port, "--servername", "app.test"), 0, "ok ");
    expect(probe_tls("localhost", port, "--servername", "APP.test."), 0, "ok ");
    expect(probe_tls("localhost", port, "--servername", "x.app.test"), 0, "ok ");
    expect(probe_tls("localhost", port, "--servername", "x.y.app.test"), 1, ", not for x.y.app.test\n");
    expect(probe_tls("localhost", port, "--servername", "app.tes"), 1, ", not for app.tes\n");
    expect(probe_tls("localhost", port, NULL, NULL), 1,
           "  certificate is for app.test, *.app.test, not for localhost\n");
    expect(probe_tls("127.0.0.1", port, NULL, NULL), 1,
           "  certificate is for app.test, *.app.test, not for the address 127.0.0.1\n");
    tls_stop(NULL);
    port = tls_serve("addresses", NULL);
    expect(probe_tls("127.0.0.1", port, NULL, NULL), 0, "ok ");
    expect(probe_tls("localhost", port, "--servername", "::1"), 0, "ok ");
    expect(probe_tls("localhost", port, NULL, NULL), 1, "  certificate is for 127.0.0.1, ::1, not for localhost\n");
    expect(probe_tls("127.0.0.1", port, "--servername", "127.0.0.2"), 1, ", not for the address 127.0.0.2\n");
}

/* A server's certificate, and what is said of it. */
static const struct {
    const char *name, *cacert, *says;
} faults[] = {
    { "expired", "ca", "  certificate expired 2025-11-02\n" },
    { "future", "ca", "  certificate is not valid before 2098-01-01\n" },
    { "many", "ca", "  certificate is for a.test, b.test, 10.0.0.1 and 2 more, not for localhost\n" },
    { "unknown", "ca", "  certificate comes from an unknown CA (Stranger CA)\n" },
    { "forged", "ca", "  certificate is not signed by the trusted CA of that name (Test CA)\n" },
    { "under-constrained", "constrained",
      "  CA certificate (Constrained CA) may not issue certificates for such names (name constraints)\n" },
    { "bare", "bare", "  certificate has no subjectAltName, only the common name localhost, which does not count\n" },
    { "critical", "ca", "  certificate has an extension that is not known and may not be ignored (1.2.3.4)\n" },
    { "self", "ca", "  certificate is self-signed and not trusted\n" },
    { "sha1", "ca", "  certificate is signed with a weak hash" },
    { "client-only", "ca", "certificate is not for servers (key usage)" },
    { "good", "expired", "  certificate comes from an unknown CA (Test CA)\n" },
    { "good", "no-such", "no-such.pem: No such file or directory\n" },
};

static void each_fault_of_a_certificate_has_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        int port = tls_serve(faults[i].name, "-cipher", "DEFAULT:@SECLEVEL=0", NULL);
        const char *target = peer_text("tls://localhost:%d", port);
        const char *cacert = tls_file(peer_text("%s.pem", faults[i].cacert));
        expect(peer_probe("--cacert", cacert, target, NULL), 1, faults[i].says);
        expect(peer_probe("-k", target, NULL), 0, "  connected in ");
        tls_stop(NULL);
    }
}

static void a_fault_of_an_issuer_names_the_issuer(void **state)
{
    (void)state;
    int port = tls_serve("under-expired", "-cert_chain", tls_file("expired-ca.pem"), NULL);
    expect(probe_tls("localhost", port, NULL, NULL), 1, "  CA certificate (expired-ca) expired 2025-11-02\n");
    tls_stop(NULL);
    port = tls_serve("under-no-issuer", "-cert_chain", tls_file("no-issuer.pem"), NULL);
    expect(probe_tls("localhost", port, NULL, NULL), 1,
           "  CA certificate (no-issuer) may not issue certificates (basicConstraints)\n");
}

static void a_certificate_that_is_trusted_itself_is_healthy(void **state)
{
    (void)state;
    int port = tls_serve("self", NULL);
    const char *target = peer_text("tls://localhost:%d", port);
    expect(peer_probe("--cacert", tls_file("self.pem"), target, NULL), 0, "ok ");
    expect(peer_probe("--cacert", tls_file("own.pem"), target, NULL), 1, "");
    tls_stop(NULL);
    target = peer_text("tls://localhost:%d", tls_serve("own", NULL));
    expect(peer_probe("--cacert", tls_file("own.pem"), target, NULL), 0, "ok ");
    tls_stop(NULL);
    target = peer_text("tls://localhost:%d", tls_serve("pinned", "-cert_chain", tls_file("middle.pem"), NULL));
    expect(peer_probe("--cacert", tls_file("pinned.pem"), target, NULL), 0, "ok ");
    expect(peer_probe("--cacert", tls_file("pinned.pem"), "--servername", "x.test", target, NULL), 1,
           "  certificate is for localhost, app.test, 127.0.0.1 and 1 more, not for x.test\n");
    expect(peer_probe("--cacert", tls_file("good.pem"), target, NULL), 1,
           "  CA certificate (middle) comes from an unknown CA (Test CA)\n");
}

/* Behind it in the bundle there are others, by which it is not signed. */
static void a_certificate_that_is_trusted_itself_may_stand_anywhere_in_a_bundle(void **state)
{
    static const char *const bundles[] = { "self stranger ca", "stranger self ca", "stranger ca self",
                                           "self stranger self" };
    const char *target = peer_text("tls://localhost:%d", tls_serve("self", NULL));

    (void)state;
    for (size_t i = 0; i < COUNT(bundles); i++) {
        peer_shell(peer_text("for name in %s; do cat certificates/$name.pem; done >around.pem", bundles[i]));
        expect(peer_probe("--cacert", peer_path("around.pem"), target, NULL), 0, "ok ");
    }
    peer_shell("cat certificates/stranger.pem certificates/ca.pem certificates/own.pem >around.pem");
    expect(peer_probe("--cacert", peer_path("around.pem"), target, NULL), 1,
           "  certificate is self-signed and not trusted\n");
    peer_shell("rm around.pem"); /* the folder is given as one of certificates later */
}

static void what_a_certificate_is_for_is_told(void **state)
{
    static const struct {
        const char *name, *ca, *says;
    } rows[] = {
        { "own", "own.pem", "  certificate is for localhost, not for x.test\n" },
        { "mail", "ca.pem", "  certificate is for no name, not for x.test\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *target = peer_text("tls://localhost:%d", tls_serve(rows[i].name, NULL));
        expect(peer_probe("--cacert", tls_file(rows[i].ca), "--servername", "x.test", target, NULL), 1, rows[i].says);
        tls_stop(NULL);
    }
}

static void a_server_that_does_not_know_the_name_says_so(void **state)
{
    int port = tls_serve("good", "-servername", "x.test", "-servername_fatal", "-cert2", tls_file("app.pem"), "-key2",
                         tls_file("app.key"), NULL);

    (void)state;
    expect(peer_probe("-k", peer_text("tls://localhost:%d", port), NULL), 1,
           "  server does not know that name (--servername): unrecognized_name\n");
    expect(peer_probe("-k", "--servername", "x.test", peer_text("tls://localhost:%d", port), NULL), 0, "ok ");
    expect(peer_probe("-k", "--servername", peer_text("%0300d", 1), peer_text("tls://localhost:%d", port), NULL), 1,
           "  the server's name is too long for TLS\n");
}

static void names_in_certificates_are_sanitised(void **state)
{
    (void)state;
    const struct run_result *result = probe_tls("localhost", tls_serve("hostile", NULL), NULL, NULL);
    expect(result, 1, "certificate is for app.test");
    assert_null(strchr(result->out, '\033'));
}

static void the_days_left_are_counted(void **state)
{
    static const struct {
        const char *name, *least, *more, *says;
    } rows[] = {
        { "day", "1", "2", "  certificate expires in 1 day, on 20" },
        { "days", "2", "3", "  certificate expires in 2 days, on 20" },
        { "ages", "36499", "36500", "  certificate expires in 36499 days, on 21" },
        { "ages-more", "36499", "36500", "  certificate expires in 36499 days, on 21" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int port = tls_serve(rows[i].name, NULL);
        expect(probe_tls("localhost", port, "--tls-min-days", rows[i].least), 0, "ok ");
        expect(probe_tls("localhost", port, "--tls-min-days", rows[i].more), 1, rows[i].says);
        tls_stop(NULL);
    }
    int port = tls_serve("short", NULL);
    expect(probe_tls("localhost", port, "--tls-min-days", "0"), 0, "ok ");
    expect(probe_tls("localhost", port, "--tls-min-days", "10"), 0, "ok ");
    expect(probe_tls("localhost", port, "--tls-min-days", "11"), 1, "  certificate expires in 10 days, on 20");
    expect(peer_probe("-k", "--tls-min-days", "11", peer_text("tls://localhost:%d", port), NULL), 1, "in 10 days");
    tls_stop(NULL);
    port = tls_serve("expired", NULL);
    expect(peer_probe("-k", "--tls-min-days", "0", peer_text("tls://localhost:%d", port), NULL), 1,
           "  certificate expired 2025-11-02\n");
}

/* --- what is trusted ------------------------------------------------------------------------------- */

static void the_ca_may_stand_anywhere_in_a_bundle(void **state)
{
    const char *target = peer_text("tls://localhost:%d", tls_serve("good", NULL));

    (void)state;
    expect(peer_probe("--cacert", tls_file("bundle.pem"), target, NULL), 0, "ok ");
    peer_write("empty.pem", "%s", "");
    expect(peer_probe("--cacert", peer_path("empty.pem"), target, NULL), 1,
           "  certificate cannot be verified: no certificate in ");
    expect(peer_probe("--cacert", peer_directory(), target, NULL), 1,
           "  certificate cannot be verified: no certificate in ");
}

static void a_ca_with_a_long_name_is_found(void **state)
{
    const char *target = peer_text("tls://localhost:%d", tls_serve("under-long", NULL));

    (void)state;
    peer_shell("cat certificates/stranger.pem certificates/long.pem certificates/ca.pem >around.pem");
    expect(peer_probe("--cacert", peer_path("around.pem"), target, NULL), 0, "ok ");
    expect(peer_probe("--cacert", tls_file("ca.pem"), target, NULL), 1, "unknown CA");
    peer_shell("rm around.pem");
}

/* As update-ca-certificates(8) makes it: a file each, links to them, and other things. */
static void what_is_trusted_may_be_a_folder_of_files(void **state)
{
    const char *target = peer_text("tls://localhost:%d", tls_serve("good", NULL));

    (void)state;
    peer_shell("mkdir roots roots/folder roots/empty && cp certificates/stranger.pem certificates/ca.key roots");
    assert_status(peer_probe("--cacert", peer_path("roots"), target, NULL), 1);
    peer_shell("mkfifo roots/fifo; ln -s /dev/zero roots/endless; ln -s nowhere roots/nowhere");
    peer_shell(
        "cat certificates/impostor.pem certificates/ca.pem >roots/several.crt; ln -s several.crt roots/0123abcd.0");
    const struct run_result *result = peer_probe("--cacert", peer_path("roots"), target, NULL);
    assert_status(result, 0);
    assert_took(result, 0, 2000);
    assert_status(peer_probe("--cacert", peer_path("roots/empty"), target, NULL), 1);
    assert_says(peer_probe("--cacert", peer_path("roots/empty"), target, NULL),
                "  certificate cannot be verified: no certificate in ");
    setenv("SSL_CERT_DIR", peer_path("roots"), 1);
    assert_status(peer_probe(target, NULL), 0);
    setenv("SSL_CERT_FILE", peer_path("certificates/stranger.pem"), 1); /* which comes first */
    assert_status(peer_probe(target, NULL), 1);
    setenv("SSL_CERT_FILE", "", 1);
    assert_status(peer_probe(target, NULL), 0);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
}

static void what_is_trusted_may_be_read_from_descriptor_0(void **state)
{
    static const struct run_options closed = { .close_stdin = true };
    const char *target = peer_text("tls://localhost:%d", tls_serve("good", NULL));

    (void)state;
    expect(run(&closed, (char *[]){ (char *)(uintptr_t)probe_binary(), (char *)"--cacert",
                                    (char *)(uintptr_t)tls_file("ca.pem"), (char *)(uintptr_t)target, NULL }),
           0, "ok ");
}

/* A pipe: without a writer, and with one that writes nothing. */
/* Those of the folder take 6 MiB and more. */
static void without_memory_for_what_is_trusted_a_probe_says_so(void **state)
{
    char *target = (char *)peer_text("tls://localhost:%d", tls_serve("good", NULL));
    char *command[] = { (char *)"prlimit",
                        (char *)"--as=33554432",
                        (char *)probe_binary(),
                        (char *)"--cacert",
                        (char *)peer_path("large"),
                        target,
                        NULL };

    (void)state;
    peer_shell("mkdir large; cd large; cp ../certificates/stranger.pem many\n"
               "for i in $(seq 14); do cat many many >more; mv more many; done\n"
               "cat many ../certificates/ca.pem >all.pem; rm many");
    expect(run(NULL, command), 0, "ok ");
    command[1] = (char *)"--as=4194304";
    expect(run(NULL, command), 1, "  out of memory\n");
}

static void what_is_trusted_is_not_waited_for(void **state)
{
    const char *target = peer_text("tls://localhost:%d", tls_serve("good", NULL));

    (void)state;
    peer_shell("mkfifo pipe");
    for (int writers = 0; writers <= 1; writers++) {
        int writer = writers ? open(peer_path("pipe"), O_RDWR) : -1;
        const struct run_result *result = peer_probe("--cacert", peer_path("pipe"), target, NULL);
        expect(result, 1, "  certificate cannot be verified: no certificate in ");
        assert_took(result, 0, 2000);
        if (writer >= 0)
            close(writer);
    }
}

static void the_environment_names_a_bundle(void **state)
{
    const char *target = peer_text("tls://localhost:%d", tls_serve("good", NULL));

    (void)state;
    setenv("SSL_CERT_FILE", tls_file("ca.pem"), 1);
    expect(peer_probe(target, NULL), 0, "ok ");
    expect(peer_probe("--cacert", tls_file("stranger.pem"), target, NULL), 1, "unknown CA");
    setenv("SSL_CERT_FILE", "/no/such", 1);
    expect(peer_probe(target, NULL), 1, "  cannot read the CA file /no/such: No such file or directory\n");
    setenv("SSL_CERT_FILE", "/dev/zero", 1);
    const struct run_result *endless = peer_probe(target, NULL);
    expect(endless, 1, "  certificate cannot be verified: no certificate in /dev/zero\n");
    assert_took(endless, 0, 2000 + GRACE_MS);
    unsetenv("SSL_CERT_FILE");
}

/* Probes where /etc holds nothing but the CA at PATH, if any. */
static const struct run_result *probe_in_image(const char *path, const char *target)
{
    char *script = (char *)"mount -t tmpfs none /etc || exit 99\n"
                           "[ -z \"$2\" ] || { mkdir -p \"${2%/*}\" && cp \"$1\" \"$2\"; }\n"
                           "exec \"$3\" \"$4\" <&-"; /* the bundle may well be descriptor 0 */

    return run(NULL,
               (char *[]){ (char *)"unshare", (char *)"-m", (char *)"sh", (char *)"-c", script, (char *)"sh",
                           (char *)tls_file("ca.pem"), (char *)path, (char *)probe_binary(), (char *)target, NULL });
}

static void the_bundles_of_images_are_known(void **state)
{
    static const char *const paths[] = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/ssl/cert.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
    };
    const char *target = peer_text("tls://localhost:%d", tls_serve("good", NULL));

    (void)state;
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    for (size_t i = 0; i < COUNT(paths); i++)
        expect(probe_in_image(paths[i], target), 0, "ok ");
    expect(probe_in_image("", target), 1, "  no CA bundle in the image (--cacert, SSL_CERT_FILE)\n");
}

/* --- client certificates --------------------------------------------------------------------------- */

static const struct run_result *probe_as(const char *name, const char *key, int port)
{
    return peer_probe("--cacert", tls_file("ca.pem"), "--cert", tls_file(name), "--key", tls_file(key),
                      peer_text("https://localhost:%d", port), NULL);
}

static void client_certificates_are_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        int port =
            tls_serve("good", versions[i], "-Verify", "1", "-verify_return_error", "-CAfile", tls_file("ca.pem"), NULL);
        expect(probe_as("client.pem", "client.key", port), 0, "  200 in ");
        expect(probe_as("client-rsa.pem", "client-rsa.key", port), 0, "  200 in ");
        expect(probe_as("client-unknown.pem", "client-unknown.key", port), 1,
               "  server refused the client certificate: unknown_ca\n");
        expect(peer_probe("-k", peer_text("https://localhost:%d", port), NULL), 1,
               "  server wants a client certificate (--cert, --key): ");
        /* TLS 1.3 has the server judge after the handshake, which is all of this probe: the manual says so. */
        bool later = strcmp(versions[i], "-tls1_3") == 0;
        expect(peer_probe("-k", peer_text("tls://localhost:%d", port), NULL), later ? 0 : 1,
               later ? "  connected in " : "  server wants a client certificate (--cert, --key): ");
        tls_stop(NULL);
    }
}

static void each_option_of_tls_has_its_variable(void **state)
{
    int port = tls_serve("good", "-Verify", "1", "-verify_return_error", "-CAfile", tls_file("ca.pem"), NULL);
    const char *target = peer_text("https://localhost:%d", port);

    (void)state;
    setenv("HEALTHCHECK_CACERT", tls_file("ca.pem"), 1);
    expect(peer_probe(target, NULL), 1, "  server wants a client certificate");
    setenv("HEALTHCHECK_CERT", tls_file("client.pem"), 1);
    setenv("HEALTHCHECK_KEY", tls_file("client.key"), 1);
    expect(peer_probe(target, NULL), 0, "  200 in ");
    setenv("HEALTHCHECK_SERVERNAME", "other.test", 1);
    expect(peer_probe(target, NULL), 1, ", not for other.test\n");
    setenv("HEALTHCHECK_INSECURE", "1", 1);
    expect(peer_probe(target, NULL), 0, "  200 in ");
    setenv("HEALTHCHECK_TLS_MIN_DAYS", "36500", 1);
    expect(peer_probe(target, NULL), 1, "  certificate expires in ");
}

static int clear_variables(void **state)
{
    static const char *const names[] = { "CACERT", "CERT", "KEY", "SERVERNAME", "INSECURE", "TLS_MIN_DAYS" };

    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(peer_text("HEALTHCHECK_%s", names[i]));
    return tls_stop(state);
}

static void unusable_keys_are_named(void **state)
{
    int port = tls_serve("good", NULL);

    (void)state;
    expect(probe_as("no-such.pem", "client.key", port), 1, "no-such.pem: No such file or directory\n");
    expect(probe_as("client.pem", "no-such.key", port), 1, "no-such.key: No such file or directory\n");
    expect(probe_as("client.key", "client.key", port), 1, "client.key holds no certificate that can be used\n");
    expect(probe_as("client-ed25519.pem", "client-ed25519.key", port), 1,
           "client-ed25519.pem has a key of a type that is not supported\n");
    expect(probe_as("client.pem", "ca.conf", port), 1, "ca.conf holds no private key that can be used\n");
    expect(probe_as("client.pem", "encrypted.key", port), 1,
           "encrypted.key holds an encrypted key, which cannot be used\n");
    expect(probe_as("client.pem", "client-rsa.key", port), 1, "client-rsa.key is not that of the certificate in ");
}

/* --- servers that do not get that far -------------------------------------------------------------- */

static void old_versions_are_refused(void **state)
{
    (void)state;
    int port = tls_serve("good", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", NULL);
    expect(probe_tls("localhost", port, NULL, NULL), 1, "  server speaks neither TLS 1.2 nor 1.3");
    expect(peer_probe("-k", peer_text("tls://localhost:%d", port), NULL), 1, "  server speaks neither TLS 1.2 nor 1.3");
}

static void no_cipher_in_common_is_told(void **state)
{
    (void)state;
    int port = tls_serve("rsa", "-tls1_2", "-cipher", "AES128-SHA", NULL);
    expect(probe_tls("localhost", port, NULL, NULL), 1,
           "  no certificate type, cipher or curve in common: handshake_failure\n");
}

/* ServerHello of TLS 1.2 with ECDHE-ECDSA-AES128-GCM-SHA256, and a certificate with KEY. The number of bytes. */
static size_t write_flight(const char *key, char *bytes)
{
    static const char hello[] = "\x16\3\3\0\x2a\2\0\0\x26\3\3random bytes of thirty-two bytes\0\xc0\x2b\0";
    static uint8_t certificate[DER_MAX];
    struct specimen specimen = specimen_server;

    specimen.key = key;
    size_t size = specimen_write(&specimen, NULL, NULL, certificate), n = sizeof hello - 1;
    memcpy(bytes, hello, n);
    size_t lengths[] = { size + 10, size + 6, size + 3, size }; /* of the record, message, list and certificate */
    memcpy(bytes + n, "\x16\3\3", 3);
    n += 3;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        if (i == 1)
            bytes[n++] = 11;
        if (i > 0)
            bytes[n++] = 0;
        bytes[n++] = (char)(lengths[i] >> 8);
        bytes[n++] = (char)lengths[i];
    }
    memcpy(bytes + n, certificate, size);
    return n + size;
}

#define FF32  "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define FF256 FF32 FF32 FF32 FF32 FF32 FF32 FF32 FF32

/* A server that does not look at what the client can do. */
static void a_key_that_is_not_supported_is_told_where_a_server_shows_it(void **state)
{
    static const char *const keys[] = {
        "30{06:2b6570} 03:00000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "30{06:2a8648ce3d0201 06:2b81040021} 03{=0004 =b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21"
        "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34}",
        "30{06:2a8648ce3d0201 06:2b8104000a} 03{=0004}",
        "30{06:2a0304} 03:00",
        "30{06:2a864886f70d01010a} 03{=00 30{02:00" FF256 " 02:010001}}",
    };
    char flight[2048];

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct script_server server;
        size_t size = write_flight(keys[i], flight);
        script_start(
            &server, "127.0.0.1",
            (struct script_step[]){ { SCRIPT_SEND, flight, size, 0 }, { .verb = SCRIPT_HOLD }, { .verb = 0 } });
        const struct run_result *result = peer_probe("-k", peer_text("tls://127.0.0.1:%d", server.port), NULL);
        script_stop(&server);
        expect(result, 1,
               "  server's certificate has a key of a type that is not supported while in the TLS handshake\n");
    }
}

static void grpc_wants_h2(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        const char *target = peer_text("grpcs://localhost:%d", tls_serve("good", versions[i], NULL));
        expect(peer_probe("-k", target, NULL), 1, "  server does not offer HTTP/2 (ALPN h2): is it gRPC?\n");
        tls_stop(NULL);
        target = peer_text("grpcs://localhost:%d", tls_serve("good", versions[i], "-alpn", "http/1.1", NULL));
        expect(peer_probe("-k", target, NULL), 1, "(ALPN");
        tls_stop(NULL);
    }
}

/* Bytes of the answer that pass: none, in a record's head, in ServerHello, in the certificates, behind all but the end.
 */
static const size_t places[] = { 0, 3, 60, 150, 400, 700 };

static void a_handshake_that_gets_stuck_ends_at_the_deadline(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        int port = tls_serve("good", versions[i], NULL);
        for (size_t j = 0; j < COUNT(places); j++) {
            struct relay relay = { .port = port, .bytes = places[j], .end = RELAY_HOLD };
            const char *target = peer_text("tls://localhost:%d", relay_start(&relay));
            const struct run_result *result = peer_probe("-k", "-t", "300ms", target, NULL);
            relay_stop(&relay);
            expect(result, 1, "  timed out after 300ms in the TLS handshake\n");
            assert_took(result, 300, 300 + GRACE_MS);
        }
        tls_stop(NULL);
    }
}

static void a_handshake_that_is_cut_or_spoilt_is_unhealthy(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(versions) * COUNT(places); i++) {
        int port = tls_serve("good", versions[i % COUNT(versions)], NULL);
        for (enum relay_end end = RELAY_CUT; end <= RELAY_SPOIL; end++) {
            struct relay relay = { .port = port, .bytes = places[i / COUNT(versions)], .end = end };
            const char *target = peer_text("tls://localhost:%d", relay_start(&relay));
            const struct run_result *result = peer_probe("-k", "-t", "1s", target, NULL);
            relay_stop(&relay);
            expect(result, 1, "FAIL ");
            assert_took(result, 0, 1000 + GRACE_MS);
            if (end == RELAY_CUT)
                expect(result, 1, "  connection closed while in the TLS handshake\n");
        }
        tls_stop(NULL);
    }
}

static void a_flood_of_warnings_ends_at_the_deadline(void **state)
{
    int port = tls_serve("good", NULL);

    (void)state;
    struct relay relay = { .port = port, .bytes = 0, .end = RELAY_FLOOD };
    const char *target = peer_text("tls://localhost:%d", relay_start(&relay));
    const struct run_result *result = peer_probe("-k", "-t", "400ms", target, NULL);
    relay_stop(&relay);
    expect(result, 1, "  timed out after 400ms in the TLS handshake\n");
    assert_took(result, 400, 1400); /* the flood takes a processor for itself */
}

static void silence_ends_at_the_deadline(void **state)
{
    int port = tls_serve("good", NULL);

    (void)state;
    struct relay relay = { .port = port, .bytes = 0, .end = RELAY_HOLD };
    const char *target = peer_text("https://localhost:%d", relay_start(&relay));
    expect(peer_probe("-t", "200ms", "--cacert", tls_file("ca.pem"), target, NULL), 1,
           "  timed out after 200ms in the TLS handshake\n");
    relay_stop(&relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(good_certificates_of_every_kind_are_healthy, tls_stop),
        cmocka_unit_test_teardown(an_intermediate_certificate_is_followed, tls_stop),
        cmocka_unit_test_teardown(names_are_verified, tls_stop),
        cmocka_unit_test_teardown(each_fault_of_a_certificate_has_its_reason, tls_stop),
        cmocka_unit_test_teardown(a_fault_of_an_issuer_names_the_issuer, tls_stop),
        cmocka_unit_test_teardown(a_certificate_that_is_trusted_itself_is_healthy, tls_stop),
        cmocka_unit_test_teardown(a_certificate_that_is_trusted_itself_may_stand_anywhere_in_a_bundle, tls_stop),
        cmocka_unit_test_teardown(what_a_certificate_is_for_is_told, tls_stop),
        cmocka_unit_test_teardown(a_server_that_does_not_know_the_name_says_so, tls_stop),
        cmocka_unit_test_teardown(names_in_certificates_are_sanitised, tls_stop),
        cmocka_unit_test_teardown(the_days_left_are_counted, tls_stop),
        cmocka_unit_test_teardown(the_ca_may_stand_anywhere_in_a_bundle, tls_stop),
        cmocka_unit_test_teardown(a_ca_with_a_long_name_is_found, tls_stop),
        cmocka_unit_test_teardown(what_is_trusted_may_be_a_folder_of_files, tls_stop),
        cmocka_unit_test_teardown(what_is_trusted_may_be_read_from_descriptor_0, tls_stop),
        cmocka_unit_test_teardown(without_memory_for_what_is_trusted_a_probe_says_so, tls_stop),
        cmocka_unit_test_teardown(what_is_trusted_is_not_waited_for, tls_stop),
        cmocka_unit_test_teardown(the_environment_names_a_bundle, tls_stop),
        cmocka_unit_test_teardown(the_bundles_of_images_are_known, tls_stop),
        cmocka_unit_test_teardown(client_certificates_are_shown, tls_stop),
        cmocka_unit_test_teardown(each_option_of_tls_has_its_variable, clear_variables),
        cmocka_unit_test_teardown(unusable_keys_are_named, tls_stop),
        cmocka_unit_test_teardown(old_versions_are_refused, tls_stop),
        cmocka_unit_test_teardown(no_cipher_in_common_is_told, tls_stop),
        cmocka_unit_test(a_key_that_is_not_supported_is_told_where_a_server_shows_it),
        cmocka_unit_test_teardown(grpc_wants_h2, tls_stop),
        cmocka_unit_test_teardown(a_handshake_that_gets_stuck_ends_at_the_deadline, tls_stop),
        cmocka_unit_test_teardown(a_handshake_that_is_cut_or_spoilt_is_unhealthy, tls_stop),
        cmocka_unit_test_teardown(a_flood_of_warnings_ends_at_the_deadline, tls_stop),
        cmocka_unit_test_teardown(silence_ends_at_the_deadline, tls_stop),
    };

    subject_isolate();
    unsetenv("SSL_CERT_FILE");
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
