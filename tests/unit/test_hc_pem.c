/* Certificates in PEM text, and the names in them, at every point where the text can end. */
#include "healthcheck/tls/pem.h"
#include "support/guard.h"
#include "support/test.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"

static void expect_span(struct span span, const char *wanted)
{
    assert_int_equal(span.length, strlen(wanted));
    assert_memory_equal(span.at, wanted, span.length);
}

static void certificates_are_taken_one_by_one(void **state)
{
    static const char text[] = "# a comment - with ----- dashes\n" BEGIN "\nAAAA\n" END
                               "\n-----BEGIN TRUSTED CERTIFICATE-----\nBBBB\n-----END TRUSTED CERTIFICATE-----\n" BEGIN
                               " \t\r\nCCCC\r\n" END "\r\n" BEGIN "\n\n" END;
    struct span rest = { guarded(text, sizeof text - 1), sizeof text - 1 }, base64;

    (void)state;
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, "\nAAAA\n");
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, " \t\r\nCCCC\r\n");
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, "\n\n");
    assert_false(pem_next(&rest, &base64));
}

/* As for OpenSSL and Go: who puts a # in front of a CA no longer trusts it. */
static void only_lines_of_their_own_begin_and_end_a_certificate(void **state)
{
    static const char *const none[] = {
        "#" BEGIN "\nAAAA\n" END "\n",
        " " BEGIN "\nAAAA\n" END "\n",
        "-" BEGIN "\nAAAA\n" END "\n",
        "trust: " BEGIN "\nAAAA\n" END "\n",
        BEGIN "AAAA\n" END "\n",
        BEGIN "-\nAAAA\n" END "\n",
        BEGIN " AAAA " END "\n",
        BEGIN "\nAAAA" END "\n",
        BEGIN "\nAAAA\n " END "\n",
        BEGIN "\nAAAA\n" END "-\n",
        BEGIN "\nAAAA\n" END BEGIN "\nBBBB\n",
        BEGIN "\rAAAA\r" END "\r",
        BEGIN "\nAAAA\n-----END X509 CRL-----\n",
        "\xef\xbb" BEGIN "\nAAAA\n" END "\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(none); i++) {
        struct span rest = { guarded(none[i], strlen(none[i])), strlen(none[i]) }, base64;
        if (pem_next(&rest, &base64))
            fail_msg("%s", none[i]);
    }
}

static void a_byte_order_mark_may_be_in_front(void **state)
{
    static const char text[] = "\xef\xbb\xbf" BEGIN "\nAAAA\n" END "\n";
    struct span rest = { guarded(text, sizeof text - 1), sizeof text - 1 }, base64;

    (void)state;
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, "\nAAAA\n");
}

/* A comment, or a copy that was cut off, does not take the next one with it. */
static void a_certificate_without_an_end_is_passed_over(void **state)
{
    static const char *const cut[] = { "# each from its " BEGIN " line\n", BEGIN "\nAAA\n",
                                       BEGIN "\nAAAA\n-----END X509 CRL-----\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(cut); i++) {
        char text[256];
        size_t length = (size_t)snprintf(text, sizeof text, "%s%s", cut[i], BEGIN "\nBBBB\n" END "\n");
        struct span rest = { guarded(text, length), length }, base64;
        assert_true(pem_next(&rest, &base64));
        expect_span(base64, "\nBBBB\n");
    }
}

/* What is left of a text that was cut, with the rest of it, holds the certificate; a line that is none does not become
 * one. */
static void a_certificate_is_found_wherever_the_text_is_cut(void **state)
{
    static const char text[] = "--- --\n" BEGIN "\nAAAA\n" END "\n", none[] = "--- --\n#" BEGIN "\nAAAA\n" END "\n";
    char joined[sizeof none];

    (void)state;
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        struct span rest = { guarded(text, cut), cut }, base64;
        if (pem_next(&rest, &base64)) {
            assert_true(cut >= sizeof text - 2);
            continue;
        }
        memcpy(joined, rest.at, rest.length);
        memcpy(joined + rest.length, text + cut, sizeof text - 1 - cut);
        rest = (struct span){ joined, rest.length + sizeof text - 1 - cut };
        assert_true(pem_next(&rest, &base64));
        expect_span(base64, "\nAAAA\n");
    }
    for (size_t cut = 0; cut < sizeof none - 1; cut++) {
        struct span rest = { guarded(none, cut), cut }, base64;
        assert_false(pem_next(&rest, &base64));
        memcpy(joined, rest.at, rest.length);
        memcpy(joined + rest.length, none + cut, sizeof none - 1 - cut);
        rest = (struct span){ joined, rest.length + sizeof none - 1 - cut };
        assert_false(pem_next(&rest, &base64));
    }
}

static void base64_is_decoded(void **state)
{
    static const struct {
        const char *base64, *bytes;
    } cases[] = {
        { "", "" },
        { "Zg==", "f" },
        { "Zm8=", "fo" },
        { "Zm9v", "foo" },
        { "Zm9vYg==", "foob" },
        { "Zm 9\r\nv\t", "foo" },
        { "Zm9vYmFy", "foobar" },
        { "Zg=\n=\n", "f" },
        /* what is no base64, or not whole, is nothing */
        { "Zm9v!YmFy", "" },
        { "Zm9v-mFy", "" },
        { "Zm9v\x80mFy", "" },
        { "Zm9vYmF", "" },
        { "Zm9vYg", "" },
        { "Zm9vYg=", "" },
        { "Zm9vYg==Zm9v", "" },
        { "Zm9vYg==!", "" },
        { "Zm9v====", "" },
        { "Zm9vY===", "" },
        { "AZaz09+/", "\x01\x96\xb3\xd3\xdf\xbf" },
    };
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct span base64 = { guarded(cases[i].base64, strlen(cases[i].base64)), strlen(cases[i].base64) };
        assert_int_equal(pem_decode(base64, bytes, sizeof bytes), strlen(cases[i].bytes));
        assert_memory_equal(bytes, cases[i].bytes, strlen(cases[i].bytes));
    }
    assert_int_equal(pem_decode((struct span){ "Zm9vYmFy", 8 }, bytes, 4), 4);
}

static void each_base64_digit_has_its_value(void **state)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t byte;

    (void)state;
    for (int c = 0; c < 256; c++) {
        const char text[] = { (char)c, 'A' }, *digit = c ? strchr(digits, c) : NULL;
        size_t n = pem_decode((struct span){ text, 2 }, &byte, 1);
        assert_int_equal(n, digit ? 1 : 0);
        if (digit)
            assert_int_equal(byte, (digit - digits) << 2);
    }
}

/* Version, serial number, algorithm, issuer, validity; then a subject, `CN=Ab`. */
#define SUBJECT                                                                                                        \
    "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"                                                             \
    "Ab"
#define BEFORE "\x02\x01\x05\x30\x02\x05\x00\x30\x00\x30\x00"
static const char with_version[] = "\x30\x30\x30\x28\xa0\x03\x02\x01\x02" BEFORE SUBJECT "rest";
static const char without_version[] = "\x30\x2b\x30\x23" BEFORE SUBJECT "rest";

static void expect_subject(const char *bytes, size_t length)
{
    struct der subject;

    for (size_t cut = 0; cut < length; cut++) {
        struct der certificate = { (const uint8_t *)guarded(bytes, cut), cut };
        bool whole = cut >= length - 4; /* without what stands behind it */
        assert_int_equal(pem_subject(certificate, &subject), whole);
        if (whole) {
            assert_int_equal(subject.length, sizeof SUBJECT - 1);
            assert_memory_equal(subject.at, SUBJECT, sizeof SUBJECT - 1);
        }
    }
}

static void the_subject_is_found_once_it_is_there(void **state)
{
    (void)state;
    expect_subject(with_version, sizeof with_version - 1);
    expect_subject(without_version, sizeof without_version - 1);
}

static void what_is_no_certificate_has_no_subject(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        { "", 0 },
        { "\x31\x30\x30\x28" BEFORE SUBJECT, 4 + sizeof BEFORE SUBJECT - 1 },
        { "\x30\x80\x30\x28" BEFORE SUBJECT, 4 + sizeof BEFORE SUBJECT - 1 },
        { "\x30\x84\x00\x00\x00\x30\x30\x28" BEFORE SUBJECT, 8 + sizeof BEFORE SUBJECT - 1 },
        { "\x30\x10\x30\x0e\x02\x83\xff\xff\xff\x30\x00\x30\x00\x30\x00\x30", 16 },
        { "\x30\x0c\x30\x0a\x02\x01\x05\x30\x00\x30\x00\x30\x00\x04\x00", 15 },
    };
    struct der subject;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_false(pem_subject(
            (struct der){ (const uint8_t *)guarded(cases[i].bytes, cases[i].length), cases[i].length }, &subject));
}

static void names_are_alike_whatever_their_case_and_kind_of_string(void **state)
{
    static const struct {
        const char *a, *b;
        bool alike;
    } rows[] = {
        { "\x0c\x02"
          "Ab",
          "\x0c\x02"
          "Ab",
          true },
        { "\x0c\x02"
          "Ab",
          "\x13\x02"
          "aB",
          true },
        { "\x0c\x02"
          "AZ[@",
          "\x0c\x02"
          "az[@",
          true },
        { "\x0c\x02"
          "Ab",
          "\x0c\x02"
          "Ac",
          false },
        { "\x0c\x02"
          "Ab",
          "\x0c\x02"
          "A",
          false },
        { "\x16\x02"
          "Ab",
          "\x0c\x02"
          "Ab",
          false },
        { "A@", "A`", false },
        { "A[", "A{", false },
        { "", "", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t length = strlen(rows[i].a);
        struct der a = { (const uint8_t *)guarded(rows[i].a, length), length },
                   b = { (const uint8_t *)rows[i].b, strlen(rows[i].b) };
        if (pem_names_alike(a, b) != rows[i].alike)
            fail_msg("row %zu: %d", i, !rows[i].alike);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_taken_one_by_one),
        cmocka_unit_test(only_lines_of_their_own_begin_and_end_a_certificate),
        cmocka_unit_test(a_byte_order_mark_may_be_in_front),
        cmocka_unit_test(a_certificate_without_an_end_is_passed_over),
        cmocka_unit_test(a_certificate_is_found_wherever_the_text_is_cut),
        cmocka_unit_test(base64_is_decoded),
        cmocka_unit_test(each_base64_digit_has_its_value),
        cmocka_unit_test(the_subject_is_found_once_it_is_there),
        cmocka_unit_test(what_is_no_certificate_has_no_subject),
        cmocka_unit_test(names_are_alike_whatever_their_case_and_kind_of_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
