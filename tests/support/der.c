/* Writes DER for tests. */
#include "support/der.h"

#include "support/test.h"

static int digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Takes bytes in hexadecimal; their number. */
static size_t take_bytes(const char **at, uint8_t *bytes)
{
    size_t n = 0;

    for (; digit((*at)[0]) >= 0 && digit((*at)[1]) >= 0; *at += 2)
        bytes[n++] = (uint8_t)(digit((*at)[0]) << 4 | digit((*at)[1]));
    return n;
}

static size_t take_text(const char **at, uint8_t *bytes)
{
    const char *end = strchr(*at, '"');

    assert_non_null(end);
    size_t n = (size_t)(end - *at);
    memcpy(bytes, *at, n);
    *at = end + 1;
    return n;
}

/* Puts the length in front of the N bytes behind AT: how many it takes. */
static size_t put_length(uint8_t *at, size_t n)
{
    size_t head = n < 0x80 ? 1 : n < 0x100 ? 2 : 3;

    memmove(at + head, at, n);
    at[0] = (uint8_t)(head == 1 ? n : 0x80 + head - 1);
    for (size_t i = 1, left = head - 1; i < head; i++, left--)
        at[i] = (uint8_t)(n >> 8 * (left - 1));
    return head;
}

static size_t take_elements(const char **at, uint8_t *bytes, char end);

static size_t take_contents(const char **at, uint8_t *bytes)
{
    switch (*(*at)++) {
    case '{':
        return take_elements(at, bytes, '}');
    case '"':
        return take_text(at, bytes);
    case ':':
        return take_bytes(at, bytes);
    default:
        fail_msg("no DER before '%s'", *at - 1);
    }
}

static size_t take_elements(const char **at, uint8_t *bytes, char end)
{
    size_t n = 0;

    for (*at += strspn(*at, " "); **at != end; *at += strspn(*at, " ")) {
        if (**at == '=') {
            ++*at;
            n += take_bytes(at, bytes + n);
            continue;
        }
        if (digit((*at)[0]) < 0 || digit((*at)[1]) < 0)
            fail_msg("no tag before '%s'", *at);
        bytes[n] = (uint8_t)(digit((*at)[0]) << 4 | digit((*at)[1]));
        *at += 2;
        size_t length = take_contents(at, bytes + n + 1);
        n += 1 + put_length(bytes + n + 1, length) + length;
        assert_true(n < DER_MAX - 8);
    }
    *at += end != '\0';
    return n;
}

size_t der_write(const char *notation, uint8_t *bytes)
{
    return take_elements(&notation, bytes, '\0');
}

#define ECDSA_SHA256 "06:2a8648ce3d040302"
#define VALIDITY     "17\"200101000000Z\" 18\"20991231235959Z\""

/* A key as it is written down, of a curve that is known: for who only looks at it. */
#define SOME_KEY "30{06:2a8648ce3d0201 06:2a8648ce3d030107} 03{=0004}"

const struct specimen specimen_server = {
    .version = "a0{02:02}",
    .serial = "02:0123",
    .algorithm = ECDSA_SHA256,
    .issuer = DN("Int"),
    .validity = VALIDITY,
    .subject = DN("Server"),
    .key = SOME_KEY,
    .extensions = {
        [EXT_USAGE] = USAGE(CRITICAL, "03:0780"),
        [EXT_PURPOSE] = PURPOSE("", "30{" SERVER_AUTH "}"),
        [EXT_NAMES] = NAMES("", "30{82\"localhost\" 82\"app.test\" 87:7f000001 87:00000000000000000000000000000001}"),
    },
};

const struct specimen specimen_ca = {
    .version = "a0{02:02}",
    .serial = "02:0456",
    .algorithm = ECDSA_SHA256,
    .issuer = DN("Root"),
    .validity = VALIDITY,
    .subject = DN("Int"),
    .key = SOME_KEY,
    .extensions = {
        [EXT_USAGE] = USAGE(CRITICAL, "03:0106"),
        [EXT_BASIC] = BASIC(CRITICAL, "30{01:ff}"),
    },
};

static size_t put(uint8_t *bytes, size_t n, const char *before, const char *part, const char *after)
{
    static char notation[DER_MAX];

    snprintf(notation, sizeof notation, "%s %s %s", before, part, after);
    return n + der_write(notation, bytes + n);
}

/* Writes the elements that were put into a SEQUENCE's head and them. */
static size_t enclose(uint8_t *bytes, size_t n)
{
    memmove(bytes + 1, bytes, n);
    bytes[0] = 0x30;
    return 1 + put_length(bytes + 1, n) + n;
}

static size_t put_extensions(const struct specimen *specimen, uint8_t *bytes, size_t n)
{
    static char all[DER_MAX];

    all[0] = '\0';
    for (size_t i = 0; i < EXT_COUNT; i++)
        if (specimen->extensions[i]) {
            size_t used = strlen(all);
            snprintf(all + used, sizeof all - used, "30{%s}", specimen->extensions[i]);
        }
    return all[0] ? put(bytes, n, "a3{30{", all, "}}") : n;
}

static size_t put_tbs(const struct specimen *specimen, uint8_t *bytes)
{
    size_t n = put(bytes, 0, specimen->version, specimen->serial, "");

    n = put(bytes, n, "30{", specimen->algorithm, "}");
    n = put(bytes, n, "", specimen->issuer, "");
    n = put(bytes, n, "30{", specimen->validity, "}");
    n = put(bytes, n, "", specimen->subject, "");
    n = put(bytes, n, "30{", specimen->key, "}");
    n = put(bytes, n, "", specimen->unique ? specimen->unique : "", "");
    return enclose(bytes, put_extensions(specimen, bytes, n));
}

size_t specimen_write(const struct specimen *specimen, specimen_sign *sign, const void *key, uint8_t *bytes)
{
    uint8_t signature[1024] = { 0, 0 };
    size_t tbs = put_tbs(specimen, bytes), size = 2;

    if (sign && !specimen->signature)
        size = sign(bytes, tbs, signature, key);
    size_t n = put(bytes, tbs, "30{", specimen->outer_algorithm ? specimen->outer_algorithm : specimen->algorithm, "}");
    if (specimen->signature)
        return enclose(bytes, put(bytes, n, "03{", specimen->signature, "}"));
    bytes[n] = 0x03;
    memcpy(bytes + n + 1, signature, size);
    return enclose(bytes, n + 1 + put_length(bytes + n + 1, size) + size);
}
