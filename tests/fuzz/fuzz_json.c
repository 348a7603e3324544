/* The JSON matcher: no document, path or value brings it down, and what it calls JSON it calls JSON for any path. */
#include "fuzz.h"
#include "healthcheck/http/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = memchr(data, '\n', size);
    struct span path;
    const char *value;
    bool differs;

    if (!newline)
        return 0;
    size_t head = (size_t)(newline - data), length = size - head - 1;
    char *match = fuzz_string(data, head), *document = fuzz_bytes(newline + 1, length);
    if (json_split(match, &path, &value, &differs)) {
        enum json_verdict verdict = json_match(document, length, path, value);
        enum json_verdict other = json_match(document, length, (struct span){ "x", 1 }, "y");
        assert((verdict == JSON_INVALID) == (other == JSON_INVALID));
    }
    free(match);
    free(document);
    return 0;
}
