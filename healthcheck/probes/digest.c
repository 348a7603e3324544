/* Hashes by Mbed TLS. Its functions fail only where a hash is made by hardware, which none is here. */
#include "healthcheck/probes/digest.h"

#include "healthcheck/features.h"

#if PITH_HASHES
#include "pith/duration.h"

#include <mbedtls/md5.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>

enum {
    BLOCK = 64,
    ROUNDS_AT_ONCE = 512
}; /* bytes that the hash takes at a time; rounds between two looks at the clock */

static const unsigned char *octets(struct span span)
{
    return (const unsigned char *)span.at;
}

void digest_md5(struct span a, struct span b, uint8_t out[MD5_SIZE])
{
    mbedtls_md5_context context;

    mbedtls_md5_init(&context);
    mbedtls_md5_starts(&context);
    mbedtls_md5_update(&context, octets(a), a.length);
    mbedtls_md5_update(&context, octets(b), b.length);
    mbedtls_md5_finish(&context, out);
    mbedtls_md5_free(&context);
}

void digest_sha1(struct span a, struct span b, uint8_t out[SHA1_SIZE])
{
    mbedtls_sha1_context context;

    mbedtls_sha1_init(&context);
    mbedtls_sha1_starts(&context);
    mbedtls_sha1_update(&context, octets(a), a.length);
    mbedtls_sha1_update(&context, octets(b), b.length);
    mbedtls_sha1_finish(&context, out);
    mbedtls_sha1_free(&context);
}

/* Begins a hash by a copy of FROM, or anew where that is NULL. */
static void sha256_begin(mbedtls_sha256_context *context, const mbedtls_sha256_context *from)
{
    mbedtls_sha256_init(context);
    if (from)
        mbedtls_sha256_clone(context, from);
    else
        mbedtls_sha256_starts(context, false);
}

static void sha256_end(mbedtls_sha256_context *context, const struct span *pieces, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++)
        mbedtls_sha256_update(context, octets(pieces[i]), pieces[i].length);
    mbedtls_sha256_finish(context, out);
    mbedtls_sha256_free(context);
}

void digest_sha256(struct span a, struct span b, uint8_t out[SHA256_SIZE])
{
    const struct span pieces[] = { a, b };
    mbedtls_sha256_context context;

    sha256_begin(&context, NULL);
    sha256_end(&context, pieces, 2, out);
}

/* HMAC's two hashes when they have taken the key in, so that each round begins with a copy of them. */
struct hmac {
    mbedtls_sha256_context inner, outer;
};

static void hmac_take(mbedtls_sha256_context *context, const uint8_t key[BLOCK], uint8_t pad)
{
    uint8_t block[BLOCK];

    for (size_t i = 0; i < BLOCK; i++)
        block[i] = key[i] ^ pad;
    sha256_begin(context, NULL);
    mbedtls_sha256_update(context, block, BLOCK);
    mbedtls_platform_zeroize(block, BLOCK);
}

static void hmac_key(struct hmac *hmac, struct span key)
{
    uint8_t block[BLOCK] = { 0 };

    if (key.length > BLOCK)
        digest_sha256(key, (struct span){ NULL, 0 }, block);
    else
        memcpy(block, key.at, key.length);
    hmac_take(&hmac->inner, block, 0x36);
    hmac_take(&hmac->outer, block, 0x5c);
    mbedtls_platform_zeroize(block, BLOCK);
}

static void hmac_make(const struct hmac *hmac, const struct span *pieces, size_t count, uint8_t *out)
{
    const struct span inner = { (char *)out, SHA256_SIZE };
    mbedtls_sha256_context context;

    sha256_begin(&context, &hmac->inner);
    sha256_end(&context, pieces, count, out);
    sha256_begin(&context, &hmac->outer);
    sha256_end(&context, &inner, 1, out);
}

static void hmac_end(struct hmac *hmac)
{
    mbedtls_sha256_free(&hmac->inner);
    mbedtls_sha256_free(&hmac->outer);
}

void digest_hmac(struct span key, const struct span *pieces, size_t count, uint8_t out[SHA256_SIZE])
{
    struct hmac hmac;

    hmac_key(&hmac, key);
    hmac_make(&hmac, pieces, count, out);
    hmac_end(&hmac);
}

bool digest_stretch(struct span password, struct span salt, unsigned rounds, int64_t deadline, uint8_t out[SHA256_SIZE])
{
    uint8_t block[SHA256_SIZE];
    const struct span first[] = { salt, { "\0\0\0\1", 4 } }, next = { (char *)block, sizeof block };
    struct hmac hmac;
    bool late = false;

    hmac_key(&hmac, password);
    hmac_make(&hmac, first, 2, block);
    memcpy(out, block, SHA256_SIZE);
    for (unsigned i = 1; i < rounds && !late; i++) {
        hmac_make(&hmac, &next, 1, block);
        for (size_t j = 0; j < SHA256_SIZE; j++)
            out[j] ^= block[j];
        late = i % ROUNDS_AT_ONCE == 0 && time_now() > deadline;
    }
    hmac_end(&hmac);
    return !late;
}

#endif
