/*
 * The reader of PEM: where a certificate begins and ends, its base64, and its subject.
 */
#define _GNU_SOURCE /* for memrchr */

#include "healthcheck/tls/der.h"

int contract_der_take_any(struct der *rest, struct der *contents);
#define der_take_any contract_der_take_any /* what pem.c calls, too */
#include "healthcheck/tls/pem.c"
#undef der_take_any

#include "healthcheck/target/span.c"
#include "healthcheck/tls/der.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { TEXT = 5, WORD = 2, BASE64 = 4, ROOM = 3, DER = 15 };

static void line_any(size_t length)
{
    char room[TEXT], word[WORD];
    struct span text = { room + TEXT - length, length };
    size_t at = nondet_size(), any = nondet_size();

    assume(at < length);
    bool line = is_line(text, text.at + at, word, WORD);
    bool there = at + WORD <= length && memcmp(text.at + at, word, WORD) == 0;
    bool begins = at == 0 || text.at[at - 1] == '\n' || (at == 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0);
    size_t end = at + WORD;
    bool blank = true;
    for (; end < length && text.at[end] != '\n'; end++)
        blank = blank && is_space(text.at[end]);
    prove(line == (there && begins && blank), "it is the word, at the beginning of a line, and blanks behind it");
    struct span rest = text, base64;
    bool found = pem_next(&rest, &base64);
    prove(!found, "so short a text has no certificate");
    prove(rest.at >= text.at && rest.at + rest.length == room + TEXT, "the rest is the end of the text");
    prove(rest.at == text.at || rest.at[-1] == '\n', "and begins a line,");
    if (any < rest.length)
        prove(rest.at[any] != '\n', "which is the last one");
}

/*
 * PROVES   A line is what it has to be at its beginning, and has nothing but blanks behind that. What is left of a text
 *          without one is its last line.
 * FOR      texts of 1 to 5 bytes, and any line of 2
 * BREAKS   healthcheck/tls/pem.c: before == 0 || => before <= 1 ||
 * BREAKS   healthcheck/tls/pem.c: if (!is_space(*at)) => if (false)
 * BREAKS   healthcheck/tls/pem.c: (size_t)(end - at) < length || => (size_t)(end - at) < length - 1 ||
 * BREAKS   healthcheck/tls/pem.c: newline ? newline + 1 : text.at; => newline ? newline : text.at;
 * WITH     --unwind 7
 * SLOW
 */
void proof_line(void)
{
    for (size_t length = 1; length <= TEXT; length++)
        line_any(length);
}

/* RFC 4648, 4. */
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/*
 * PROVES   The digits of base64 are the 64 of RFC 4648, and no other byte is one.
 * FOR      every byte
 * BREAKS   healthcheck/tls/pem.c: 62, 64, 64, 64, 63, => 62, 64, 64, 63, 64,
 * BREAKS   healthcheck/tls/pem.c: c >= FIRST_DIGIT && c <= LAST_DIGIT ? => c >= FIRST_DIGIT ?
 */
void proof_digit(void)
{
    unsigned char byte;
    unsigned value = digit_value(byte), other;

    assume(other < 64);
    prove(value <= OTHER, "it is a digit or none");
    prove(implies(value < OTHER, alphabet[value] == byte), "a digit is of the alphabet");
    prove(implies(alphabet[other] == byte, value == other), "and all of the alphabet are digits");
}

static unsigned digits[BASE64]; /* the values of the bytes that are decoded */

static void decode_any(size_t size)
{
    char text[BASE64];
    uint8_t bytes[ROOM];
    struct span base64 = { text, BASE64 };

    for (size_t i = 0; i < BASE64; i++)
        digits[i] = digit_value((unsigned char)text[i]);
    size_t length = pem_decode(base64, bytes + ROOM - size, size);
    const uint8_t *at = bytes + ROOM - size;
    prove(length <= size, "it has room");
    if (digits[0] == OTHER && !is_space(text[0]) && size > 0)
        prove(length == 0, "what begins with neither digit nor blank is nothing");
    if (size == ROOM && digits[0] != OTHER && digits[1] != OTHER && digits[2] != OTHER && digits[3] == OTHER)
        prove(length == (text[3] == '=' ? 2 : 0), "three digits are two bytes, with padding");
    if (digits[0] == OTHER || digits[1] == OTHER || digits[2] == OTHER || digits[3] == OTHER)
        return;
    prove(length == size, "four digits are three bytes");
    uint32_t all = digits[0] << 18 | digits[1] << 12 | digits[2] << 6 | digits[3];
    for (size_t i = 0; i < size; i++)
        prove(at[i] == (all >> (16 - 8 * i) & 0xff), "which are their bits");
}

/*
 * PROVES   Four digits of base64 are the three bytes of their bits, as far as these have room; three with padding are
 *          two bytes.
 * FOR      texts of 4 bytes, and room for up to 3
 * BREAKS   healthcheck/tls/pem.c: i < base64.length && length < size; => i < base64.length;
 * BREAKS   healthcheck/tls/pem.c: if (value == OTHER) break; =>
 * BREAKS   healthcheck/tls/pem.c: padding * 2 == count => padding * 2 <= count
 * WITH     --no-conversion-check --unwind 6
 */
void proof_base64(void)
{
    for (size_t size = 0; size <= ROOM; size++)
        decode_any(size);
}

/* What prove/der.c shows of der_take_any. */
int contract_der_take_any(struct der *rest, struct der *contents)
{
    size_t head = nondet_size(), length = nondet_size();
    int tag;

    *contents = (struct der){ NULL, 0 };
    if (rest->length < 2 || nondet_bool())
        return DER_NONE;
    assume(head >= 2 && head <= rest->length && length <= rest->length - head);
    tag = rest->at[0];
    *contents = (struct der){ rest->at + head, length };
    rest->at += head + length;
    rest->length -= head + length;
    return tag;
}

/*
 * PROVES   The subject of a certificate that is cut off is a whole element within what there is of it, behind the
 *          serial number, the signature, the issuer and the validity.
 * FOR      up to 15 bytes of any elements
 * CUTS     healthcheck/tls/der.c: der_take_any: prove/der.c: proof_element
 * BREAKS   healthcheck/tls/pem.c: return der_take_whole(&rest, DER_SEQUENCE, subject); => return
 *          der_take_whole(&rest, DER_SET, subject);
 * BREAKS   healthcheck/tls/pem.c: if (!enter(&rest) || !enter(&rest) => if (!enter(&rest)
 * WITH     --unwind 5
 */
void proof_subject(void)
{
    uint8_t bytes[DER];
    struct der certificate = { bytes, nondet_size() }, subject;

    assume(certificate.length <= DER);
    if (!pem_subject(certificate, &subject))
        return;
    prove(subject.at >= bytes + 12 && subject.length >= 2, "all that is in front of it is");
    prove(subject.length <= certificate.length - (size_t)(subject.at - bytes), "it is within");
    prove(subject.at[0] == DER_SEQUENCE && bytes[0] == DER_SEQUENCE, "it is a sequence in one");
}
