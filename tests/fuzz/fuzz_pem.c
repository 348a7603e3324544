/* CA bundles: any text, any bytes that claim to be a certificate. */
#include "fuzz.h"
#include "healthcheck/tls/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_bytes(data, size);
    struct span rest = { text, size }, base64;
    struct der subject, own = { (const uint8_t *)text, size };
    uint8_t bytes[256];

    while (pem_next(&rest, &base64)) {
        size_t n = pem_decode(base64, bytes, sizeof bytes);
        assert(n <= sizeof bytes && base64.at >= text && base64.at + base64.length <= text + size);
        if (pem_subject((struct der){ bytes, n }, &subject))
            assert(subject.at >= bytes && subject.at + subject.length <= bytes + n &&
                   pem_names_alike(subject, subject));
    }
    if (pem_subject(own, &subject))
        pem_names_alike(subject, own);
    free(text);
    return 0;
}
