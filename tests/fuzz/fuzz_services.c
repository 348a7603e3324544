/* The answers of services: a verdict is never taken back when more bytes come. */
#include "fuzz.h"
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/result.h"

static reply_judge *const judges[] = { FUZZ_JUDGES };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result result;

    if (size < 1 || size > 512)
        return 0;
    reply_judge *judge = judges[data[0] % (sizeof judges / sizeof judges[0])];
    enum reply before = REPLY_PARTIAL;
    for (size_t length = 1; length < size; length++) {
        uint8_t *exact = (uint8_t *)fuzz_bytes(data + 1, length);
        result_init(&result);
        enum reply now = judge(exact, length, &result);
        free(exact);
        assert(before == REPLY_PARTIAL || now == before);
        assert(result.reason_length <= RESULT_REASON_SIZE);
        before = now;
    }
    return 0;
}
