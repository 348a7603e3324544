/* HTTP responses: however the bytes are split, head and body come to the same end. */
#include "fuzz.h"
#include "healthcheck/http/body.h"
#include "healthcheck/http/response.h"

enum { LOCATION_SIZE = 64, BODY_SIZE = 256 };

struct outcome {
    enum http_progress head, body, end;
    const char *head_why, *body_why;
    int status;
    size_t used, location_length, body_length;
    char location[LOCATION_SIZE], text[BODY_SIZE];
};

/* How long the next piece is: up to 16 bytes at random from *SEED on, or all where it is 0. */
static size_t piece(size_t left, uint32_t *seed)
{
    if (*seed == 0)
        return left;
    *seed = *seed * 1664525 + 1013904223;
    size_t length = 1 + (*seed >> 16) % (*seed >> 31 ? 2 : 16);
    return length < left ? length : left;
}

static void run(const char *bytes, size_t size, uint32_t seed, struct outcome *outcome)
{
    struct http_response response;
    struct http_body body;
    struct text text = { outcome->text, BODY_SIZE, 0 };

    memset(outcome, 0, sizeof *outcome);
    http_response_init(&response, outcome->location, LOCATION_SIZE);
    outcome->head = HTTP_PARTIAL;
    while (outcome->used < size && outcome->head == HTTP_PARTIAL) {
        size_t used = 0, length = piece(size - outcome->used, &seed);
        char *exact = fuzz_bytes((const uint8_t *)bytes + outcome->used, length);
        outcome->head = http_response_feed(&response, exact, length, &used);
        free(exact);
        assert(used <= length && (used == length || outcome->head != HTTP_PARTIAL));
        outcome->used += used;
    }
    outcome->head_why = outcome->head == HTTP_BAD ? response.why : NULL;
    assert((outcome->head == HTTP_BAD) == (outcome->head_why != NULL));
    assert(http_response_phase(&response));
    if (outcome->head != HTTP_COMPLETE)
        return;
    assert(response.status >= 100 && response.status <= 999);
    outcome->status = response.status;
    outcome->location_length = response.location.length;
    http_body_init(&body, &response, &text);
    outcome->body = http_body_feed(&body, "", 0);
    for (size_t at = outcome->used; at < size && outcome->body == HTTP_PARTIAL;) {
        size_t length = piece(size - at, &seed);
        char *exact = fuzz_bytes((const uint8_t *)bytes + at, length);
        outcome->body = http_body_feed(&body, exact, length);
        free(exact);
        at += length;
    }
    outcome->body_why = outcome->body == HTTP_BAD ? body.why : NULL;
    outcome->end = outcome->body == HTTP_PARTIAL ? http_body_end(&body) : outcome->body;
    outcome->body_length = text_kept(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, split;

    if (size < 1)
        return 0;
    run((const char *)data + 1, size - 1, 0, &whole);
    run((const char *)data + 1, size - 1, 1 + data[0], &split);
    assert(whole.head == split.head && whole.head_why == split.head_why && whole.used == split.used);
    assert(whole.status == split.status && whole.location_length == split.location_length);
    assert(whole.body == split.body && whole.body_why == split.body_why && whole.end == split.end);
    assert(whole.body_length == split.body_length && memcmp(whole.text, split.text, whole.body_length) == 0);
    return 0;
}
