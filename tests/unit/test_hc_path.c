/* Paths from a server's certificate to a trusted one: which is found, and what is said where none is good. */
#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/path.h"
#include "support/der.h"
#include "support/test.h"

enum { CERTIFICATES_MAX = 80, CERTIFICATE_SIZE = 1024, NOW = 1800000000 };

static uint8_t written[CERTIFICATES_MAX][CERTIFICATE_SIZE];
static size_t written_count;

static struct der trusted[CERTIFICATES_MAX];
static size_t trusted_count, checks;
static struct path_search search;

static void visit_trusted(struct path_search *asked, const struct der *issuer, path_visit *visit)
{
    struct certificate certificate;

    for (size_t i = 0; i < trusted_count; i++)
        if (!issuer || (certificate_parse(trusted[i], &certificate) && dn_equal(certificate.subject, *issuer)))
            if (!visit(asked, trusted[i]))
                return;
}

/* The signature of a test is the serial number of who made it. */
static bool is_signed(struct path_search *asked, const struct certificate *child, const struct certificate *issuer)
{
    (void)asked;
    checks++;
    return der_equal(child->signature, issuer->serial);
}

static void put_distrust(struct path_search *asked, const struct certificate *child, bool named, struct text *out)
{
    (void)asked;
    (void)child;
    text_string(out, named ? "is not by who has that name" : "is by nobody known");
}

/* Writes CERTIFICATE, whose signature is that of SIGNER, a serial number of one byte. */
static struct der issue(struct specimen specimen, const char *subject, const char *issuer, int serial, int signer)
{
    static uint8_t bytes[DER_MAX];
    char parts[4][64];

    snprintf(parts[0], sizeof parts[0], DN("%s"), subject);
    snprintf(parts[1], sizeof parts[1], DN("%s"), issuer);
    snprintf(parts[2], sizeof parts[2], "02:%02x", (unsigned)serial);
    snprintf(parts[3], sizeof parts[3], "=00%02x", (unsigned)signer);
    specimen.subject = parts[0];
    specimen.issuer = parts[1];
    specimen.serial = parts[2];
    specimen.signature = parts[3];
    size_t n = specimen_write(&specimen, NULL, NULL, bytes);
    assert_true(n <= CERTIFICATE_SIZE && written_count < CERTIFICATES_MAX);
    return (struct der){ memcpy(written[written_count++], bytes, n), n };
}

static struct der ca(const char *subject, const char *issuer, int serial, int signer)
{
    return issue(specimen_ca, subject, issuer, serial, signer);
}

static struct der expired_ca(const char *subject, const char *issuer, int serial, int signer)
{
    struct specimen specimen = specimen_ca;

    specimen.validity = "17\"200101000000Z\" 17\"210203000000Z\"";
    return issue(specimen, subject, issuer, serial, signer);
}

static void offer(struct der certificate)
{
    search.offered[search.offered_count++] = certificate;
}

/* The server's own certificate, issued by ISSUER, is all that is there. */
static int begin(void **state)
{
    (void)state;
    written_count = trusted_count = checks = 0;
    search = (struct path_search){ .host = { "localhost", strlen("localhost") },
                                   .now = NOW,
                                   .visit_trusted = visit_trusted,
                                   .is_signed = is_signed,
                                   .put_distrust = put_distrust };
    offer(issue(specimen_server, "Server", "Int", 1, 2));
    return 0;
}

static void expect(bool healthy, const char *reason)
{
    char said[RESULT_REASON_SIZE + 1];
    bool found = path_find(&search);

    text_copy(said, sizeof said, search.why, text_kept(&search.reason));
    if (found != healthy || (!healthy && strcmp(said, reason) != 0))
        fail_msg("wanted %d '%s', got %d '%s'", healthy, reason, found, said);
    if (!healthy)
        assert_int_not_equal(search.faults, 0);
}

static void a_path_leads_over_what_was_sent_to_what_is_trusted(void **state)
{
    (void)state;
    offer(ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(true, "");
    assert_int_equal(checks, 2);
}

static void certificates_come_in_any_order(void **state)
{
    (void)state;
    offer(ca("Root", "Root", 3, 3));
    offer(ca("Upper", "Root", 4, 3));
    offer(ca("Int", "Upper", 2, 4));
    trusted[trusted_count++] = search.offered[1];
    expect(true, "");
}

static void what_does_not_belong_is_passed_over(void **state)
{
    static const uint8_t rubbish[] = { 0x30, 0x80, 1, 2, 3 };

    (void)state;
    offer((struct der){ rubbish, sizeof rubbish });
    offer(ca("Stranger", "Nobody", 9, 9));
    offer(ca("Int", "Root", 8, 3)); /* of that name, and not who signed it */
    offer(search.offered[0]);
    offer(ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 7, 7); /* the same here */
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(true, "");
}

static void what_is_trusted_ends_a_path_root_or_not(void **state)
{
    (void)state;
    trusted[trusted_count++] = ca("Int", "Nobody", 2, 9);
    expect(true, "");
    begin(state);
    trusted[trusted_count++] = search.offered[0];
    expect(true, "");
    assert_int_equal(checks, 0);
    begin(state);
    search.offered[0] = issue(specimen_server, "Server", "Server", 1, 1);
    trusted[trusted_count++] = search.offered[0];
    expect(true, "");
    assert_int_equal(checks, 0);
}

static void of_several_paths_a_good_one_counts(void **state)
{
    (void)state;
    offer(expired_ca("Int", "Root", 2, 3));
    offer(ca("Int", "Old Root", 2, 5));
    offer(ca("Int", "Nobody", 2, 6));
    offer(ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = expired_ca("Old Root", "Old Root", 5, 5);
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(true, "");
}

static void of_several_bad_paths_one_that_is_trusted_is_told(void **state)
{
    (void)state;
    offer(ca("Int", "Nobody", 2, 6));
    offer(expired_ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(false, "CA certificate (Int) expired 2021-02-03");
    assert_int_equal(search.faults, FAULT_TIME);
}

static void an_end_that_nobody_trusts_is_told_of_the_last_one(void **state)
{
    (void)state;
    expect(false, "certificate is by nobody known");
    assert_int_equal(search.faults, FAULT_ISSUER);
    begin(state);
    offer(ca("Int", "Root", 2, 3));
    expect(false, "CA certificate (Int) is by nobody known");
    begin(state);
    trusted[trusted_count++] = ca("Int", "Root", 9, 3);
    expect(false, "certificate is not by who has that name");
    begin(state);
    offer(ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 9, 9);
    expect(false, "CA certificate (Int) is not by who has that name");
}

static void every_fault_on_the_path_is_told(void **state)
{
    struct specimen server = specimen_server;

    (void)state;
    server.validity = "17\"400101000000Z\" 17\"410101000000Z\"";
    server.extensions[EXT_NAMES] = NAMES("", "30{82\"a.test\"}");
    server.extensions[EXT_PURPOSE] = PURPOSE("", "30{" CLIENT_AUTH "}");
    search.offered[0] = issue(server, "Server", "Int", 1, 2);
    trusted[trusted_count++] = expired_ca("Int", "Int", 2, 2);
    expect(false,
           "certificate is not valid before 2040-01-01; certificate is for a.test, not for localhost; certificate "
           "is not for servers (key usage); CA certificate (Int) expired 2021-02-03");
    assert_int_equal(search.faults, FAULT_TIME | FAULT_NAME | FAULT_USE);
}

static void times_are_from_and_before(void **state)
{
    static const struct {
        const char *validity, *reason;
    } cases[] = {
        { "17\"270115080000Z\" 17\"270115080001Z\"", NULL },
        { "17\"270115075959Z\" 17\"270115080000Z\"", "certificate expired 2027-01-15" },
        { "17\"270115080001Z\" 17\"270115080002Z\"", "certificate is not valid before 2027-01-15" },
    };
    struct specimen server = specimen_server;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin(state);
        server.validity = cases[i].validity;
        search.offered[0] = issue(server, "Server", "Int", 1, 2);
        trusted[trusted_count++] = ca("Int", "Int", 2, 2);
        expect(!cases[i].reason, cases[i].reason ? cases[i].reason : "");
    }
}

/* What a certificate between the server's and the root may not be, and what a root may. */
static void each_ca_has_to_be_one(void **state)
{
    static const struct {
        int extension;
        const char *notation, *reason;
    } cases[] = {
        { EXT_BASIC, BASIC("", "30{}"), "may not issue certificates (basicConstraints)" },
        { EXT_BASIC, NULL, "may not issue certificates (basicConstraints)" },
        { EXT_BASIC, BASIC("", "30{02:01}"), "is malformed (basicConstraints)" },
        { EXT_USAGE, USAGE("", "03:0780"), "may not issue certificates (key usage)" },
        { EXT_USAGE, NULL, NULL },
        { EXT_PURPOSE, PURPOSE("", "30{" CLIENT_AUTH "}"),
          "may not issue certificates for servers (extended key usage)" },
        { EXT_PURPOSE, PURPOSE("", "30{" SERVER_AUTH "}"), NULL },
        { EXT_CONSTRAINTS, CONSTRAINTS("", "30{a0{30{82\"a.test\"}}}"),
          "may not issue certificates for such names (name constraints)" },
        { EXT_OTHER, "06:2a03 01:ff 04:", "has an extension that is not known and may not be ignored (1.2.3)" },
    };
    char reason[256];

    (void)state;
    for (size_t i = 0; i < COUNT(cases) * 2; i++) {
        struct specimen specimen = specimen_ca;
        begin(state);
        specimen.extensions[cases[i / 2].extension] = cases[i / 2].notation;
        struct der certificate = issue(specimen, "Int", "Root", 2, 3);
        trusted[trusted_count++] = i % 2 ? certificate : ca("Root", "Root", 3, 3);
        if (i % 2 == 0)
            offer(certificate);
        snprintf(reason, sizeof reason, "CA certificate (Int) %s", cases[i / 2].reason ? cases[i / 2].reason : "");
        expect(!cases[i / 2].reason, reason);
    }
}

static void a_root_of_version_1_is_trusted_and_no_other_ca_of_it(void **state)
{
    struct specimen old = specimen_ca;

    (void)state;
    memset(old.extensions, 0, sizeof old.extensions);
    old.version = "";
    trusted[trusted_count++] = issue(old, "Int", "Int", 2, 2);
    expect(true, "");
    begin(state);
    trusted[trusted_count++] = issue(old, "Int", "Root", 2, 3);
    expect(false, "CA certificate (Int) may not issue certificates (basicConstraints)");
    begin(state);
    offer(issue(old, "Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(false, "CA certificate (Int) may not issue certificates (basicConstraints)");
}

static struct der limited_ca(const char *subject, const char *issuer, int serial, int signer)
{
    struct specimen specimen = specimen_ca;

    specimen.extensions[EXT_BASIC] = BASIC("", "30{01:ff 02:00}");
    return issue(specimen, subject, issuer, serial, signer);
}

/* A CA's certificate for its new key, by its old one, which it names. */
static struct der rolled_ca(const char *name, int serial, int signer)
{
    struct specimen specimen = specimen_ca;
    char own[32], old[32];

    snprintf(own, sizeof own, KEY_ID("", "04:%02x"), (unsigned)serial);
    snprintf(old, sizeof old, ISSUER_KEY_ID("", "30{80:%02x}"), (unsigned)signer);
    specimen.extensions[EXT_KEY_ID] = own;
    specimen.extensions[EXT_ISSUER_KEY_ID] = old;
    return issue(specimen, name, name, serial, signer);
}

static void a_path_length_counts_the_cas_below(void **state)
{
    (void)state;
    offer(limited_ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(true, "");
    begin(state);
    offer(ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = limited_ca("Root", "Root", 3, 3);
    expect(false, "CA certificate (Root) has more CAs below it than it may have (path length)");
    begin(state);
    offer(ca("Int", "Upper", 2, 4));
    offer(limited_ca("Upper", "Root", 4, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(false, "CA certificate (Upper) has more CAs below it than it may have (path length)");
    begin(state); /* a new key of the same CA is no other CA */
    offer(rolled_ca("Int", 2, 4));
    offer(limited_ca("Int", "Root", 4, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(true, "");
}

static void what_cannot_be_checked_is_no_path(void **state)
{
    static const struct {
        const char *algorithm, *outer, *key, *reason;
    } cases[] = {
        { "06:2b6570", NULL, NULL, "certificate is signed by an algorithm that is not supported (Ed25519)" },
        { "06:2a8648ce3d0401", NULL, NULL, "certificate is signed with a weak hash (SHA-1)" },
        { "06:2a8648ce3d040302", "06:2a8648ce3d040303", NULL,
          "certificate is signed by another algorithm than it says" },
        { "06:2a8648ce3d040302", NULL, "30{06:2b6570} 03:00ff",
          "certificate has a key of a type that is not supported (Ed25519)" },
        { "06:2a8648ce3d040302", NULL, "30{06:2a8648ce3d0201 06:2b81040021} 03:0004",
          "certificate has a weak key (P-224)" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct specimen server = specimen_server;
        begin(state);
        server.algorithm = cases[i].algorithm;
        server.outer_algorithm = cases[i].outer;
        server.key = cases[i].key ? cases[i].key : server.key;
        search.offered[0] = issue(server, "Server", "Int", 1, 2);
        trusted[trusted_count++] = ca("Int", "Int", 2, 2);
        expect(false, cases[i].reason);
        begin(state); /* what is itself trusted needs no signature */
        trusted[trusted_count++] = search.offered[0] = issue(server, "Server", "Int", 1, 2);
        expect(i < 3, cases[i].reason);
    }
}

static void a_server_without_names_is_told_that_its_common_name_does_not_count(void **state)
{
    struct specimen server = specimen_server;

    (void)state;
    server.extensions[EXT_NAMES] = NULL;
    search.offered[0] = issue(server, "localhost", "Int", 1, 2);
    trusted[trusted_count++] = ca("Int", "Int", 2, 2);
    expect(false, "certificate has no subjectAltName, only the common name localhost, which does not count");
}

static void a_malformed_certificate_is_told(void **state)
{
    (void)state;
    search.offered[0].length--;
    expect(false, "certificate is malformed");
    search.offered_count = 0;
    expect(false, "certificate is malformed");
}

/* Ten are a path; of eleven the last one is never reached. */
static void a_path_has_a_length(void **state)
{
    (void)state;
    for (int length = 9; length <= 10; length++) {
        char subject[16] = "Int", issuer[16];
        begin(state);
        for (int i = 2; i < length + 1; i++) {
            snprintf(issuer, sizeof issuer, "CA %d", i);
            offer(ca(subject, issuer, i, i + 1));
            strcpy(subject, issuer);
        }
        trusted[trusted_count++] = ca(subject, subject, length + 1, length + 1);
        expect(length == 9, "CA certificate (CA 9) has more CAs above it than are looked at");
    }
}

/* Certificate NUMBER of two CAs with one key, which issue each other's. */
static struct der crossed_ca(int number)
{
    struct specimen specimen = specimen_ca;
    const char *names[] = { "Int", "Upper" };
    char extension[32];

    snprintf(extension, sizeof extension, KEY_ID("", "04:%02x"), (unsigned)number);
    specimen.extensions[EXT_KEY_ID] = extension;
    return issue(specimen, names[number % 2], names[(number + 1) % 2], 2, 2);
}

/* Each of these could be above those above it, and so on up to the limits, before what leads to trust is tried. */
static void no_certificate_is_on_a_path_twice(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        offer(crossed_ca(i));
    offer(ca("Int", "Root", 2, 3));
    trusted[trusted_count++] = ca("Root", "Root", 3, 3);
    expect(true, "");
}

/* Certificates that are all each other's issuers, of which no path leads to trust; and ones that only have the name. */
static void what_was_made_to_take_long_is_given_up(void **state)
{
    (void)state;
    for (int i = 0; i < PATH_OFFERED_MAX - 1; i++)
        offer(crossed_ca(i));
    expect(false, "CA certificate (Int) has more CAs above it than are looked at");
    assert_in_range(checks, 1, PATH_LINKS_MAX);
    begin(state);
    for (int i = 0; i < PATH_OFFERED_MAX - 1; i++)
        offer(ca("Int", "Root", 3 + i, 3));
    expect(false, "certificate is by nobody known");
    assert_in_range(checks, 1, PATH_LINKS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_path_leads_over_what_was_sent_to_what_is_trusted, begin),
        cmocka_unit_test_setup(certificates_come_in_any_order, begin),
        cmocka_unit_test_setup(what_does_not_belong_is_passed_over, begin),
        cmocka_unit_test_setup(what_is_trusted_ends_a_path_root_or_not, begin),
        cmocka_unit_test_setup(of_several_paths_a_good_one_counts, begin),
        cmocka_unit_test_setup(of_several_bad_paths_one_that_is_trusted_is_told, begin),
        cmocka_unit_test_setup(an_end_that_nobody_trusts_is_told_of_the_last_one, begin),
        cmocka_unit_test_setup(every_fault_on_the_path_is_told, begin),
        cmocka_unit_test_setup(times_are_from_and_before, begin),
        cmocka_unit_test_setup(each_ca_has_to_be_one, begin),
        cmocka_unit_test_setup(a_root_of_version_1_is_trusted_and_no_other_ca_of_it, begin),
        cmocka_unit_test_setup(a_path_length_counts_the_cas_below, begin),
        cmocka_unit_test_setup(what_cannot_be_checked_is_no_path, begin),
        cmocka_unit_test_setup(a_server_without_names_is_told_that_its_common_name_does_not_count, begin),
        cmocka_unit_test_setup(a_malformed_certificate_is_told, begin),
        cmocka_unit_test_setup(a_path_has_a_length, begin),
        cmocka_unit_test_setup(no_certificate_is_on_a_path_twice, begin),
        cmocka_unit_test_setup(what_was_made_to_take_long_is_given_up, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
