/* Certificates from their bytes: strict DER, names, constraints, algorithms. */
#include "healthcheck/tls/algorithm.h"
#include "healthcheck/tls/certificate.h"
#include "healthcheck/tls/constraints.h"
#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/names.h"
#include "healthcheck/tls/pem.h"
#include "support/der.h"
#include "support/guard.h"
#include "support/test.h"

#include <limits.h>
#include <time.h>

/* Bytes in front of memory that must not be touched; they live until the next call. */
static struct der guard(struct der der)
{
    return (struct der){ (const uint8_t *)guarded(der.at, der.length), der.length };
}

/* What NOTATION (support/der.h) says, until the eighth call from now. */
static struct der der(const char *notation)
{
    static uint8_t buffers[8][DER_MAX];
    static unsigned next;
    uint8_t *bytes = buffers[next++ % COUNT(buffers)];

    return (struct der){ bytes, der_write(notation, bytes) };
}

static struct der write_specimen(const struct specimen *specimen)
{
    static uint8_t buffers[8][DER_MAX];
    static unsigned next;
    uint8_t *bytes = buffers[next++ % COUNT(buffers)];

    return (struct der){ bytes, specimen_write(specimen, NULL, NULL, bytes) };
}

static const char *text_of(const struct text *text)
{
    static char copy[512];

    return text_copy(copy, sizeof copy, text->start, text_kept(text));
}

/* --- DER --------------------------------------------------------------------------------------------- */

static void an_element_is_taken_only_whole(void **state)
{
    const struct der whole = der("30{02:01 0c\"text\"}");
    struct der contents;

    (void)state;
    for (size_t length = 0; length <= whole.length; length++) {
        struct der rest = guard((struct der){ whole.at, length });
        assert_int_equal(der_take(&rest, DER_SEQUENCE, &contents), length == whole.length);
    }
    assert_int_equal(contents.length, whole.length - 2);
}

static void lengths_take_no_more_bytes_than_they_need(void **state)
{
    static const struct {
        const char *notation;
        int tag;
    } cases[] = {
        { "=04 =00", 0x04 },
        { "=04 =01 =ff", 0x04 },
        { "=04 =80 =00 =00", -1 },
        { "=04 =81 =01 =ff", -1 },
        { "=04 =81 =7f", -1 },
        { "=04 =82 =00 =01 =ff", -1 },
        { "=04 =84 =00000001 =ff", -1 },
        { "=1f =01 =00", -1 },
        { "=bf =21 =00", -1 },
        { "=04", -1 },
        { "", -1 },
        { "=04 =83 =ffffff", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = guard(der(cases[i].notation)), contents;
        assert_int_equal(der_take_any(&rest, &contents), cases[i].tag);
        assert_true(cases[i].tag >= 0 || (!contents.at && contents.length == 0));
    }
    char long_one[512] = "04:", *at = long_one + 3;
    for (int i = 0; i < 0x80; i++, at += 2)
        strcpy(at, "aa");
    struct der rest = guard(der(long_one)), contents;
    assert_int_equal(der_take_any(&rest, &contents), DER_OCTET_STRING);
    assert_int_equal(contents.length, 0x80);
}

static void integers_take_no_more_bytes_than_they_need(void **state)
{
    static const struct {
        const char *notation;
        int number; /* -1: an INTEGER and no such number; -2: none */
    } cases[] = {
        { "02:00", 0 },
        { "02:7f", 127 },
        { "02:0080", 128 },
        { "02:7fffffff", INT_MAX },
        { "02:00ffffffff", INT_MAX },
        { "02:80", -1 },
        { "02:ff7f", -1 },
        { "02:", -2 },
        { "02:0001", -2 },
        { "02:ff80", -2 },
        { "03:01", -2 },
        { "=02 =02 =01", -2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = guard(der(cases[i].notation)), again = rest, bytes;
        int number = -1;
        assert_int_equal(der_take_integer(&again, &bytes), cases[i].number != -2);
        assert_int_equal(der_take_number(&rest, &number), cases[i].number >= 0);
        assert_int_equal(number, cases[i].number < 0 ? -1 : cases[i].number);
    }
}

static void a_boolean_is_00_or_ff(void **state)
{
    static const struct {
        const char *notation;
        bool well, value;
    } cases[] = {
        { "", true, false },       { "02:01", true, false },    { "01:00", true, false }, { "01:ff", true, true },
        { "01:01", false, false }, { "01:ffff", false, false }, { "01:", false, false },  { "=01 =01", false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = guard(der(cases[i].notation));
        bool value = true;
        assert_int_equal(der_take_boolean(&rest, &value), cases[i].well);
        if (cases[i].well)
            assert_int_equal(value, cases[i].value);
    }
}

static void numbers_of_an_object_identifier_are_whole_and_have_no_more_bytes_than_they_need(void **state)
{
    static const struct {
        const char *notation;
        bool well;
    } cases[] = {
        { "06:2a", true },      { "06:550403", true }, { "06:2a8148", true }, { "06:2a818001", true },
        { "06:", false },       { "06:80", false },    { "06:2a81", false },  { "06:2a8001", false },
        { "06:802a01", false }, { "06:8180", false },  { "04:2a", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = guard(der(cases[i].notation)), contents;
        assert_int_equal(der_take_oid(&rest, &contents), cases[i].well);
    }
}

static void bits_may_be_unused_only_where_there_are_some(void **state)
{
    static const struct {
        const char *notation;
        bool bits, bytes;
    } cases[] = {
        { "03:00", true, true },   { "03:0080", true, true }, { "03:0780", true, false },  { "03:0880", false, false },
        { "03:07", false, false }, { "03:", false, false },   { "04:0080", false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = guard(der(cases[i].notation)), again = rest, contents;
        unsigned unused;
        assert_int_equal(der_take_bits(&rest, &contents, &unused), cases[i].bits);
        assert_int_equal(der_take_bytes(&again, &contents), cases[i].bytes);
    }
}

static void times_have_the_one_form_that_certificates_have(void **state)
{
    static const struct {
        const char *notation;
        int64_t seconds; /* -1: no time */
        const char *date;
    } cases[] = {
        { "17\"700101000000Z\"", 0, "1970-01-01" },
        { "17\"491231235959Z\"", 2524607999, "2049-12-31" },
        { "17\"500101000000Z\"", -631152000, "1950-01-01" },
        { "18\"20240229123456Z\"", 1709210096, "2024-02-29" },
        { "18\"20500101000000Z\"", 2524608000, "2050-01-01" },
        { "18\"99991231235959Z\"", 253402300799, "9999-12-31" },
        { "18\"20000229000000Z\"", 951782400, "2000-02-29" },
        { "18\"19000228000000Z\"", -2203977600, "1900-02-28" },
        { "18\"19000229000000Z\"", -1, NULL },
        { "17\"230229000000Z\"", -1, NULL },
        { "17\"240431000000Z\"", -1, NULL },
        { "17\"241301000000Z\"", -1, NULL },
        { "17\"240001000000Z\"", -1, NULL },
        { "17\"240100000000Z\"", -1, NULL },
        { "17\"240101240000Z\"", -1, NULL },
        { "17\"240101006000Z\"", -1, NULL },
        { "17\"240101000060Z\"", -1, NULL },
        { "17\"240101000000\"", -1, NULL },
        { "17\"2401010000Z\"", -1, NULL },
        { "17\"240101000000+0000\"", -1, NULL },
        { "17\"2401010000-00Z\"", -1, NULL },
        { "17\"20240101000000Z\"", -1, NULL },
        { "18\"240101000000Z\"", -1, NULL },
        { "18\"20240101000000.0Z\"", -1, NULL },
        { "18\"20240101000000z\"", -1, NULL },
        { "17\"\"", -1, NULL },
        { "0c\"240101000000Z\"", -1, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = guard(der(cases[i].notation)), digits;
        int64_t seconds = -1;
        if (der_take_time(&rest, &digits, &seconds) != !!cases[i].date || seconds != cases[i].seconds)
            fail_msg("%s: %lld", cases[i].notation, (long long)seconds);
        if (!cases[i].date)
            continue;
        char date[16];
        struct text out = { date, sizeof date, 0 };
        der_put_date(digits, &out);
        assert_string_equal(text_of(&out), cases[i].date);
    }
}

/* Every day of four centuries is a day later than the one before. */
static void days_are_counted(void **state)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t expected = -2208988800; /* 1900-01-01 */

    (void)state;
    for (int year = 1900; year < 2300; year++)
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            for (int day = 1; day <= days[month - 1] + (leap && month == 2); day++, expected += 86400) {
                char notation[32];
                int64_t seconds;
                snprintf(notation, sizeof notation, "18\"%04d%02d%02d000000Z\"", year, month, day);
                struct der rest = der(notation), digits;
                assert_true(der_take_time(&rest, &digits, &seconds));
                assert_int_equal(seconds, expected);
            }
        }
}

static void object_identifiers_are_shown_in_dots(void **state)
{
    static const char *const cases[][2] = {
        { "06:2a864886f70d01010b", "1.2.840.113549.1.1.11" },
        { "06:551d11", "2.5.29.17" },
        { "06:00", "0.0" },
        { "06:88378f00", "2.999.1920" },
        { "06:8837", "2.999" },
        { "06:", "" },
        { "06:2a80", "1.2" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der rest = der(cases[i][0]), oid;
        char shown[64];
        struct text out = { shown, sizeof shown, 0 };
        assert_true(der_take(&rest, DER_OID, &oid));
        der_put_oid(guard(oid), &out);
        assert_string_equal(text_of(&out), cases[i][1]);
    }
}

/* --- names ------------------------------------------------------------------------------------------- */

#define CN(value) RDN("550403", value)
#define O(value)  RDN("55040a", value)
#define TWO       "31{30{06:550403 0c\"a\"} 30{06:55040a 0c\"b\"}}"
#define TWO_UPPER "31{30{06:550403 0c\"A\"} 30{06:55040a 0c\"b\"}}"

static void distinguished_names_are_compared_as_people_would(void **state)
{
    static const struct {
        const char *name, *base;
        bool within, doubtful, equal;
    } cases[] = {
        { "30{}", "30{}", true, true, true },
        { "30{" O("0c\"a\"") CN("0c\"b\"") "}", "30{" O("0c\"a\"") "}", true, true, false },
        { "30{" O("0c\"a\"") "}", "30{" O("0c\"a\"") CN("0c\"b\"") "}", false, false, false },
        { "30{" O("0c\"a\"") "}", "30{}", true, true, false },
        { "30{" O("0c\"Some Org\"") "}", "30{" O("13\"some ORG\"") "}", true, true, true },
        { "30{" O("0c\"  some   org \"") "}", "30{" O("13\"some org\"") "}", true, true, true },
        { "30{" O("0c\"someorg\"") "}", "30{" O("13\"some org\"") "}", false, false, false },
        { "30{" O("0c:61090a0b0c0d62") "}", "30{" O("13\"a b\"") "}", true, true, true },
        { "30{" O("0c:610862") "}", "30{" O("13\"a b\"") "}", false, false, false },
        { "30{" O("0c:610e62") "}", "30{" O("13\"a b\"") "}", false, false, false },
        { "30{" O("0c\"Abcd\"") "}", "30{" O("13\"aXcd\"") "}", false, false, false },
        { "30{" O("0c\"Abcd\"") "}", "30{" O("13\"abcX\"") "}", false, false, false },
        { "30{" O("0c\"Abcd\"") "}", "30{" O("13\"abc\"") "}", false, false, false },
        { "30{" O("0c\"a@[\"") "}", "30{" O("13\"A`{\"") "}", false, false, false },
        { "30{" O("0c\"\"") "}", "30{" O("13\"  \"") "}", true, true, true },
        { "30{" O("0c\"a\"") "}", "30{" CN("0c\"a\"") "}", false, false, false },
        { "30{" O("1e:00410042") "}", "30{" O("1e:00410042") "}", true, true, true },
        { "30{" O("1e:00410042") "}", "30{" O("0c\"AB\"") "}", false, true, false },
        { "30{" O("14\"AB\"") "}", "30{" O("0c\"AB\"") "}", false, true, false },
        { "30{" O("03:0001") "}", "30{" O("03:0002") "}", false, false, false },
        { "30{" TWO "}", "30{" TWO "}", true, true, true },
        { "30{" TWO "}", "30{" TWO_UPPER "}", false, true, false },
        { "30{" TWO "}", "30{" CN("0c\"a\"") "}", false, true, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct der name = der(cases[i].name), base = der(cases[i].base);
        assert_true(dn_is_well_formed(guard(name)) && dn_is_well_formed(guard(base)));
        assert_int_equal(dn_within(guard(name), base, false), cases[i].within);
        assert_int_equal(dn_within(name, guard(base), true), cases[i].doubtful);
        assert_int_equal(dn_equal(name, guard(base)), cases[i].equal);
        assert_int_equal(dn_equal(base, guard(name)), cases[i].equal);
    }
}

static void what_is_no_distinguished_name_is_malformed(void **state)
{
    static const char *const cases[] = {
        "",
        "31{}",
        "30{}30{}",
        "30{30{}}",
        "30{31{}}",
        "30{31{30{}}}",
        "30{31{30{06:550403}}}",
        "30{31{30{06:550403 0c\"a\" 0c\"b\"}}}",
        "30{31{30{0c\"a\" 06:550403}}}",
        "30{31{30{06:550403 0c\"a\"} 05:}}",
        /* Text that is none: cut, overlong, a surrogate, and beyond Unicode. */
        "30{" CN("0c:61c3") "}",
        "30{" CN("0c:c080") "}",
        "30{" CN("0c:eda080") "}",
        "30{" CN("0c:f4908080") "}",
        "30{" CN("1e:006100") "}",
        "30{" CN("1e:d800dc00") "}",
        "30{" CN("1c:00000061 =000000") "}",
        "30{" CN("1c:0000d800") "}",
        "30{" CN("1c:00110000") "}",
        /* What no attribute has. */
        "30{" CN("02:01") "}",
        "30{" CN("1a\"a\"") "}",
        "30{" CN("80\"a\"") "}",
        "30{" CN("03:") "}",
        "30{" CN("03:08ff") "}",
        "30{" CN("03:01") "}",
        "30{" RDN("5504", "0c\"a\"") RDN("550483", "0c\"a\"") "}",
    };
    static const char *const texts[] = {
        "30{" CN("0c:c3a4") "}", "30{" CN("0c:f48fbfbf") "}", "30{" CN("0c:") "}",
        "30{" CN("1e:00e4") "}", "30{" CN("14:e4") "}",       "30{" CN("12\"1\"") "}",
        "30{" CN("03:04f0") "}", "30{" CN("1c:000000e4") "}", "30{" CN("1c:0010ffff") "}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_false(dn_is_well_formed(guard(der(cases[i]))));
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_true(dn_is_well_formed(guard(der(texts[i]))));
    assert_true(dn_is_empty(der("30{}")));
    assert_false(dn_is_empty(der(DN("a"))));
}

static void a_common_name_stands_for_a_distinguished_name(void **state)
{
    static const char *const cases[][2] = {
        { DN("Some CA"), "Some CA" },
        { "30{" CN("0c\"first\"") CN("0c\"second\"") O("0c\"org\"") "}", "first" },
        { "30{" O("0c\"org\"") RDN("55040b", "0c\"unit\"") "}", "unit" },
        { "30{" TWO "}", "a" },
        { "30{}", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char shown[64];
        struct text out = { shown, sizeof shown, 0 };
        dn_put(guard(der(cases[i][0])), &out);
        assert_string_equal(text_of(&out), cases[i][1]);
    }
}

static void a_star_stands_for_one_whole_label(void **state)
{
    static const struct {
        const char *pattern, *host;
        bool matches;
    } cases[] = {
        { "app.test", "app.test", true },
        { "APP.Test", "app.tEST", true },
        { "localhost", "localhost", true },
        { "app.test", "xapp.test", false },
        { "xapp.test", "app.test", false },
        { "app.test.", "app.test", false },
        { "", "app.test", false },
        { "*.app.test", "x.app.test", true },
        { "*.APP.test", "X.app.TEST", true },
        { "*.app.test", "xn--bcher-kva.app.test", true },
        { "*.app.test", "x-1.app.test", true },
        { "*.app.test", "x_1.app.test", false },
        { "*.app.test", "_x.app.test", false },
        { "*.app.test", "x_.app.test", false },
        { "*._app.test", "x._app.test", false },
        { "*.app.test", "app.test", false },
        { "*.app.test", ".app.test", false },
        { "*.app.test", "x.y.app.test", false },
        { "*.app.test", "x.app.tes", false },
        { "*.test", "app.test", false },
        { "*.", "app.", false },
        { "*", "localhost", false },
        { "*.*", "app.test", false },
        { "*.*.test", "x.app.test", false },
        { "x*.app.test", "xy.app.test", false },
        { "*x.app.test", "yx.app.test", false },
        { "x*y.app.test", "xzy.app.test", false },
        { "x.*.test", "x.app.test", false },
        { "**.app.test", "x.app.test", false },
        { "*.app..test", "x.app..test", false },
        { "*.-app.test", "x.-app.test", false },
        { "*.app-.test", "x.app-.test", false },
        { "*.app.test-", "x.app.test-", false },
        { "*.a_b.test", "x.a_b.test", false },
        { "a_b.test", "a_b.test", true },
        { "xn--*.app.test", "xn--bcher-kva.app.test", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (name_matches(span_of(cases[i].pattern), span_of(cases[i].host)) != cases[i].matches)
            fail_msg("%s for %s: %d", cases[i].pattern, cases[i].host, !cases[i].matches);
}

/* What is in a SEQUENCE. */
static struct der contents(const char *notation)
{
    struct der rest = der(notation), inside;

    assert_true(der_take(&rest, DER_SEQUENCE, &inside));
    return inside;
}

#define EVERY_KIND                                                                                                     \
    "30{a0{06:2a03 a0{0c\"x\"}} 81\"a@b.test\" 82\"app.test\" a3{30{}} a4{" DN(                                        \
        "x") "} a5{a1{0c\"x\"}} "                                                                                      \
             "86\"https://uri.test/\" 87:7f000001 88:2a03}"

static void only_dns_names_and_addresses_name_a_server(void **state)
{
    static const char *const hosts[] = { "a@b.test", "uri.test", "https://uri.test/", "x", "127.0.0.1", "b.test" };
    struct address address;
    struct span zone;

    (void)state;
    struct der names = guard(contents(EVERY_KIND));
    assert_true(names_are_well_formed(names));
    assert_true(names_have_host(names, span_of("app.test")));
    for (size_t i = 0; i < COUNT(hosts); i++)
        assert_false(names_have_host(names, span_of(hosts[i])));
    assert_true(address_parse(span_of("127.0.0.1"), &address, &zone) && names_have_address(names, &address));
    assert_true(address_parse(span_of("127.0.0.2"), &address, &zone) && !names_have_address(names, &address));
    assert_true(address_parse(span_of("::1"), &address, &zone) && !names_have_address(names, &address));
    names = guard(contents("30{82\"127.0.0.1\" 87:7f0000 87:0000000000000000000000000000000001 "
                           "87:00000000000000000000ffff7f000001}"));
    assert_true(address_parse(span_of("127.0.0.1"), &address, &zone) && !names_have_address(names, &address));
    assert_true(address_parse(span_of("::1"), &address, &zone) && !names_have_address(names, &address));
    names = guard(contents("30{87:00000000000000000000000000000001}"));
    assert_true(names_have_address(names, &address));
}

static void a_name_with_a_nul_in_it_is_no_other(void **state)
{
    (void)state;
    assert_false(names_have_host(contents("30{82:6170702e746573740078}"), span_of("app.test")));
    assert_false(names_have_host(contents("30{82:00}"), span_of("")));
}

static void what_is_no_list_of_names_is_malformed(void **state)
{
    static const char *const cases[] = {
        "30{}",
        "30{0c\"app.test\"}",
        "30{a2{0c\"x\"}}",
        "30{89:00}",
        "30{84:00}",
        "30{a4{31{}}}",
        "30{a4{" DN("x") " 05:}}",
        "30{82\"x\" =82}",
        "30{82\"x\" =82 =05}",
        "30{82\"x\" =00}",
        "30{a7{}}",
        "30{a0{}}",
        "30{a0{06:80 a0{0c\"x\"}}}",
        "30{a0{06:2a03}}",
        "30{a0{06:2a03 a0{0c\"x\" 0c\"x\"}}}",
        "30{a0{06:2a03 a0{0c\"x\"} 05:}}",
        "30{a5{}}",
        "30{a5{a0{0c\"x\"}}}",
        "30{a5{a0{} a1{0c\"x\"}}}",
        "30{a5{a1{0c\"x\" 0c\"x\"}}}",
        "30{a5{a1{0c\"x\"} 05:}}",
        "30{88:}",
        "30{88:2a80}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_false(names_are_well_formed(guard(contents(cases[i]))));
}

static void names_are_listed(void **state)
{
    static const char *const cases[][2] = {
        { "30{82\"a.test\"}", "a.test" },
        { EVERY_KIND, "app.test, 127.0.0.1" },
        { "30{82\"a\" 87:0a000001 82\"b\" 82\"c\" 81\"m\" 82\"d\"}", "a, 10.0.0.1, b and 2 more" },
        { "30{87:00000000000000000000000000000001}", "::1" },
        { "30{87:00 81\"m\"}", "no name" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char shown[128];
        struct text out = { shown, sizeof shown, 0 };
        names_put(guard(contents(cases[i][0])), &out);
        assert_string_equal(text_of(&out), cases[i][1]);
    }
}

/* --- certificates ------------------------------------------------------------------------------------ */

static struct specimen with(struct specimen specimen, int extension, const char *notation)
{
    specimen.extensions[extension] = notation;
    return specimen;
}

static void a_certificate_is_taken_apart(void **state)
{
    struct certificate certificate;

    (void)state;
    assert_true(certificate_parse(guard(write_specimen(&specimen_server)), &certificate));
    assert_null(certificate.fault);
    assert_null(certificate.strange.at);
    assert_int_equal(certificate.version, 3);
    assert_true(certificate.for_servers && !certificate.is_ca);
    assert_int_equal(certificate.usage, USAGE_SIGNATURE);
    assert_int_equal(certificate.from, 1577836800);
    assert_true(names_have_host(certificate.names, span_of("app.test")));
    assert_true(dn_equal(certificate.issuer, der(DN("Int"))) && dn_equal(certificate.subject, der(DN("Server"))));
    assert_true(certificate_parse(guard(write_specimen(&specimen_ca)), &certificate));
    assert_true(certificate.is_ca && certificate.for_servers);
    assert_int_equal(certificate.path_max, INT_MAX);
    assert_true(certificate.usage & USAGE_CERTIFICATES);
}

static void a_certificate_that_is_cut_anywhere_is_none(void **state)
{
    struct specimen full = specimen_ca;

    (void)state;
    full.extensions[EXT_KEY_ID] = KEY_ID("", "04:0102");
    full.extensions[EXT_ISSUER_KEY_ID] = ISSUER_KEY_ID("", "30{80:0102 a1{a4{" DN("x") "}} 82:05}");
    full.extensions[EXT_NAMES] = NAMES("", EVERY_KIND);
    full.extensions[EXT_CONSTRAINTS] = CONSTRAINTS("", "30{a0{30{82\"test\"}} a1{30{87:0a000000ff000000}}}");
    struct der whole = write_specimen(&full);
    struct certificate certificate;
    for (size_t length = 0; length < whole.length; length++)
        assert_false(certificate_parse(guard((struct der){ whole.at, length }), &certificate));
    assert_true(certificate_parse(guard(whole), &certificate) && !certificate.fault);
}

/* Whatever a byte becomes, nothing but what is there is read; what it is then found to be does not matter. */
static void a_certificate_that_is_spoilt_anywhere_does_no_harm(void **state)
{
    struct specimen full =
        with(specimen_ca, EXT_CONSTRAINTS, CONSTRAINTS("", "30{a0{30{82\"test\"}} a1{30{a4{" DN("x") "}}}}"));
    uint8_t bytes[DER_MAX];
    struct certificate certificate;
    char shown[256];

    (void)state;
    full.extensions[EXT_NAMES] = NAMES("", EVERY_KIND);
    struct der whole = write_specimen(&full);
    for (size_t i = 0; i < whole.length; i++)
        for (size_t value = 0; value < 256; value += 1 + i % 3) {
            memcpy(bytes, whole.at, whole.length);
            bytes[i] = (uint8_t)value;
            if (!certificate_parse(guard((struct der){ bytes, whole.length }), &certificate))
                continue;
            struct text out = { shown, sizeof shown, 0 };
            names_put(certificate.names, &out);
            dn_put(certificate.subject, &out);
            constraints_allow(&certificate, &certificate, true);
            algorithm_of_key(&certificate);
            algorithm_of_signature(certificate.algorithm);
        }
}

/* Parts that a certificate cannot have. */
/*
 * A copy of WHOLE with a byte behind the contents of each element from AT to END that has elements in it, and of each
 * of these. LENGTHS are where the last byte of the length of each element around them stands, of which there are DEPTH.
 */
static void try_strays(struct der whole, size_t at, size_t end, size_t lengths[], unsigned depth, bool in_extension)
{
    struct certificate certificate;

    while (at < end) {
        size_t more = whole.at[at + 1] > 0x80 ? whole.at[at + 1] & 0x7f : 0, length = more ? 0 : whole.at[at + 1];
        for (size_t i = 0; i < more; i++)
            length = length << 8 | whole.at[at + 2 + i];
        size_t begin = at + 2 + more, next = begin + length;
        bool extension = whole.at[at] == DER_OCTET_STRING && !in_extension;
        if ((whole.at[at] & 0x20) || extension) {
            uint8_t copy[DER_MAX];
            memcpy(copy, whole.at, next);
            copy[next] = 0;
            memcpy(copy + next + 1, whole.at + next, whole.length - next);
            lengths[depth] = begin - 1;
            for (unsigned i = 0; i <= depth; i++)
                assert_true(++copy[lengths[i]] != 0x80);
            if (certificate_parse(guard((struct der){ copy, whole.length + 1 }), &certificate) && !certificate.fault)
                fail_msg("a byte at %zu is passed over", next);
            try_strays(whole, begin, next, lengths, depth + 1, in_extension || extension);
        }
        at = next;
    }
}

static void no_byte_is_passed_over_at_the_end_of_anything(void **state)
{
    static const int parts[] = { EXT_KEY_ID, EXT_ISSUER_KEY_ID, EXT_CONSTRAINTS };
    static const char *const extensions[] = { KEY_ID("", "04:01"), ISSUER_KEY_ID("", "30{80:01}"),
                                              CONSTRAINTS("", "30{a0{30{82\"a.test\"}} a1{30{a4{" DN("x") "}}}}"),
                                              CRL_POINTS("", "30{30{a0{a0{86\"http://a/\"}}}}"),
                                              NETSCAPE("", "03:0640") };
    size_t lengths[16];

    (void)state;
    struct der whole = write_specimen(&specimen_server);
    try_strays(whole, 0, whole.length, lengths, 0, false);
    whole = write_specimen(&specimen_ca);
    try_strays(whole, 0, whole.length, lengths, 0, false);
    for (size_t i = 0; i < COUNT(extensions); i++) {
        const struct specimen specimen = with(specimen_ca, i < COUNT(parts) ? parts[i] : EXT_KEY_ID, extensions[i]);
        whole = write_specimen(&specimen);
        try_strays(whole, 0, whole.length, lengths, 0, false);
    }
}

static void what_is_around_extensions_is_strict(void **state)
{
    static const struct {
        size_t part; /* offset in struct specimen */
        const char *notation;
        bool well;
    } cases[] = {
#define PART(part) offsetof(struct specimen, part)
        { PART(version), "", false }, /* extensions came with version 3 */
        { PART(version), "a0{02:00}", false },
        { PART(version), "a0{02:03}", false },
        { PART(version), "a0{02:7fffffff}", false },
        { PART(version), "a0{02:7fffffffff}", false },
        { PART(version), "a0{02:0002}", false },
        { PART(version), "a0{02:82}", false },
        { PART(version), "a0{02:02 05:}", false },
        { PART(version), "80:02", false },
        { PART(serial), "02:00", true },
        { PART(serial), "02:80", true },
        { PART(serial), "02:0102030405060708090a0b0c0d0e0f101112131415161718", true },
        { PART(serial), "02:", false },
        { PART(serial), "02:0001", false },
        { PART(serial), "04:01", false },
        { PART(issuer), "30{}", true },
        { PART(issuer), "31{}", false },
        { PART(issuer), "30{31{}}", false },
        { PART(subject), "30{}", true },
        { PART(subject), "0c\"x\"", false },
        { PART(validity), "17\"200101000000Z\"", false },
        { PART(validity), "17\"200101000000\" 17\"300101000000Z\"", false },
        { PART(validity), "17\"200101000000Z\" 17\"300101000000Z\" 05:", false },
        { PART(validity), "17\"300101000000Z\" 17\"200101000000Z\"", true }, /* never valid, and well written */
        { PART(algorithm), "05:", false },
        { PART(algorithm), "06:2a86", false },
        { PART(algorithm), "06:2a864886f70d01010b 05: 05:", false },
        { PART(outer_algorithm), "06:2a86", false },
        { PART(key), "05:", false },
        { PART(key), "30{05:} 03:00ff", false },
        { PART(key), "30{06:2a86} 03:00ff", false },
        { PART(key), "30{06:2a0304} 03:", false },
        { PART(key), "30{06:2a0304} 03:08ff", false },
        { PART(key), "30{06:2a0304} 03:00ff 05:", false },
        { PART(unique), "81:00ff", true },
        { PART(unique), "81:", false },
        { PART(unique), "82:08ff", false },
        { PART(signature), "=00", true },
        { PART(signature), "=01 =fe", false },
        { PART(signature), "", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct specimen specimen = specimen_server;
        struct certificate certificate;
        memcpy((char *)&specimen + cases[i].part, &cases[i].notation, sizeof cases[i].notation);
        if (certificate_parse(guard(write_specimen(&specimen)), &certificate) != cases[i].well)
            fail_msg("%s: %d", cases[i].notation, !cases[i].well);
    }
    struct certificate certificate;
    assert_false(certificate_parse(guard(der("30{30{}}")), &certificate));
    assert_false(certificate_parse(guard(der("")), &certificate));
    struct der whole = write_specimen(&specimen_server);
    uint8_t behind[DER_MAX];
    memcpy(behind, whole.at, whole.length);
    behind[whole.length] = 0;
    assert_false(certificate_parse(guard((struct der){ behind, whole.length + 1 }), &certificate));
}

static void version_1_has_no_extensions(void **state)
{
    struct specimen old = specimen_server;
    struct certificate certificate;

    (void)state;
    memset(old.extensions, 0, sizeof old.extensions);
    old.version = "";
    assert_true(certificate_parse(guard(write_specimen(&old)), &certificate));
    assert_int_equal(certificate.version, 1);
    assert_true(!certificate.is_ca && certificate.for_servers && !certificate.names.at);
    old.version = "a0{02:03}"; /* there is no version 4 */
    assert_false(certificate_parse(guard(write_specimen(&old)), &certificate));
}

static const struct {
    const char *extension, *fault; /* NULL: well-formed */
} faults[] = {
    { BASIC("", "30{}"), NULL },
    { BASIC("", "30{01:00}"), NULL },
    { BASIC("", "30{01:ff}"), NULL },
    { BASIC("", "30{01:ff 02:00}"), NULL },
    { BASIC("01:00 ", "30{}"), NULL },
    { BASIC("", "30{02:01}"), "basicConstraints" },
    { BASIC("", "30{01:01}"), "basicConstraints" },
    { BASIC("", "30{01:00 02:00}"), "basicConstraints" },
    { BASIC("", "30{01:ff 02:ff}"), "basicConstraints" },
    { BASIC("", "30{01:ff 02:}"), "basicConstraints" },
    { BASIC("", "30{01:ff 02:01 02:01}"), "basicConstraints" },
    { BASIC("", "30{01:ff} 05:"), "basicConstraints" },
    { BASIC("", "30{} 01:ff"), "basicConstraints" },
    { BASIC("", "30{} =ff"), "basicConstraints" },
    { BASIC("", "30{} =0101ff"), "basicConstraints" },
    { BASIC("", "31{01:ff}"), "basicConstraints" },
    { BASIC("", ""), "basicConstraints" },
    { USAGE("", "03:0780"), NULL },
    { USAGE("", "03:00ff80"), NULL },
    { USAGE("", "03:070080"), NULL },
    { USAGE("", "03:070000"), "keyUsage" },
    { USAGE("", "03:00"), "keyUsage" },
    { USAGE("", "03:"), "keyUsage" },
    { USAGE("", "03:0980"), "keyUsage" },
    { USAGE("", "03:0780 05:"), "keyUsage" },
    { USAGE("", "04:80"), "keyUsage" },
    { PURPOSE("", "30{" ANY_PURPOSE "}"), NULL },
    { PURPOSE("", "30{}"), "extKeyUsage" },
    { PURPOSE("", "30{02:01}"), "extKeyUsage" },
    { PURPOSE("", "30{" SERVER_AUTH " =06}"), "extKeyUsage" },
    { PURPOSE("", SERVER_AUTH), "extKeyUsage" },
    { PURPOSE("", "30{" SERVER_AUTH "} 05:"), "extKeyUsage" },
    { NAMES("", EVERY_KIND), NULL },
    { NAMES("", "30{}"), "subjectAltName" },
    { NAMES("", "82\"a.test\""), "subjectAltName" },
    { NAMES("", "30{82\"a.test\"} 05:"), "subjectAltName" },
    { CONSTRAINTS("", "30{}"), NULL },
    { CONSTRAINTS("", "30{a0{30{82\"\"}}}"), NULL },
    { CONSTRAINTS("", "30{a0{30{87:0a000000ff000000}}}"), NULL },
    { CONSTRAINTS("", "30{a0{30{87:0a000000}}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{a0{30{82\"x\" 80:00}}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{a0{30{82\"x\" 81:05}}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{a0{82\"x\"}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{a0{30{0c\"x\"}}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{a1{30{82\"x\"}} a0{30{82\"x\"}}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{a2{}}"), "nameConstraints" },
    { CONSTRAINTS("", "30{} 05:"), "nameConstraints" },
    { KEY_ID("", "04:01"), NULL },
    { KEY_ID("", "02:01"), "subjectKeyIdentifier" },
    { KEY_ID("", "04:01 05:"), "subjectKeyIdentifier" },
    { ISSUER_KEY_ID("", "30{}"), NULL },
    { ISSUER_KEY_ID("", "30{80:01 a1{a4{" DN("x") "}} 82:01}"), NULL },
    { ISSUER_KEY_ID("", "30{82:01 80:01}"), "authorityKeyIdentifier" },
    { ISSUER_KEY_ID("", "30{a1{0c\"x\"}}"), "authorityKeyIdentifier" },
    { ISSUER_KEY_ID("", "80:01"), "authorityKeyIdentifier" },
    { CRL_POINTS("", "30{30{a0{a0{86\"http://a/\"}}}}"), NULL },
    { CRL_POINTS("", "30{01:00}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{01:00}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{a0{a1{30{06:550403 0c\"x\"}}} 81:0780 a2{a4{" DN("x") "}}}}"), NULL },
    { CRL_POINTS("", "30{30{a0{}}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{a0{a0{}}}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{a0{a1{}}}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{a0{a2{86\"http://a/\"}}}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{a0{a0{86\"http://a/\"} 05:}}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{81:}}"), "cRLDistributionPoints" },
    { CRL_POINTS("", "30{30{a2{}}}"), "cRLDistributionPoints" },
    { NETSCAPE("", "03:0640"), NULL },
    { NETSCAPE("", "04:40"), "nsCertType" },
    { POLICIES(CRITICAL, "30{30{06:2a03}}"), NULL },
    { POLICIES("", "=05"), NULL }, /* it is not read */
    { POLICIES("", ""), "certificatePolicies" },
    { "06:2a03 04{0c\"whatever it is\"}", NULL },
    { "06:2a03 04:", NULL },
};

static void a_malformed_extension_is_named(void **state)
{
    struct specimen specimen = specimen_server;
    struct certificate certificate;

    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        memset(specimen.extensions, 0, sizeof specimen.extensions);
        specimen.extensions[EXT_OTHER] = faults[i].extension;
        assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate));
        if (!certificate.fault != !faults[i].fault ||
            (certificate.fault && strcmp(certificate.fault, faults[i].fault) != 0))
            fail_msg("%s: %s", faults[i].extension, certificate.fault ? certificate.fault : "well");
        assert_null(certificate.strange.at);
    }
}

static void what_is_no_extension_makes_no_certificate(void **state)
{
    static const char *const cases[] = {
        "",
        "06:2a03",
        "06:2a03 01:ff",
        "06:2a03 01:01 04:",
        "06:2a03 04: 05:",
        "04: 06:2a03",
        "06:2a03 01:ff 01:ff 04:",
    };
    struct specimen specimen = specimen_server;
    struct certificate certificate;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        specimen.extensions[EXT_OTHER] = cases[i];
        assert_false(certificate_parse(guard(write_specimen(&specimen)), &certificate));
    }
}

static void an_extension_that_is_there_twice_is_a_fault(void **state)
{
    static const char *const cases[] = { NAMES("", "30{82\"a.test\"}"), BASIC("", "30{}"), NETSCAPE("", "03:0640") };
    struct specimen specimen = specimen_server;
    struct certificate certificate;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        memset(specimen.extensions, 0, sizeof specimen.extensions);
        specimen.extensions[EXT_KEY_ID] = KEY_ID("", "04:01");
        specimen.extensions[EXT_OTHER] = specimen.extensions[EXT_MORE] = cases[i];
        assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate));
        assert_string_equal(certificate.fault, "an extension that is there twice");
    }
    specimen.extensions[EXT_OTHER] = specimen.extensions[EXT_MORE] = "06:2a03 04:"; /* nobody asks for it */
    assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate) && !certificate.fault);
}

/* As large as a certificate can be; there are 63 others that may be parsed again and again. */
static void a_certificate_with_thousands_of_extensions_takes_no_time(void **state)
{
    enum { EXTENSIONS = 2000, TIMES = 100 };
    static char list[EXTENSIONS * 16];
    struct specimen specimen = specimen_server;
    struct certificate certificate;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < EXTENSIONS; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s06:%02x%02x 04:", i > 0 ? "}30{" : "", (i >> 7) + 0x81,
                              i & 0x7f);
    memset(specimen.extensions, 0, sizeof specimen.extensions);
    specimen.extensions[EXT_OTHER] = list;
    struct der whole = write_specimen(&specimen);
    clock_t start = clock();
    for (int i = 0; i < TIMES; i++)
        assert_true(certificate_parse(whole, &certificate) && !certificate.fault);
    assert_in_range(clock() - start, 0, CLOCKS_PER_SEC / 2);
}

static void critical_extensions_are_known_or_strange(void **state)
{
    static const struct {
        const char *extension, *strange;
    } cases[] = {
        { "06:2a03 01:ff 04:", "1.2.3" },
        { "06:2a03 01:00 04:", "" },
        { "06:2a03 04:", "" },
        { KEY_ID(CRITICAL, "04:01"), "2.5.29.14" },
        { ISSUER_KEY_ID(CRITICAL, "30{}"), "2.5.29.35" },
        { CRL_POINTS(CRITICAL, "30{}"), "2.5.29.31" },
        { "06:551d24 " CRITICAL "04{30{80:00}}", "2.5.29.36" },
        { "06:551d36 " CRITICAL "04{02:00}", "2.5.29.54" },
        { POLICIES(CRITICAL, "30{}"), "" },
        { NETSCAPE(CRITICAL, "03:0640"), "" },
        { NAMES(CRITICAL, "30{82\"a.test\"}"), "" },
        { PURPOSE(CRITICAL, "30{" SERVER_AUTH "}"), "" },
        { CONSTRAINTS(CRITICAL, "30{}"), "" },
        { "06:2b06010505070107 04:", "1.3.6.1.5.5.7.1.7" },
        { "06:2b06010505070108 04:", "1.3.6.1.5.5.7.1.8" },
        { "06:2b0601050507010e 04:", "1.3.6.1.5.5.7.1.14" },
        { "06:2b06010505070101 04:", "" },
    };
    struct specimen specimen = specimen_server;
    struct certificate certificate;

    (void)state;
    memset(specimen.extensions, 0, sizeof specimen.extensions);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char shown[64];
        struct text out = { shown, sizeof shown, 0 };
        specimen.extensions[EXT_OTHER] = cases[i].extension;
        assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate));
        der_put_oid(certificate.strange, &out);
        assert_string_equal(text_of(&out), cases[i].strange);
    }
}

static void only_serverAuth_is_for_servers(void **state)
{
    static const struct {
        const char *purposes;
        bool for_servers;
    } cases[] = {
        { "30{" SERVER_AUTH "}", true },        { "30{" CLIENT_AUTH " " SERVER_AUTH "}", true },
        { "30{" CLIENT_AUTH "}", false },       { "30{" ANY_PURPOSE "}", false },
        { "30{06:2b0601050507030100}", false }, { "30{06:2b060105050703}", false },
    };
    char extension[128];
    struct certificate certificate;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(extension, sizeof extension, PURPOSE("", "%s"), cases[i].purposes);
        const struct specimen specimen = with(specimen_server, EXT_PURPOSE, extension);
        assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate));
        assert_int_equal(certificate.for_servers, cases[i].for_servers);
    }
}

static void an_issuer_is_known_by_name_and_identifiers(void **state)
{
    static const struct {
        const char *own, *authority;
        bool names;
    } cases[] = {
        { NULL, NULL, true },
        { KEY_ID("", "04:0102"), NULL, true },
        { NULL, ISSUER_KEY_ID("", "30{80:0102}"), true },
        { KEY_ID("", "04:0102"), ISSUER_KEY_ID("", "30{80:0102}"), true },
        { KEY_ID("", "04:0102"), ISSUER_KEY_ID("", "30{80:0103}"), false },
        { NULL, ISSUER_KEY_ID("", "30{82:0456}"), true },
        { NULL, ISSUER_KEY_ID("", "30{82:0457}"), false },
        { NULL, ISSUER_KEY_ID("", "30{a1{a4{" DN("root") "}} 82:0456}"), true },
        { NULL, ISSUER_KEY_ID("", "30{a1{a4{" DN("Int") "}} 82:0456}"), false },
        { NULL, ISSUER_KEY_ID("", "30{a1{82\"a.test\"}}"), true },
    };
    struct certificate server, ca;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct specimen own = with(specimen_ca, EXT_KEY_ID, cases[i].own);
        const struct specimen child = with(specimen_server, EXT_ISSUER_KEY_ID, cases[i].authority);
        assert_true(certificate_parse(write_specimen(&own), &ca) && certificate_parse(write_specimen(&child), &server));
        assert_int_equal(certificate_names_issuer(&server, &ca), cases[i].names);
        assert_false(certificate_names_issuer(&ca, &server));
    }
    assert_false(certificate_is_self_issued(&ca));
}

/* --- constraints ------------------------------------------------------------------------------------- */

static const struct {
    const char *constraints;
    bool allowed;
    const char *names;   /* NULL: none */
    const char *subject; /* NULL: none */
} constraints[] = {
    { "", true, "30{82\"a.test\"}", NULL },
    /* domains */
    { "a0{30{82\"a.test\"}}", true, "30{82\"a.test\"}", NULL },
    { "a0{30{82\"A.Test\"}}", true, "30{82\"x.a.tEST\"}", NULL },
    { "a0{30{82\"a.test\"}}", true, "30{82\"*.a.test\"}", NULL },
    { "a0{30{82\"a.test\"}}", false, "30{82\"xa.test\"}", NULL },
    { "a0{30{82\"a.test\"}}", false, "30{82\"test\"}", NULL },
    { "a0{30{82\"a.test\"}}", false, "30{82\"a.test.\"}", NULL },
    { "a0{30{82\"a.test\"}}", false, "30{82\"x.a.test\" 82\"b.test\"}", NULL },
    { "a0{30{82\"a.test\"}}", false, "30{82\"*.test\"}", NULL },
    { "a0{30{82\"a.test\"} 30{82\"b.test\"}}", true, "30{82\"x.a.test\" 82\"b.test\"}", NULL },
    { "a0{30{82\".a.test\"}}", true, "30{82\"x.a.test\"}", NULL },
    { "a0{30{82\".a.test\"}}", false, "30{82\"a.test\"}", NULL },
    { "a0{30{82\"\"}}", true, "30{82\"a.test\"}", NULL },
    { "a0{30{82\"a.test\"}}", true, "30{87:7f000001}", NULL },
    { "a0{30{82\"a.test\"}}", true, NULL, NULL },
    { "a1{30{82\"a.test\"}}", false, "30{82\"a.test\"}", NULL },
    { "a1{30{82\"a.test\"}}", false, "30{82\"b.test\" 82\"x.A.test\"}", NULL },
    { "a1{30{82\"a.test\"}}", true, "30{82\"b.test\"}", NULL },
    { "a1{30{82\".a.test\"}}", false, "30{82\"x.a.test\"}", NULL },
    { "a1{30{82\".app.test\"}}", false, "30{82\"x.app.test\"}", NULL },
    { "a1{30{82\".app.test\"}}", false, "30{82\"*.app.test\"}", NULL },
    { "a1{30{82\".app.test\"}}", true, "30{82\"xapp.test\"}", NULL },
    { "a1{30{82\"\"}}", false, "30{82\"b.test\"}", NULL },
    { "a1{30{82\"x.a.test\"}}", false, "30{82\"*.a.test\"}", NULL }, /* it stands for that one, too */
    { "a1{30{82\".x.a.test\"}}", false, "30{82\"*.a.test\"}", NULL },
    { "a1{30{82\"y.x.a.test\"}}", true, "30{82\"*.a.test\"}", NULL },
    { "a0{30{82\"test\"}} a1{30{82\"a.test\"}}", false, "30{82\"a.test\"}", NULL },
    { "a0{30{82\"test\"}} a1{30{82\"a.test\"}}", true, "30{82\"b.test\"}", NULL },
    /* addresses */
    { "a0{30{87:0a000000ff000000}}", true, "30{87:0a010203}", NULL },
    { "a0{30{87:0a000000ff000000}}", false, "30{87:0b010203}", NULL },
    { "a0{30{87:0a000000ff000000}}", false, "30{87:0a000000000000000000000000000000}", NULL },
    { "a0{30{87:0a000000ff000000}}", false, "30{87:0a01}", NULL },
    { "a0{30{87:0a0000f0ff0000f0}}", true, "30{87:0a0102ff}", NULL },
    { "a1{30{87:0a000000ff000000}}", false, "30{87:0a010203}", NULL },
    { "a1{30{87:0a000000ff000000}}", true, "30{87:0b010203}", NULL },
    { "a1{30{87:0a000000ff000000}}", false, "30{87:0a01}", NULL },
    { "a1{30{87:0000000000000000}}", false, "30{87:7f000001}", NULL },
    { "a1{30{87:0000000000000000}}", true, "30{82\"a.test\"}", NULL },
    { "a0{30{87:fd000000000000000000000000000000ff000000000000000000000000000000}}", true,
      "30{87:fd000000000000000000000000000001}", NULL },
    /* names of directories */
    { "a0{30{a4{30{" O("0c\"Org\"") "}}}}", true, NULL, "30{" O("13\"ORG\"") CN("0c\"x\"") "}" },
    { "a0{30{a4{30{" O("0c\"Org\"") "}}}}", false, NULL, "30{" O("0c\"Other\"") "}" },
    { "a0{30{a4{30{" O("0c\"Org\"") "}}}}", false, NULL, "30{" O("1e:004f00720067") "}" },
    { "a0{30{a4{30{" O("0c\"Org\"") "}}}}", false, NULL, "30{" CN("0c\"x\"") O("0c\"Org\"") "}" },
    { "a0{30{a4{30{" O("0c\"Org\"") "}}}}", true, "30{82\"a.test\"}", NULL },
    { "a0{30{a4{30{" O("0c\"Org\"") "}}}}", false, "30{a4{" DN("x") "}}", NULL },
    { "a1{30{a4{30{" O("0c\"Org\"") "}}}}", false, NULL, "30{" O("0c\" org \"") CN("0c\"x\"") "}" },
    { "a1{30{a4{30{" O("0c\"Org\"") "}}}}", false, NULL, "30{" O("1e:004f00720067") "}" },
    { "a1{30{a4{30{" O("0c\"Org\"") "}}}}", true, NULL, "30{" O("0c\"Other\"") "}" },
    { "a1{30{a4{30{}}}}", false, NULL, "30{" O("0c\"Other\"") "}" },
    /* other kinds are not compared, so a name of a kind that is constrained is refused */
    { "a0{30{81\"a.test\"}}", false, "30{81\"x@a.test\"}", NULL },
    { "a1{30{81\"a.test\"}}", false, "30{81\"x@b.test\"}", NULL },
    { "a0{30{81\"a.test\"}}", true, "30{82\"b.test\"}", NULL },
    { "a0{30{81\"a.test\"}}", false, NULL, "30{" RDN("2a864886f70d010901", "16\"x@a.test\"") "}" },
    { "a0{30{86\"a.test\"}}", false, "30{86\"https://a.test/\"}", NULL },
    { "a0{30{86\"a.test\"}}", true, "30{82\"b.test\"}", NULL },
    { "a1{30{88:2a03}}", false, "30{88:2a04}", NULL },
    { "a0{30{a0{06:2a03 a0{05:}}}}", false, "30{a0{06:2a03 a0{05:}}}", NULL },
    /* a common name that looks like a host's, where there is no DNS name */
    { "a0{30{82\"a.test\"}}", false, NULL, "30{" CN("0c\"b.test\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"x.a.test\"") "}" },
    { "a0{30{82\"a.test\"}}", false, NULL, "30{" CN("0c\"B-_9.TEST\"") "}" },
    { "a0{30{82\"a.test\"}}", false, NULL, "30{" CN("0c\"z.0\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"Some Server 1.0\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"localhost\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"b.te/st\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"b.te:st\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"b.te@st\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"b.te[st\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c\"b.te`st\"") "}" },
    { "a0{30{82\"a.test\"}}", true, NULL, "30{" CN("0c:622e74657b7374") "}" },
    { "a0{30{82\"a.test\"}}", true, "30{82\"a.test\"}", "30{" CN("0c\"b.test\"") "}" },
    { "a1{30{82\"a.test\"}}", false, "30{87:7f000001}", "30{" CN("0c\"a.test\"") "}" },
};

static void constraints_hold_for_every_name(void **state)
{
    char ca_extension[512], names[512];
    struct certificate ca, server;

    (void)state;
    for (size_t i = 0; i < COUNT(constraints); i++) {
        snprintf(ca_extension, sizeof ca_extension, CONSTRAINTS("", "30{%s}"), constraints[i].constraints);
        snprintf(names, sizeof names, NAMES("", "%s"), constraints[i].names ? constraints[i].names : "");
        const struct specimen issuer = with(specimen_ca, EXT_CONSTRAINTS, ca_extension);
        struct specimen child = with(specimen_server, EXT_NAMES, constraints[i].names ? names : NULL);
        child.subject = constraints[i].subject ? constraints[i].subject : "30{}";
        assert_true(certificate_parse(write_specimen(&issuer), &ca) && !ca.fault);
        assert_true(certificate_parse(guard(write_specimen(&child)), &server) && !server.fault);
        if (constraints_allow(&ca, &server, true) != constraints[i].allowed)
            fail_msg("%s of %s, %s: %d", constraints[i].constraints, constraints[i].names, constraints[i].subject,
                     !constraints[i].allowed);
    }
}

/* A list of COUNT times PART in OUT, between BEFORE and AFTER. */
static const char *repeat(char *out, size_t size, const char *before, const char *part, int count, const char *after)
{
    size_t n = (size_t)snprintf(out, size, "%s", before);

    for (int i = 0; i < count; i++)
        n += (size_t)snprintf(out + n, size - n, "%s", part);
    snprintf(out + n, size - n, "%s", after);
    return out;
}

/* A server of 256 names under a CA with as many constraints, and a server of one more. */
static void constraints_that_take_long_to_compare_allow_nothing(void **state)
{
    char names[4096], subtrees[4096];
    struct certificate ca, server;

    (void)state;
    for (int more = 0; more <= 1; more++) {
        const struct specimen issuer =
            with(specimen_ca, EXT_CONSTRAINTS,
                 repeat(subtrees, sizeof subtrees, "06:551d1e 04{30{a1{", "30{82\"a\"}", 256, "}}}"));
        const struct specimen child = with(
            specimen_server, EXT_NAMES, repeat(names, sizeof names, "06:551d11 04{30{", "82\"b\"", 256 + more, "}}"));
        assert_true(certificate_parse(write_specimen(&issuer), &ca) && !ca.fault);
        assert_true(certificate_parse(write_specimen(&child), &server) && !server.fault);
        assert_int_equal(constraints_allow(&ca, &server, true), !more);
    }
}

/* --- algorithms -------------------------------------------------------------------------------------- */

#define SHA(n)      "30{06:60864801650304020" n "}"
#define SHA_NULL(n) "30{06:60864801650304020" n " 05:}"
#define MGF1(hash)  "30{06:2a864886f70d010108 " hash "}"
#define PSS(in)     "06:2a864886f70d01010a 30{" in "}"

static void signatures_are_known_or_weak_or_unknown(void **state)
{
    static const struct {
        const char *algorithm;
        enum algorithm_kind kind;
        int hash, salt;
        const char *shown;
    } cases[] = {
        { "06:2a864886f70d01010b 05:", ALGORITHM_RSA, 256, 0, "RSA" },
        { "06:2a864886f70d01010b", ALGORITHM_RSA, 256, 0, "RSA" },
        { "06:2a864886f70d01010c 05:", ALGORITHM_RSA, 384, 0, "RSA" },
        { "06:2a864886f70d01010d 05:", ALGORITHM_RSA, 512, 0, "RSA" },
        { "06:2a8648ce3d040302", ALGORITHM_EC, 256, 0, "ECDSA" },
        { "06:2a8648ce3d040303", ALGORITHM_EC, 384, 0, "ECDSA" },
        { "06:2a8648ce3d040304", ALGORITHM_EC, 512, 0, "ECDSA" },
        { "06:2a864886f70d01010b 02:01", ALGORITHM_UNKNOWN, 256, 0, "RSA" },
        { "06:2a864886f70d010104 05:", ALGORITHM_WEAK, 0, 0, "MD5" },
        { "06:2a864886f70d010105 05:", ALGORITHM_WEAK, 0, 0, "SHA-1" },
        { "06:2a8648ce3d0401", ALGORITHM_WEAK, 0, 0, "SHA-1" },
        { "06:2b6570", ALGORITHM_UNKNOWN, 0, 0, "Ed25519" },
        { "06:2b6571", ALGORITHM_UNKNOWN, 0, 0, "Ed448" },
        { "06:608648016503040302", ALGORITHM_UNKNOWN, 0, 0, "DSA" },
        { "06:2a864886f70d010101 05:", ALGORITHM_UNKNOWN, 0, 0, "RSA" }, /* that is a key */
        { "06:2a0304", ALGORITHM_UNKNOWN, 0, 0, "1.2.3.4" },
        { PSS("a0{" SHA("1") "} a1{" MGF1(SHA("1")) "} a2{02:20}"), ALGORITHM_PSS, 256, 32, "RSA-PSS" },
        { PSS("a0{" SHA_NULL("2") "} a1{" MGF1(SHA_NULL("2")) "} a2{02:30} a3{02:01}"), ALGORITHM_PSS, 384, 48,
          "RSA-PSS" },
        { PSS("a0{" SHA("3") "} a1{" MGF1(SHA("3")) "}"), ALGORITHM_PSS, 512, 20, "RSA-PSS" },
        { PSS("a0{" SHA("1") "} a1{" MGF1(SHA("2")) "} a2{02:20}"), ALGORITHM_UNKNOWN, 256, 32, "RSA-PSS" },
        { PSS("a0{" SHA("1") "} a2{02:20}"), ALGORITHM_UNKNOWN, 0, 20, "RSA-PSS" },
        { PSS("a0{" SHA("1") "} a1{" MGF1(SHA("1")) "} a3{02:02}"), ALGORITHM_UNKNOWN, 0, 20, "RSA-PSS" },
        { PSS(""), ALGORITHM_UNKNOWN, 0, 20, "RSA-PSS" }, /* SHA-1 */
        { "06:2a864886f70d01010a", ALGORITHM_UNKNOWN, 0, 20, "RSA-PSS" },
    };
    struct specimen specimen = specimen_server;
    struct certificate certificate;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char shown[64];
        struct text out = { shown, sizeof shown, 0 };
        specimen.algorithm = cases[i].algorithm;
        assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate));
        struct algorithm found = algorithm_of_signature(certificate.algorithm);
        algorithm_put(&found, &out);
        assert_string_equal(text_of(&out), cases[i].shown);
        if (found.kind != cases[i].kind || (found.kind > ALGORITHM_WEAK && found.hash != cases[i].hash) ||
            (found.kind == ALGORITHM_PSS && found.salt != cases[i].salt))
            fail_msg("%s: %d, SHA-%d, salt %d", cases[i].algorithm, found.kind, found.hash, found.salt);
    }
    specimen.algorithm = "06:2a864886f70d01010b 05:00"; /* a NULL of a byte */
    assert_false(certificate_parse(guard(write_specimen(&specimen)), &certificate));
}

#define EC_KEY(curve) "30{06:2a8648ce3d0201 06:" curve "} 03:0004"

/* An RSA key in the notation: a modulus of BITS, all of them set, and the exponent. */
static const char *rsa_key(size_t bits, const char *exponent)
{
    static char notation[8192];
    size_t n = (size_t)snprintf(notation, sizeof notation, "30{06:2a864886f70d010101 05:} 03{=00 30{02:%02x",
                                bits % 8 ? (1u << bits % 8) - 1 : 0);

    for (size_t i = 0; i < bits / 8; i++)
        n += (size_t)snprintf(notation + n, sizeof notation - n, "ff");
    snprintf(notation + n, sizeof notation - n, " %s}}", exponent);
    return notation;
}

static enum algorithm_kind kind_of_key(const char *notation, const char *shown)
{
    struct specimen specimen = specimen_server;
    struct certificate certificate;
    char bytes[64];
    struct text out = { bytes, sizeof bytes, 0 };

    specimen.key = notation;
    assert_true(certificate_parse(guard(write_specimen(&specimen)), &certificate));
    struct algorithm found = algorithm_of_key(&certificate);
    algorithm_put(&found, &out);
    assert_string_equal(text_of(&out), shown);
    return found.kind;
}

static void keys_are_known_or_weak_or_unknown(void **state)
{
    (void)state;
    assert_int_equal(kind_of_key(EC_KEY("2a8648ce3d030107"), "P-256"), ALGORITHM_EC);
    assert_int_equal(kind_of_key(EC_KEY("2b81040022"), "P-384"), ALGORITHM_EC);
    assert_int_equal(kind_of_key(EC_KEY("2b81040023"), "P-521"), ALGORITHM_EC);
    assert_int_equal(kind_of_key(EC_KEY("2b81040021"), "P-224"), ALGORITHM_WEAK);
    assert_int_equal(kind_of_key(EC_KEY("2a8648ce3d030101"), "P-192"), ALGORITHM_WEAK);
    assert_int_equal(kind_of_key(EC_KEY("2b8104000a"), "secp256k1"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key("30{06:2a8648ce3d0201 30{}} 03:0004", "EC"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key("30{06:2b6570} 03:00ff", "Ed25519"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key("30{06:2b6571} 03:00ff", "Ed448"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key("30{06:2a8648ce380401 30{}} 03:0004", "DSA"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key("30{06:2a0304} 03:00ff", "1.2.3.4"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key("30{06:2a8648ce3d0201 06:2a8648ce3d030107} 03:0104", ""), ALGORITHM_UNKNOWN);
}

static void rsa_keys_are_neither_small_nor_made_to_take_long(void **state)
{
    static const struct {
        size_t bits;
        const char *exponent;
        enum algorithm_kind kind;
    } cases[] = {
        { 2048, "02:010001", ALGORITHM_RSA },     { 2048, "02:03", ALGORITHM_RSA },
        { 2047, "02:010001", ALGORITHM_WEAK },    { 1024, "02:010001", ALGORITHM_WEAK },
        { 8192, "02:010001", ALGORITHM_RSA },     { 8193, "02:010001", ALGORITHM_UNKNOWN },
        { 2048, "02:00ffffffff", ALGORITHM_RSA }, { 2048, "02:0100000001", ALGORITHM_UNKNOWN },
        { 2048, "02:01", ALGORITHM_WEAK },        { 2048, "02:00", ALGORITHM_WEAK },
        { 2048, "02:81", ALGORITHM_UNKNOWN },     { 2048, "02:03 02:03", ALGORITHM_UNKNOWN },
        { 2048, "02:03 =00", ALGORITHM_UNKNOWN }, { 2048, "04:03", ALGORITHM_UNKNOWN },
        { 2048, "", ALGORITHM_UNKNOWN },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (kind_of_key(rsa_key(cases[i].bits, cases[i].exponent), "RSA") != cases[i].kind)
            fail_msg("%zu bits, exponent %s", cases[i].bits, cases[i].exponent);
}

#define PSS_KEY(parameters) "30{06:2a864886f70d01010a " parameters "}"
#define PSS_PARAMETERS(hash)                                                                                           \
    "30{a0{30{06:6086480165030402" hash "}} a1{30{06:2a864886f70d010108 30{06:6086480165030402" hash "}}} a2{02:20}}"

/* KEY with another AlgorithmIdentifier than RSA's, which is the first one in it. */
static const char *with_identifier(const char *identifier, const char *key)
{
    static char notation[8192];

    snprintf(notation, sizeof notation, "%s%s", identifier, strchr(key, '}') + 1);
    return notation;
}

static void rsa_keys_for_pss_alone_say_with_which_hash(void **state)
{
    const char *key = rsa_key(2048, "02:010001");

    (void)state;
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY(""), key), "RSA-PSS"), ALGORITHM_PSS);
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY(PSS_PARAMETERS("01")), key), "RSA-PSS"), ALGORITHM_PSS);
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY(PSS_PARAMETERS("03")), key), "RSA-PSS"), ALGORITHM_PSS);
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY("30{}"), key), "RSA-PSS"), ALGORITHM_UNKNOWN); /* SHA-1 */
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY("05:"), key), "RSA-PSS"), ALGORITHM_UNKNOWN);
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY(""), rsa_key(1024, "02:010001")), "RSA-PSS"), ALGORITHM_WEAK);
    assert_int_equal(kind_of_key(with_identifier(PSS_KEY(""), rsa_key(8193, "02:010001")), "RSA-PSS"),
                     ALGORITHM_UNKNOWN);
}

/* --- the world's -------------------------------------------------------------------------------------- */

/* Strict as it is, the parser takes what is trusted on this machine. */
static void every_root_of_the_system_is_taken(void **state)
{
    static char bundle[1 << 20];
    static uint8_t bytes[DER_MAX];
    FILE *file = fopen("/etc/ssl/certs/ca-certificates.crt", "r");

    (void)state;
    assert_non_null(file);
    struct span rest = { bundle, fread(bundle, 1, sizeof bundle, file) }, base64;
    fclose(file);
    size_t count = 0;
    for (; pem_next(&rest, &base64); count++) {
        struct certificate certificate;
        struct der root = { bytes, pem_decode(base64, bytes, sizeof bytes) };
        assert_true(certificate_parse(guard(root), &certificate));
        if (certificate.fault || certificate.strange.at || !(certificate.is_ca || certificate.version == 1))
            fail_msg("root %zu: %s", count, certificate.fault ? certificate.fault : "");
        assert_int_not_equal(algorithm_of_key(&certificate).kind, ALGORITHM_UNKNOWN);
    }
    assert_true(count > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_element_is_taken_only_whole),
        cmocka_unit_test(lengths_take_no_more_bytes_than_they_need),
        cmocka_unit_test(integers_take_no_more_bytes_than_they_need),
        cmocka_unit_test(a_boolean_is_00_or_ff),
        cmocka_unit_test(numbers_of_an_object_identifier_are_whole_and_have_no_more_bytes_than_they_need),
        cmocka_unit_test(bits_may_be_unused_only_where_there_are_some),
        cmocka_unit_test(times_have_the_one_form_that_certificates_have),
        cmocka_unit_test(days_are_counted),
        cmocka_unit_test(object_identifiers_are_shown_in_dots),
        cmocka_unit_test(distinguished_names_are_compared_as_people_would),
        cmocka_unit_test(what_is_no_distinguished_name_is_malformed),
        cmocka_unit_test(a_common_name_stands_for_a_distinguished_name),
        cmocka_unit_test(a_star_stands_for_one_whole_label),
        cmocka_unit_test(only_dns_names_and_addresses_name_a_server),
        cmocka_unit_test(a_name_with_a_nul_in_it_is_no_other),
        cmocka_unit_test(what_is_no_list_of_names_is_malformed),
        cmocka_unit_test(names_are_listed),
        cmocka_unit_test(a_certificate_is_taken_apart),
        cmocka_unit_test(a_certificate_that_is_cut_anywhere_is_none),
        cmocka_unit_test(a_certificate_that_is_spoilt_anywhere_does_no_harm),
        cmocka_unit_test(no_byte_is_passed_over_at_the_end_of_anything),
        cmocka_unit_test(what_is_around_extensions_is_strict),
        cmocka_unit_test(version_1_has_no_extensions),
        cmocka_unit_test(a_malformed_extension_is_named),
        cmocka_unit_test(what_is_no_extension_makes_no_certificate),
        cmocka_unit_test(an_extension_that_is_there_twice_is_a_fault),
        cmocka_unit_test(a_certificate_with_thousands_of_extensions_takes_no_time),
        cmocka_unit_test(critical_extensions_are_known_or_strange),
        cmocka_unit_test(only_serverAuth_is_for_servers),
        cmocka_unit_test(an_issuer_is_known_by_name_and_identifiers),
        cmocka_unit_test(constraints_hold_for_every_name),
        cmocka_unit_test(constraints_that_take_long_to_compare_allow_nothing),
        cmocka_unit_test(signatures_are_known_or_weak_or_unknown),
        cmocka_unit_test(keys_are_known_or_weak_or_unknown),
        cmocka_unit_test(rsa_keys_for_pss_alone_say_with_which_hash),
        cmocka_unit_test(rsa_keys_are_neither_small_nor_made_to_take_long),
        cmocka_unit_test(every_root_of_the_system_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
