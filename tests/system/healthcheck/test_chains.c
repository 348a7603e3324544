/* Chains of certificates against a server of OpenSSL's: what healthcheck finds of each, beside openssl-verify(1). */
#include "chains.h"
#include "support/der.h"
#include "support/listener.h"
#include "support/probe.h"
#include "support/scratch.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* One for each of enum, NOBODY aside. */
static const char letters[] = " SIURXD";

/* --- keys: made once ------------------------------------------------------------------------------- */

static struct key {
    const char *name, *type, *curve; /* what EVP_PKEY_Q_keygen(3) wants; of RSA-PSS, the hash */
    unsigned bits;
    EVP_PKEY *pair;
    char notation[2048]; /* what is in its SubjectPublicKeyInfo */
} keys[] = {
    { "server", "EC", "P-256", 0, NULL, "" },
    { "int", "EC", "P-256", 0, NULL, "" },
    { "upper", "EC", "P-256", 0, NULL, "" },
    { "root", "EC", "P-256", 0, NULL, "" },
    { "other", "EC", "P-256", 0, NULL, "" },
    { "p224", "EC", "P-224", 0, NULL, "" },
    { "p384", "EC", "P-384", 0, NULL, "" },
    { "p521", "EC", "P-521", 0, NULL, "" },
    { "secp256k1", "EC", "secp256k1", 0, NULL, "" },
    { "ed25519", "ED25519", NULL, 0, NULL, "" },
    { "rsa", "RSA", NULL, 2048, NULL, "" },
    { "rsa1024", "RSA", NULL, 1024, NULL, "" },
    { "rsa-slow", "RSA", NULL, 2048, NULL, "" },
    { "pss", "RSA-PSS", NULL, 2048, NULL, "" },
    { "pss1024", "RSA-PSS", NULL, 1024, NULL, "" },
    { "pss512", "RSA-PSS", "SHA512", 2048, NULL, "" },
    { "pss-salt", "RSA-PSS", "SHA256", 2048, NULL, "" },
};

/* A public exponent of 41 bits. */
static EVP_PKEY *make_slow_key(unsigned bits)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *pair = NULL;
    BIGNUM *exponent = NULL;

    BN_dec2bn(&exponent, "1099511627791");
    if (EVP_PKEY_keygen_init(context) > 0 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) > 0 &&
        EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) > 0)
        EVP_PKEY_generate(context, &pair);
    BN_free(exponent);
    EVP_PKEY_CTX_free(context);
    return pair;
}

/* A key for RSASSA-PSS alone: with any hash and salt, or with this HASH and a salt of 32 bytes, or of 33. */
static EVP_PKEY *make_pss_key(unsigned bits, const char *hash, int salt)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    const EVP_MD *digest = hash ? EVP_get_digestbyname(hash) : NULL;
    EVP_PKEY *pair = NULL;

    if (EVP_PKEY_keygen_init(context) > 0 && EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) > 0 &&
        (!digest || (EVP_PKEY_CTX_set_rsa_pss_keygen_md(context, digest) > 0 &&
                     EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(context, digest) > 0 &&
                     EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(context, salt) > 0)))
        EVP_PKEY_generate(context, &pair);
    EVP_PKEY_CTX_free(context);
    return pair;
}

static void describe(struct key *key)
{
    uint8_t *bytes = NULL;
    int size = i2d_PUBKEY(key->pair, &bytes);
    size_t head = bytes[1] < 0x80 ? 2 : (size_t)bytes[1] - 0x80 + 2;
    size_t n = (size_t)snprintf(key->notation, sizeof key->notation, "=");

    for (size_t i = head; i < (size_t)size; i++)
        n += (size_t)snprintf(key->notation + n, sizeof key->notation - n, "%02x", bytes[i]);
    OPENSSL_free(bytes);
}

static void make_key(struct key *key)
{
    if (strcmp(key->name, "rsa-slow") == 0)
        key->pair = make_slow_key(key->bits);
    else if (strcmp(key->type, "RSA-PSS") == 0)
        key->pair = make_pss_key(key->bits, key->curve, strcmp(key->name, "pss-salt") == 0 ? 33 : 32);
    else if (key->bits > 0)
        key->pair = EVP_PKEY_Q_keygen(NULL, NULL, key->type, (size_t)key->bits);
    else
        key->pair = EVP_PKEY_Q_keygen(NULL, NULL, key->type, key->curve);
    assert_non_null(key->pair);
    describe(key);
}

static struct key *key_of(const char *name)
{
    for (size_t i = 0; i < COUNT(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    fail_msg("there is no key '%s'", name);
}

/* --- certificates ---------------------------------------------------------------------------------- */

static struct certificate_file {
    uint8_t bytes[DER_MAX];
    size_t size;
} written[PEOPLE];

static struct person people[PEOPLE];

static void introduce(int who, const struct specimen *specimen, const char *subject, const char *issuer,
                      const char *key)
{
    people[who] = (struct person){ .specimen = *specimen, .key = key };
    people[who].specimen.subject = subject;
    people[who].specimen.issuer = issuer;
}

static void introduce_all(bool upper)
{
    introduce(SERVER, &specimen_server, DN("Server"), NULL, "server");
    introduce(INT, &specimen_ca, DN("Int"), upper ? DN("Upper") : DN("Root"), "int");
    introduce(UPPER, &specimen_ca, DN("Upper"), DN("Root"), "upper");
    introduce(ROOT, &specimen_ca, DN("Root"), DN("Root"), "root");
    introduce(STRANGER, &specimen_ca, DN("Stranger"), DN("Nobody"), "other");
    introduce(DOUBLE, &specimen_ca, DN("Int"), DN("Root"), "other");
}

static void change(const struct chain *chain)
{
    for (size_t i = 0; i < COUNT(chain->changes); i++) {
        const struct change *part = &chain->changes[i];
        if (part->who != NOBODY)
            memcpy((char *)&people[part->who] + part->part, &part->notation, sizeof part->notation);
    }
}

/* The name of the key that signs, unless it was changed. */
static const char *signer_of(int who, bool upper)
{
    int issuer = who == SERVER ? INT : who == INT && upper ? UPPER : ROOT;

    return people[who].signer ? people[who].signer : who == STRANGER ? "other" : people[issuer].key;
}

struct signing {
    EVP_PKEY *pair;
    const char *algorithm, *ecdsa;
};

static const EVP_MD *digest_of(const struct signing *signing)
{
    static const struct {
        const char *oid;
        const EVP_MD *(*digest)(void);
    } digests[] = {
        { "2a864886f70d010104", EVP_md5 },    { "2a8648ce3d0401", EVP_sha1 },
        { "2a864886f70d01010c", EVP_sha384 }, { "2a864886f70d01010d", EVP_sha512 },
        { "2a8648ce3d040303", EVP_sha384 },   { "2a8648ce3d040304", EVP_sha512 },
        { "608648016503040202", EVP_sha384 }, { "608648016503040203", EVP_sha512 },
    };

    if (EVP_PKEY_get_base_id(signing->pair) == EVP_PKEY_ED25519)
        return NULL;
    for (size_t i = 0; i < COUNT(digests); i++)
        if (strstr(signing->algorithm, digests[i].oid))
            return digests[i].digest();
    return EVP_sha256();
}

/* The same numbers as a key that may do anything; the caller's to free. */
static EVP_PKEY *as_plain(EVP_PKEY *pair)
{
    static const char *const names[] = { "n", "e", "d" };
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *numbers[COUNT(names)] = { NULL };
    EVP_PKEY *plain = NULL;

    for (size_t i = 0; i < COUNT(names); i++)
        assert_true(EVP_PKEY_get_bn_param(pair, names[i], &numbers[i]) > 0 &&
                    OSSL_PARAM_BLD_push_BN(builder, names[i], numbers[i]) > 0);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    assert_true(EVP_PKEY_fromdata_init(context) > 0 &&
                EVP_PKEY_fromdata(context, &plain, EVP_PKEY_KEYPAIR, parameters) > 0);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < COUNT(names); i++)
        BN_clear_free(numbers[i]);
    EVP_PKEY_CTX_free(context);
    return plain;
}

static bool is_rsa(EVP_PKEY *pair)
{
    return EVP_PKEY_get_base_id(pair) == EVP_PKEY_RSA || EVP_PKEY_get_base_id(pair) == EVP_PKEY_RSA_PSS;
}

/* Appends NUMBER as an INTEGER has it, or without the zero that its highest bit asks for. */
static size_t put_number(char *text, size_t size, const BIGNUM *number, bool bare)
{
    char *digits = BN_bn2hex(number); /* an even number of them */
    for (char *at = digits; *at; at++)
        *at = (char)tolower(*at);
    int n = snprintf(text, size, "%s%s", !bare && BN_num_bits(number) % 8 == 0 ? "00" : "", digits);

    OPENSSL_free(digits);
    return (size_t)n;
}

/* Writes a SIGNATURE of ECDSA anew, in NOTATION. False unless both of its numbers have a zero in front. */
static bool write_ecdsa(const char *notation, uint8_t *signature, size_t *size)
{
    const uint8_t *at = signature;
    ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)*size);
    const BIGNUM *r, *s;
    char text[1024];
    size_t n = 0;

    assert_non_null(numbers);
    ECDSA_SIG_get0(numbers, &r, &s);
    bool zeros = BN_num_bits(r) % 8 == 0 && BN_num_bits(s) % 8 == 0;
    for (; *notation; notation++)
        if (strchr("RrSs", *notation))
            n += put_number(text + n, sizeof text - n, strchr("Rr", *notation) ? r : s, *notation >= 'a');
        else
            text[n++] = *notation;
    text[n] = '\0';
    ECDSA_SIG_free(numbers);
    *size = der_write(text, signature);
    return zeros;
}

/* Signs by what the algorithm says: a key for RSASSA-PSS, too, which OpenSSL would keep from it, as plain RSA. */
static size_t sign_plainly(const uint8_t *bytes, size_t size, uint8_t *signature, const struct signing *signing)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY *pair = is_rsa(signing->pair) ? as_plain(signing->pair) : signing->pair;
    EVP_PKEY_CTX *options;
    size_t length = 1000;

    assert_true(EVP_DigestSignInit(context, &options, digest_of(signing), NULL, pair) > 0);
    if (strstr(signing->algorithm, "2a864886f70d01010a") && is_rsa(pair))
        assert_true(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0 &&
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32) > 0);
    assert_true(EVP_DigestSign(context, signature, &length, bytes, size) > 0);
    EVP_MD_CTX_free(context);
    if (pair != signing->pair)
        EVP_PKEY_free(pair);
    return length;
}

static size_t sign(const uint8_t *bytes, size_t size, uint8_t *signature, const void *signing_)
{
    const struct signing *signing = signing_;
    bool odd = signing->ecdsa && EVP_PKEY_get_base_id(signing->pair) == EVP_PKEY_EC;
    int tries = 100; /* those of P-521 have no zero in front */
    size_t length;

    signature[0] = 0;
    do
        length = sign_plainly(bytes, size, signature + 1, signing);
    while (odd && !write_ecdsa(signing->ecdsa, signature + 1, &length) && --tries > 0);
    return length + 1;
}

static const char *algorithm_for(EVP_PKEY *signer)
{
    int type = EVP_PKEY_get_base_id(signer);

    return type == EVP_PKEY_RSA       ? "06:2a864886f70d01010b 05:"
           : type == EVP_PKEY_RSA_PSS ? RSA_PSS("1")
           : type == EVP_PKEY_ED25519 ? "06:2b6570"
                                      : "06:2a8648ce3d040302";
}

static void write_certificate(int who, bool upper)
{
    struct specimen specimen = people[who].specimen;
    struct signing signing = { key_of(signer_of(who, upper))->pair, NULL, people[who].ecdsa };

    if (specimen.algorithm == specimen_ca.algorithm)
        specimen.algorithm = algorithm_for(signing.pair);
    signing.algorithm = specimen.algorithm;
    if (!specimen.issuer)
        specimen.issuer = people[INT].specimen.subject;
    specimen.key =
        strcmp(people[who].key, "unknown") == 0 ? "30{06:2a0304} 03:0001" : key_of(people[who].key)->notation;
    written[who].size = specimen_write(&specimen, sign, &signing, written[who].bytes);
}

/* Writes the certificates of WHO, letters, to a file of PEM: its path. */
static const char *write_file(const char *name, const char *who)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    for (; *who; who++) {
        const struct certificate_file *one = &written[strchr(letters, *who) - letters];
        PEM_write(file, "CERTIFICATE", "", one->bytes, (long)one->size);
    }
    assert_int_equal(fclose(file), 0);
    return path;
}

/* --- the server ------------------------------------------------------------------------------------ */

static int listener, port;
static pthread_t server;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static SSL_CTX *context; /* under the lock: what the next connection is served with */
static sem_t served;
static int alert; /* that ended the connection that was served last, or a number that is none */

static void *serve(void *unused)
{
    int fd;

    (void)unused;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&lock);
        SSL *ssl = SSL_new(context);
        pthread_mutex_unlock(&lock);
        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) > 0)
            SSL_shutdown(ssl);
        alert = ERR_GET_REASON(ERR_peek_last_error()) - SSL_AD_REASON_OFFSET;
        SSL_free(ssl);
        ERR_clear_error();
        close(fd);
        sem_post(&served);
    }
    return NULL;
}

static X509 *parse(const struct certificate_file *file)
{
    const uint8_t *at = file->bytes;

    return d2i_X509(NULL, &at, (long)file->size);
}

/* Whether this OpenSSL cannot show CHAIN, as newer ones cannot read such a certificate. */
static bool is_misread(const struct chain *chain)
{
    X509 *own = chain->misread ? parse(&written[SERVER]) : NULL;

    X509_free(own);
    ERR_clear_error();
    return chain->misread && !own;
}

/* Shows the server's own certificate and those of SENT from now on. */
static void show(const char *sent, int version)
{
    SSL_CTX *next = SSL_CTX_new(TLS_server_method());
    X509 *own = parse(&written[SERVER]);

    SSL_CTX_set_security_level(next, 0);
    SSL_CTX_set_max_proto_version(next, version);
    if (!own || SSL_CTX_use_certificate(next, own) <= 0 ||
        SSL_CTX_use_PrivateKey(next, key_of(people[SERVER].key)->pair) <= 0)
        fail_msg("OpenSSL does not take the server's certificate: %s", ERR_reason_error_string(ERR_peek_last_error()));
    X509_free(own);
    for (; *sent; sent++) {
        X509 *one = parse(&written[strchr(letters, *sent) - letters]);
        if (!one || SSL_CTX_add_extra_chain_cert(next, one) <= 0)
            fail_msg("OpenSSL does not send %c", *sent);
    }
    pthread_mutex_lock(&lock);
    SSL_CTX_free(context);
    context = next;
    pthread_mutex_unlock(&lock);
}

/* --- the verdicts ---------------------------------------------------------------------------------- */

static const char *host_of(const struct chain *chain)
{
    return chain->host ? chain->host : "localhost";
}

/* As curl has OpenSSL do it: whatever is in the CA file is trusted, root or not. */
static bool openssl_accepts(const struct chain *chain, const char *sent, const char *trusted)
{
    const char *host = host_of(chain);
    bool address = strchr(host, ':') || strcmp(host, "127.0.0.1") == 0;
    char *const argv[] = { (char *)"openssl",
                           (char *)"verify",
                           (char *)"-purpose",
                           (char *)"sslserver",
                           (char *)"-partial_chain",
                           (char *)"-auth_level",
                           (char *)"2",
                           (char *)"-CAfile",
                           (char *)write_file("trusted.pem", trusted),
                           (char *)(address ? "-verify_ip" : "-verify_hostname"),
                           (char *)host,
                           (char *)"-untrusted",
                           (char *)write_file("sent.pem", *sent ? sent : "S"),
                           (char *)write_file("server.pem", "S"),
                           NULL };

    return run(NULL, argv)->status == 0;
}

static const struct run_result *probe_chain(const struct chain *chain)
{
    return probe("--cacert", scratch_path("trusted.pem"), "--servername", host_of(chain),
                 format("tls://127.0.0.1:%d", port), NULL);
}

static const char *sent_of(const struct chain *chain)
{
    return chain->sent ? chain->sent : "I";
}

static const char *trusted_of(const struct chain *chain)
{
    return chain->trusted ? chain->trusted : "R";
}

static void write_all_certificates(const struct chain *chain)
{
    for (int who = SERVER; who < PEOPLE; who++)
        write_certificate(who, strchr(sent_of(chain), 'U') != NULL);
}

/* Tells all that differ, not the first one alone. */
static int differences;

__attribute__((format(printf, 2, 3))) static void differ(const struct chain *chain, const char *how, ...)
{
    char message[1024];
    va_list values;

    va_start(values, how);
    vsnprintf(message, sizeof message, how, values);
    va_end(values);
    print_error("# %s: %s\n", chain->name, message);
    differences++;
}

#define NOTHING "no certificate type, cipher or curve in common: handshake_failure"

static void judge(const struct chain *chain)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    bool healthy = chain->verdict == HEALTHY || chain->verdict == AROUND;

    introduce_all(strchr(sent_of(chain), 'U') != NULL);
    change(chain);
    write_all_certificates(chain);
    bool accepted = openssl_accepts(chain, sent_of(chain), trusted_of(chain));
    bool misread = is_misread(chain);
    if (chain->verdict != STRICTER && accepted != (chain->verdict == HEALTHY))
        differ(chain, "OpenSSL %s it", accepted ? "accepts" : "refuses");
    for (size_t i = 0; i < COUNT(versions) && !misread; i++) {
        show(sent_of(chain), versions[i]);
        const struct run_result *result = probe_chain(chain);
        bool said = !chain->says || strstr(result->out, chain->says) || (chain->unfit && strstr(result->out, NOTHING));
        if ((result->status == 0) != healthy || !said)
            differ(chain, "wanted '%s', got %s", chain->says ? chain->says : "ok", result->out);
    }
    if (chain->verdict == AROUND && !openssl_accepts(chain, "I", "R"))
        differ(chain, "OpenSSL refuses the path that is there");
}

static void each_chain_is_judged_as_openssl_judges_it_or_more_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(chains); i++)
        judge(&chains[i]);
    assert_int_equal(differences, 0);
}

/* --- what the server is told ----------------------------------------------------------------------- */

#define EXPIRED     SET(SERVER, validity, "17\"200101000000Z\" 17\"210203000000Z\"")
#define FOR_CLIENTS EXT(SERVER, PURPOSE, PURPOSE("", "30{" CLIENT_AUTH "}"))

/* Of several faults the one that the server's administrator can do most about is told. */
static const struct {
    struct chain chain;
    int alert;
} alerts[] = {
    { { "another name", REFUSED, NULL, .host = "x.test" }, SSL_AD_BAD_CERTIFICATE },
    { { "for clients", REFUSED, NULL, .changes = { FOR_CLIENTS } }, SSL_AD_UNSUPPORTED_CERTIFICATE },
    { { "expired", REFUSED, NULL, .changes = { EXPIRED } }, SSL_AD_CERTIFICATE_EXPIRED },
    { { "of nobody known", REFUSED, NULL, .trusted = "X" }, SSL_AD_UNKNOWN_CA },
    { { "a weak hash", REFUSED, NULL, .changes = { SET(SERVER, algorithm, "06:2a8648ce3d0401") } },
      SSL_AD_UNSUPPORTED_CERTIFICATE },
    { { "another name, for clients", REFUSED, NULL, .changes = { FOR_CLIENTS }, .host = "x.test" },
      SSL_AD_BAD_CERTIFICATE },
    { { "for clients, expired", REFUSED, NULL, .changes = { FOR_CLIENTS, EXPIRED } }, SSL_AD_UNSUPPORTED_CERTIFICATE },
    { { "expired, of nobody known", REFUSED, NULL, .changes = { EXPIRED }, .trusted = "X" },
      SSL_AD_CERTIFICATE_EXPIRED },
};

/* Writes the files of CHAIN and serves it. */
static void prepare(const struct chain *chain)
{
    introduce_all(false);
    change(chain);
    write_all_certificates(chain);
    write_file("trusted.pem", trusted_of(chain));
    show(sent_of(chain), TLS1_3_VERSION);
}

static void a_server_is_told_why_by_an_alert(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(alerts); i++) {
        prepare(&alerts[i].chain);
        while (sem_trywait(&served) == 0)
            ;
        assert_status(probe_chain(&alerts[i].chain), 1);
        assert_int_equal(sem_wait(&served), 0);
        if (alert != alerts[i].alert)
            differ(&alerts[i].chain, "wanted alert %d, got %d", alerts[i].alert, alert);
    }
    assert_int_equal(differences, 0);
}

/* --- bounds ---------------------------------------------------------------------------------------- */

enum { OFFERED_MAX = 64 };

static void of_what_a_server_sends_the_first_64_are_looked_at(void **state)
{
    char sent[OFFERED_MAX + 1] = "";
    struct chain chain = { "many", HEALTHY, NULL,
                           .changes = { SET(STRANGER, signature, "=0000"), WITHOUT(STRANGER, USAGE) }, .sent = sent };

    (void)state;
    memset(sent, 'X', OFFERED_MAX - 2);
    strcat(sent, "I"); /* the 64th with the server's own */
    prepare(&chain);
    assert_status(probe_chain(&chain), 0);
    memmove(sent + 1, sent, OFFERED_MAX - 1);
    sent[OFFERED_MAX] = '\0';
    prepare(&chain);
    assert_says(probe_chain(&chain), "comes from an unknown CA (Int)");
}

/* Any of so many could have signed, and each signature takes milliseconds to verify. */
static void a_search_for_the_issuer_ends_at_the_deadline(void **state)
{
    static char trusted[16384];
    struct chain chain = { "many of one name", REFUSED,           NULL, .changes = { KEY(DOUBLE, "p521") },
                           .sent = "",         .trusted = trusted };

    (void)state;
    memset(trusted, 'D', sizeof trusted - 1);
    prepare(&chain);
    const struct run_result *result = probe("--cacert", scratch_path("trusted.pem"), "-t", "2s", "--servername",
                                            "localhost", format("tls://127.0.0.1:%d", port), NULL);
    assert_status(result, 1);
    assert_says(result, "  timed out after 2s in the TLS handshake\n");
    assert_took(result, 2000, 2000 + GRACE_MS);
}

/* Waits for the beginning of the second THEN. */
static void await_second(time_t then)
{
    while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){ .tv_sec = then }, NULL) == EINTR)
        ;
}

/* A certificate that is valid up to THEN is shown, and what a probe says in that second, or NULL where it came late. */
static const struct run_result *probe_in_second(time_t then, const char *days)
{
    struct chain chain = { "to the second", HEALTHY, NULL, .host = NULL };
    char date[32], validity[64];

    strftime(date, sizeof date, "%Y%m%d%H%M%SZ", gmtime(&then));
    snprintf(validity, sizeof validity, "17\"200101000000Z\" 18\"%s\"", date);
    chain.changes[0] = (struct change)SET(SERVER, validity, validity);
    prepare(&chain);
    await_second(then);
    const struct run_result *result = probe("-k", "--tls-min-days", days, format("tls://127.0.0.1:%d", port), NULL);
    return time(NULL) == then ? result : NULL;
}

static void a_certificate_is_valid_to_its_last_second(void **state)
{
    static const struct {
        const char *days;
        int status;
        const char *says;
    } rows[] = { { "0", 0, "connected in " }, { "1", 1, "  certificate expires in 0 days, on " } };
    const struct run_result *result = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int tries = 0; tries < 20 && !result; tries++)
            result = probe_in_second(time(NULL) + 1, rows[i].days);
        assert_non_null(result); /* no second was long enough */
        assert_status(result, rows[i].status);
        assert_says(result, rows[i].says);
        result = NULL;
    }
}

static void a_certificate_that_is_malformed_is_refused_also_where_none_is_verified(void **state)
{
    struct chain chain = { "no month", HEALTHY, NULL,
                           .changes = { SET(SERVER, validity, "17\"200101000000Z\" 17\"301301000000Z\"") } };

    (void)state;
    prepare(&chain);
    const struct run_result *result = probe("-k", "--tls-min-days", "1", format("tls://127.0.0.1:%d", port), NULL);
    assert_status(result, 1);
    assert_says(result, "  server's certificate is malformed ");
}

/* --- any of them together -------------------------------------------------------------------------- */

enum { ROUNDS = 2, COMBINED = 3, CHAINS_MIN = 500 };

static struct {
    size_t mixtures, accepted, stricter;
} tally;

/* Numbers that are the same in every run (xorshift). */
static uint32_t next_number(void)
{
    static uint32_t number = 20240229;

    number ^= number << 13;
    number ^= number >> 17;
    return number ^= number << 5;
}

static bool can_be_combined(const struct chain *chain)
{
    return chain->verdict != AROUND && !chain->alone;
}

/*
 * FIRST and others, each of them once. In every other mixture these are ones that alone are healthy, so that what is
 * wrong with the first one has nothing to hide behind.
 */
static void choose(const struct chain *parts[COMBINED], const struct chain *first, bool good)
{
    parts[0] = first;
    for (size_t i = 1; i < COMBINED; i++)
        do
            parts[i] = &chains[next_number() % COUNT(chains)];
        while (!can_be_combined(parts[i]) || (good && parts[i]->verdict != HEALTHY) || parts[i] == parts[0] ||
               parts[i] == parts[(i + 1) % COMBINED]);
}

/* A chain with the changes of several, and what the last of them that says so sends, trusts and asks for. */
static struct chain combine(const struct chain *const parts[COMBINED], char *name, size_t size)
{
    struct chain all = { "", HEALTHY, NULL, .host = NULL };
    size_t n = 0;

    for (size_t i = 0; i < COMBINED; i++) {
        all.sent = parts[i]->sent ? parts[i]->sent : all.sent;
        all.trusted = parts[i]->trusted ? parts[i]->trusted : all.trusted;
        all.host = parts[i]->host ? parts[i]->host : all.host;
        all.verdict = parts[i]->verdict == HEALTHY && !parts[i]->renamed ? all.verdict : STRICTER;
        all.misread |= parts[i]->misread;
        n += (size_t)snprintf(name + n, n < size ? size - n : 0, "%s%s", n > 0 ? ", and " : "", parts[i]->name);
    }
    all.name = name;
    return all;
}

static void judge_mixture(const struct chain *const parts[COMBINED], int version)
{
    char name[512];
    struct chain all = combine(parts, name, sizeof name);

    introduce_all(strchr(sent_of(&all), 'U') != NULL);
    for (size_t part = 0; part < COMBINED; part++)
        change(parts[part]);
    write_all_certificates(&all);
    /* Where the server's own is trusted OpenSSL still judges what was sent with it. */
    bool accepted = openssl_accepts(&all, sent_of(&all), trusted_of(&all)) ||
                    (*trusted_of(&all) == 'S' && openssl_accepts(&all, "", "S"));
    if (!accepted && is_misread(&all))
        return;
    show(sent_of(&all), version);
    const struct run_result *result = probe_chain(&all);
    bool healthy = result->status == 0;
    if (healthy != accepted && (healthy || all.verdict != STRICTER))
        differ(&all, "OpenSSL %s it, healthcheck says %s", accepted ? "accepts" : "refuses", result->out);
    tally.mixtures++;
    tally.accepted += accepted;
    tally.stricter += accepted && !healthy;
}

/* With the rows themselves these are more than 500 chains. */
static void what_openssl_refuses_is_never_healthy_whatever_comes_together(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < COUNT(chains); i++) {
            const struct chain *parts[COMBINED];
            if (!can_be_combined(&chains[i]))
                continue;
            choose(parts, &chains[i], round == 0);
            judge_mixture(parts, (i + (size_t)round) % 2 ? TLS1_2_VERSION : TLS1_3_VERSION);
        }
    print_message("# %zu chains and %zu mixtures of them: OpenSSL accepts %zu of the mixtures, healthcheck %zu\n",
                  COUNT(chains), tally.mixtures, tally.accepted, tally.accepted - tally.stricter);
    assert_int_equal(differences, 0);
    assert_at_least(COUNT(chains) + tally.mixtures, CHAINS_MIN);
}

static int count_anew(void **state)
{
    (void)state;
    return differences = 0;
}

static int start(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++)
        make_key(&keys[i]);
    sem_init(&served, 0, 0);
    listener = listener_open(16, &port);
    return pthread_create(&server, NULL, serve, NULL);
}

static int stop(void **state)
{
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
    SSL_CTX_free(context);
    for (size_t i = 0; i < COUNT(keys); i++)
        EVP_PKEY_free(keys[i].pair);
    return scratch_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_server_is_told_why_by_an_alert, count_anew),
        cmocka_unit_test(of_what_a_server_sends_the_first_64_are_looked_at),
        cmocka_unit_test(a_search_for_the_issuer_ends_at_the_deadline),
        cmocka_unit_test(a_certificate_is_valid_to_its_last_second),
        cmocka_unit_test(a_certificate_that_is_malformed_is_refused_also_where_none_is_verified),
        cmocka_unit_test_setup(each_chain_is_judged_as_openssl_judges_it_or_more_strictly, count_anew),
        cmocka_unit_test_setup(what_openssl_refuses_is_never_healthy_whatever_comes_together, count_anew),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
