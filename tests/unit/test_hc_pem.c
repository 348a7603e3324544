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
    static const char text[] =
        "# a comment - with ----- dashes\n" BEGIN "\nAAAA\n" END "\n-----BEGIN TRUSTED CERTIFICATE-----\n"
        "BBBB\n-----END TRUSTED CERTIFICATE-----\n" BEGIN "CCCC" END BEGIN "\n\n" END "tail -";
    struct span rest = { guarded(text, sizeof text - 1), sizeof text - 1 }, base64;

    (void)state;
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, "\nAAAA\n");
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, "CCCC");
    assert_true(pem_next(&rest, &base64));
    expect_span(base64, "\n\n");
    assert_false(pem_next(&rest, &base64));
}

/* What is left of a text that was cut, with the rest of it, holds the certificate. */
static void a_certificate_is_found_wherever_the_text_is_cut(void **state)
{
    static const char text[] = "--- --\n" BEGIN "\nAAAA\n" END "\n";
    char joined[sizeof text];

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
        { "Zm9v!YmFy", "foo" },
        { "Zm9v-mFy", "foo" },
        { "Zm9v\x80mFy", "foo" },
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
        cmocka_unit_test(a_certificate_is_found_wherever_the_text_is_cut),
        cmocka_unit_test(base64_is_decoded),
        cmocka_unit_test(each_base64_digit_has_its_value),
        cmocka_unit_test(the_subject_is_found_once_it_is_there),
        cmocka_unit_test(what_is_no_certificate_has_no_subject),
        cmocka_unit_test(names_are_alike_whatever_their_case_and_kind_of_string),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
