/* Logs in by SCRAM-SHA-256. Messages are lists of `letter=value` with commas between (RFC 5802, 5.1 and 7). */
#include "healthcheck/probes/scram.h"

#include "healthcheck/features.h"

#if PITH_HASHES
#include "healthcheck/http/request.h"
#include "healthcheck/tls/pem.h"

#include <string.h>
#include <sys/random.h>

enum { SALT_MAX = 256, ROUNDS_MAX = 0x7fffffff };

/* GS2's header: no channel binding, no other identity. The server has the user's name from its own protocol. */
#define GS2_HEADER "n,,"
#define NAME       "n=,r="
#define BINDING    "c=biws,r=" /* that header in base64 */

/* A server's first message, taken apart. */
struct challenge {
    struct span nonce;
    uint8_t salt[SALT_MAX];
    size_t salt_length;
    unsigned rounds;
};

static struct span digest_span(const uint8_t digest[SHA256_SIZE])
{
    return (struct span){ (const char *)digest, SHA256_SIZE };
}

bool scram_begin(struct scram *scram, struct text *message)
{
    char random[SCRAM_NONCE_SIZE / 4 * 3];
    struct text nonce = { scram->nonce, SCRAM_NONCE_SIZE, 0 };

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    text_base64(&nonce, random, sizeof random);
    text_literal(message, GS2_HEADER NAME);
    text_bytes(message, scram->nonce, SCRAM_NONCE_SIZE);
    return true;
}

/* Takes `LETTER=VALUE` off the front of *REST, and the comma behind it. */
static bool take_letter(struct span *rest, char letter, struct span *value)
{
    *value = span_take(rest, ',');
    if (rest->length > 0)
        span_drop(rest, 1);
    if (value->length < 3 || value->at[0] != letter || value->at[1] != '=')
        return false;
    span_drop(value, 2);
    return true;
}

/* Whether NONCE is ours with something of the server's behind it, of the characters that RFC 5802 (7) lets it have. */
static bool extends_nonce(const struct scram *scram, struct span nonce)
{
    for (size_t i = 0; i < nonce.length; i++)
        if (nonce.at[i] < 0x21 || nonce.at[i] > 0x7e)
            return false;
    return nonce.length > SCRAM_NONCE_SIZE && nonce.length <= SCRAM_SHARED_MAX &&
           memcmp(nonce.at, scram->nonce, SCRAM_NONCE_SIZE) == 0;
}

static bool read_challenge(const struct scram *scram, struct span rest, struct challenge *challenge)
{
    struct span salt, rounds;

    if (!take_letter(&rest, 'r', &challenge->nonce) || !take_letter(&rest, 's', &salt) ||
        !take_letter(&rest, 'i', &rounds) || rest.length > 0)
        return false;
    challenge->salt_length = pem_decode(salt, challenge->salt, SALT_MAX);
    return extends_nonce(scram, challenge->nonce) && challenge->salt_length > 0 && challenge->salt_length < SALT_MAX &&
           span_number(rounds, ROUNDS_MAX, &challenge->rounds) && challenge->rounds > 0;
}

/* RFC 5802, 3: the client's proof, and the signature that the server has to show, from the salted password. */
static void make_proof(struct scram *scram, const uint8_t salted[SHA256_SIZE], const struct span *messages,
                       size_t count, uint8_t proof[SHA256_SIZE])
{
    const struct span client = { LITERAL("Client Key") }, server = { LITERAL("Server Key") };
    uint8_t stored[SHA256_SIZE], signature[SHA256_SIZE];

    digest_hmac(digest_span(salted), &client, 1, proof);
    digest_sha256(digest_span(proof), (struct span){ NULL, 0 }, stored);
    digest_hmac(digest_span(stored), messages, count, signature);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        proof[i] ^= signature[i];
    digest_hmac(digest_span(salted), &server, 1, stored);
    digest_hmac(digest_span(stored), messages, count, scram->signature);
}

enum scram_verdict scram_prove(struct scram *scram, struct span first, struct span password, int64_t deadline,
                               struct text *message)
{
    struct challenge challenge;
    uint8_t salted[SHA256_SIZE], proof[SHA256_SIZE];
    size_t start = message->length;

    if (!read_challenge(scram, first, &challenge))
        return SCRAM_BAD;
    const struct span salt = { (const char *)challenge.salt, challenge.salt_length };
    if (!digest_stretch(password, salt, challenge.rounds, deadline, salted))
        return SCRAM_LATE;
    text_literal(message, BINDING);
    text_bytes(message, challenge.nonce.at, challenge.nonce.length);
    const struct span ours = { message->start + start, message->length - start };
    const struct span messages[] = { { LITERAL(NAME) }, { scram->nonce, SCRAM_NONCE_SIZE },
                                     { LITERAL(",") },  first,
                                     { LITERAL(",") },  ours };
    make_proof(scram, salted, messages, sizeof messages / sizeof messages[0], proof);
    text_literal(message, ",p=");
    text_base64(message, (const char *)proof, sizeof proof);
    return SCRAM_GOOD;
}

bool scram_is_proven(const struct scram *scram, struct span outcome)
{
    uint8_t signature[SHA256_SIZE + 1];
    struct span value;

    return take_letter(&outcome, 'v', &value) && outcome.length == 0 &&
           pem_decode(value, signature, sizeof signature) == SHA256_SIZE &&
           memcmp(signature, scram->signature, SHA256_SIZE) == 0;
}

#endif
