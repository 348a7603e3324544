/* What passwords are sent by: hashes against published values, and SCRAM against servers that lie. */
#include "healthcheck/probes/digest.h"
#include "healthcheck/probes/scram.h"
#include "pith/duration.h"
#include "support/guard.h"
#include "support/test.h"

static struct span span(const char *string)
{
    return span_of(string);
}

static const char *hex(const uint8_t *bytes, size_t length)
{
    static char digits[2 * SHA256_SIZE + 1];

    for (size_t i = 0; i < length; i++)
        snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
    return digits;
}

static void hashes_are_those_of_their_standards(void **state)
{
    uint8_t out[SHA256_SIZE];

    (void)state;
    digest_md5(span("a"), span("bc"), out);
    assert_string_equal(hex(out, MD5_SIZE), "900150983cd24fb0d6963f7d28e17f72"); /* RFC 1321, A.5 */
    digest_sha1(span("ab"), span("c"), out);
    assert_string_equal(hex(out, SHA1_SIZE), "a9993e364706816aba3e25717850c26c9cd0d89d"); /* RFC 3174, 7.3 */
    digest_sha256(span(""), span("abc"), out);
    assert_string_equal(hex(out, SHA256_SIZE), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    memset(out, 'a', sizeof out);
    digest_sha1((struct span){ (char *)out, 20 }, span(""), out); /* in place */
    assert_string_equal(hex(out, SHA1_SIZE), "38666b8ba500faa5c2406f4575d42a92379844c2");
}

static void hmac_is_that_of_its_standard(void **state)
{
    const struct span pieces[] = { span("what do ya want "), span("for nothing?") };
    static const char long_text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    char key[131];
    const struct span text = { long_text, sizeof long_text - 1 };
    uint8_t out[SHA256_SIZE];

    (void)state;
    digest_hmac(span("Jefe"), pieces, 2, out); /* RFC 4231, 4.3 */
    assert_string_equal(hex(out, SHA256_SIZE), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    digest_hmac((struct span){ key, sizeof key }, &text, 1, out); /* 4.7 */
    assert_string_equal(hex(out, SHA256_SIZE), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void a_password_is_stretched_as_its_standard_says_and_no_longer_than_the_deadline(void **state)
{
    uint8_t out[SHA256_SIZE];

    (void)state;
    assert_true(digest_stretch(span("passwd"), span("salt"), 1, TIME_NEVER, out)); /* RFC 7914, 11 */
    assert_string_equal(hex(out, SHA256_SIZE), "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    assert_true(digest_stretch(span("Password"), span("NaCl"), 80000, TIME_NEVER, out));
    assert_string_equal(hex(out, SHA256_SIZE), "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
    assert_false(digest_stretch(span("passwd"), span("salt"), UINT32_MAX, 0, out));
}

static struct scram begin(void)
{
    struct scram scram = { .nonce = { 0 } };

    memcpy(scram.nonce, "abcdefghijklmnopqrstuvwx", SCRAM_NONCE_SIZE);
    return scram;
}

static enum scram_verdict prove(const char *challenge, int64_t deadline)
{
    char bytes[512];
    struct text message = { bytes, sizeof bytes, 0 };
    struct scram scram = begin();

    return scram_prove(&scram, (struct span){ guarded(challenge, strlen(challenge)), strlen(challenge) }, span("x"),
                       deadline, &message);
}

#define OURS "r=abcdefghijklmnopqrstuvwx"

static void a_challenge_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "r=",
        OURS,
        OURS "y",
        OURS "y,s=QUJD",
        OURS "y,s=QUJD,i=",
        OURS "y,s=QUJD,i=0",
        OURS "y,s=QUJD,i=-1",
        OURS "y,s=QUJD,i=4096x",
        OURS "y,s=QUJD,i=2147483648",
        OURS "y,s=QUJD,i=99999999999999999999",
        OURS "y,s=,i=4096",
        OURS "y,s=!,i=4096",
        OURS "y,i=4096,s=QUJD",
        OURS "y,s=QUJD,i=4096,x=y",
        OURS ",s=QUJD,i=4096",
        "r=bbcdefghijklmnopqrstuvwxy,s=QUJD,i=4096",
        "r=abc,s=QUJD,i=4096",
        OURS "\x01,s=QUJD,i=4096",
        OURS " ,s=QUJD,i=4096",
        OURS "\x7f,s=QUJD,i=4096",
        OURS "\xc3\xa4,s=QUJD,i=4096",
        "m=x," OURS "y,s=QUJD,i=4096",
        "e=other-error",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (prove(bad[i], TIME_NEVER) != SCRAM_BAD)
            fail_msg("'%s'", bad[i]);
    assert_int_equal(prove(OURS "y,s=QUJD,i=1", TIME_NEVER), SCRAM_GOOD);
    assert_int_equal(prove(OURS "!~,s=QUJD,i=1", TIME_NEVER), SCRAM_GOOD);
}

static void lengths_beyond_reason_are_refused(void **state)
{
    char challenge[1024], letters[600];

    (void)state;
    memset(letters, 'A', sizeof letters);
    snprintf(challenge, sizeof challenge, OURS "%.*s,s=QUJD,i=1", SCRAM_SHARED_MAX - SCRAM_NONCE_SIZE, letters);
    assert_int_equal(prove(challenge, TIME_NEVER), SCRAM_GOOD);
    snprintf(challenge, sizeof challenge, OURS "%.*s,s=QUJD,i=1", SCRAM_SHARED_MAX - SCRAM_NONCE_SIZE + 1, letters);
    assert_int_equal(prove(challenge, TIME_NEVER), SCRAM_BAD);
    snprintf(challenge, sizeof challenge, OURS "y,s=%.*s,i=1", 600, letters);
    assert_int_equal(prove(challenge, TIME_NEVER), SCRAM_BAD);
}

static void a_server_cannot_have_more_rounds_counted_than_there_is_time(void **state)
{
    (void)state;
    assert_int_equal(prove(OURS "y,s=QUJD,i=2147483647", time_now() + 10 * NS_PER_MS), SCRAM_LATE);
}

/*
 * Python's hashlib and hmac made these of the nonces below, the password "pencil" and the user "", whom the server
 * knows from its own protocol.
 */
static void both_sides_prove_themselves(void **state)
{
    char bytes[512];
    struct text message = { bytes, sizeof bytes, 0 };
    struct scram scram = begin();

    (void)state;
    text_string(&message, "head,");
    assert_int_equal(scram_prove(&scram, span(OURS "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"),
                                 span("pencil"), TIME_NEVER, &message),
                     SCRAM_GOOD);
    text_end(&message);
    assert_string_equal(bytes, "head,c=biws," OURS
                               "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=Tm/m3uN2Rszg9cR7DgJ6UjE8wTMwe+FaZWxASEgQto0=");
    assert_true(scram_is_proven(&scram, span("v=q/+am7RhT0ZDUCktIbFHjG26CffQjAHS4yxgIrX9hn0=")));
    assert_false(scram_is_proven(&scram, span("v=q/+am7RhT0ZDUCktIbFHjG26CffQjAHS4yxgIrX9hn0=,x=y")));
    assert_false(scram_is_proven(&scram, span("v=")));
    assert_false(scram_is_proven(&scram, span("")));
    assert_false(scram_is_proven(&scram, span("e=invalid-proof")));
    assert_false(scram_is_proven(&scram, span("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
}

static void a_login_begins_with_a_nonce_of_its_own(void **state)
{
    char first[64], second[64];
    struct text one = { first, sizeof first, 0 }, two = { second, sizeof second, 0 };
    struct scram scram;

    (void)state;
    assert_true(scram_begin(&scram, &one) && scram_begin(&scram, &two));
    assert_int_equal(one.length, strlen("n,,n=,r=") + SCRAM_NONCE_SIZE);
    assert_memory_equal(first, "n,,n=,r=", strlen("n,,n=,r="));
    assert_memory_not_equal(first, second, one.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_those_of_their_standards),
        cmocka_unit_test(hmac_is_that_of_its_standard),
        cmocka_unit_test(a_password_is_stretched_as_its_standard_says_and_no_longer_than_the_deadline),
        cmocka_unit_test(a_challenge_that_is_none_is_refused),
        cmocka_unit_test(lengths_beyond_reason_are_refused),
        cmocka_unit_test(a_server_cannot_have_more_rounds_counted_than_there_is_time),
        cmocka_unit_test(both_sides_prove_themselves),
        cmocka_unit_test(a_login_begins_with_a_nonce_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
