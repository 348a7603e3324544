/* What Mbed TLS, configured by pith_mbedtls_config.h, leaves to its user: random bytes. */
#include <errno.h>
#include <sys/random.h>

#include <psa/crypto.h>

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context, uint8_t *output,
                                             size_t output_size, size_t *output_length)
{
    int interruptions = 1000; /* more in a row are no signals: a filter makes the call fail for good */

    (void)context;
    for (size_t have = 0; have < output_size;) {
        ssize_t got = getrandom(output + have, output_size - have, 0);
        if (got < 0 && (errno != EINTR || --interruptions == 0))
            return PSA_ERROR_INSUFFICIENT_ENTROPY;
        if (got > 0)
            have += (size_t)got;
    }
    *output_length = output_size;
    return PSA_SUCCESS;
}
