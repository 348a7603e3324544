/*
 * DER, as certificates are written: each element is within the bytes that it is taken from, whatever these are.
 */
#include "healthcheck/tls/der.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

enum { SIZE = 8, TIME = 17 };

/* Any number of bytes, up to SIZE. */
static struct der any_der(const uint8_t *bytes, size_t size)
{
    struct der der = { bytes, nondet_size() };

    assume(der.length <= size);
    return der;
}

static bool is_within(struct der inner, struct der outer)
{
    return inner.at >= outer.at && inner.at <= outer.at + outer.length &&
           inner.length <= outer.length - (size_t)(inner.at - outer.at);
}

/*
 * PROVES   An element and what is left behind it are within the bytes that it is taken from, one behind the other,
 *          and something is taken wherever there is an element: so every walk over elements ends.
 * FOR      any bytes, up to 8; lengths of up to 2^24
 * BREAKS   healthcheck/tls/der.c: if (tag < 0 || length > rest->length) => if (tag < 0 || length > rest->length +
 *          1)
 * BREAKS   healthcheck/tls/der.c: || rest->length < head + more || => ||
 * WITH     --unwind 5
 */
void proof_element(void)
{
    uint8_t bytes[SIZE];
    struct der all = any_der(bytes, SIZE), rest = all, contents;
    int tag = der_take_any(&rest, &contents);

    if (tag == DER_NONE)
        return;
    prove(is_within(rest, all) && is_within(contents, all), "all is within");
    prove(contents.at + contents.length == rest.at, "one is behind the other");
    prove(rest.length + 2 <= all.length, "something is taken");
    prove(tag >= 0 && tag <= UINT8_MAX && (tag & LONG_TAG) != LONG_TAG, "the tag is one byte");
    prove(bytes[0] == tag, "it is the first");
    prove(contents.length < 0x80 ? bytes[1] == contents.length : bytes[1] > 0x80, "a short length is written short");
}

/*
 * PROVES   Numbers, bits and booleans are read without an overflow, in their one encoding.
 * FOR      any bytes, up to 8
 * BREAKS   healthcheck/tls/der.c: bytes.length > 4 ? INT_MAX : 0; => 0;
 * BREAKS   healthcheck/tls/der.c: || bytes.at[0] & 0x80) => )
 * WITH     --unwind 5
 */
void proof_values(void)
{
    uint8_t bytes[SIZE];
    struct der all = any_der(bytes, SIZE), number = all, bits = all, flag = all, taken;
    unsigned unused;
    bool value;
    int read;

    if (der_take_number(&number, &read)) {
        prove(read >= 0, "no number is negative");
        prove(implies(bytes[1] == 2, read == (bytes[2] << 8 | bytes[3])), "it is the number that is written");
        prove(implies(bytes[1] > 4, read == INT_MAX), "what is larger is as large as can be");
    }
    if (der_take_bits(&bits, &taken, &unused))
        prove(unused <= 7 && is_within(taken, all) && implies(taken.length == 0, unused == 0), "bits are within");
    if (der_take_boolean(&flag, &value))
        prove(implies(value, bytes[0] == DER_BOOLEAN && bytes[2] == 0xff), "what is true is FF");
}

int __CPROVER_uninterpreted_days_in(int year, int month);

/* Any calendar. */
static int contract_days_in(int year, int month)
{
    int days = __CPROVER_uninterpreted_days_in(year, month);

    assume(days >= 28 && days <= 31);
    return days;
}

/* The number that two digits are; more than 99 where they are none. */
static int pair_of(const uint8_t *at)
{
    return is_digit((char)at[0]) && is_digit((char)at[1]) ? (at[0] - '0') * 10 + at[1] - '0' : 100;
}

/*
 * PROVES   A time of a certificate is read where it is in one of the two forms of RFC 5280 and is one of the
 *          calendar, and nothing else is.
 * FOR      any bytes, up to 17
 * CUTS     healthcheck/tls/der.c: days_in: unit/test_hc_certificate.c: days_are_counted
 * BREAKS   healthcheck/tls/der.c: fields[1] < 50 ? 20 : 19 => fields[1] < 70 ? 20 : 19
 * BREAKS   healthcheck/tls/der.c: || fields[4] > 23 || => ||
 * BREAKS   healthcheck/tls/der.c: || digits->length != century + 13 || => || digits->length < century + 13 ||
 * WITH     --no-conversion-check --unwind 8
 */
void proof_time(void)
{
    uint8_t bytes[TIME];
    struct der rest = { bytes, nondet_size() }, digits;
    int64_t seconds;

    assume(rest.length <= TIME);
    const uint8_t *at = bytes + 2;
    bool utc = bytes[0] == DER_UTC_TIME && bytes[1] == 13, general = bytes[0] == DER_GENERALIZED_TIME && bytes[1] == 15;
    int century = utc ? pair_of(at) < 50 ? 20 : 19 : pair_of(at);
    at += general ? 2 : 0;
    int year = century * 100 + pair_of(at), month = pair_of(at + 2), day = pair_of(at + 4);
    int hour = pair_of(at + 6), minute = pair_of(at + 8), second = pair_of(at + 10);
    bool good = (utc || general) && rest.length >= 2u + bytes[1] && at[12] == 'Z' && pair_of(at) < 100 &&
                century < 100 && month >= 1 && month <= 12 && day >= 1 && day <= contract_days_in(year, month) &&
                hour < 24 && minute < 60 && second < 60;
    prove(der_take_time(&rest, &digits, &seconds) == good, "it is read where it is one");
}
