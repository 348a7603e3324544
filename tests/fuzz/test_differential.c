/* The same answers as llhttp's for responses made at random, of pieces that servers do send and that they should not.
 */
#include "differ.h"
#include "support/test.h"

enum { RESPONSES = 500000, MUTATIONS_MAX = 4, HEADERS_MAX = 4 };

static const char *const status_lines[] = {
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200\r\n",
    "HTTP/1.0 503 Service Unavailable\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 304 x\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 103 E\r\nContent-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\n",
    "HTTP/1.1 101 Switching\r\n",
    "HTTP/1.1 99 x\r\n",
    "HTTP/1.1 1000 x\r\n",
    "HTTP/1.1 20x OK\r\n",
    "HTTP/1.1  200 x\r\n",
    "HTTP/1.1 200OK\r\n",
    "HTTP/1.1\t200 OK\r\n",
    "HTTP/1.1 200 \x80\xff\r\n",
    "HTTP/0.9 200 OK\r\n",
    "HTTP/1.2 200 x\r\n",
    "HTTP/2.0 200 x\r\n",
    "http/1.1 200 x\r\n",
    "ICY 200 OK\r\n",
    "\r\nHTTP/1.1 200 OK\r\n",
    "\n\nHTTP/1.1 200 OK\n",
};

static const char *const headers[] = {
    "Content-Length: 5\r\n",
    "content-length: 3\n",
    "Content-Length: 0\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Content-Length:\r\n",
    "Content-Length: 5 \r\n",
    "Content-Length: 5 5\r\n",
    "Content-Length: 0x5\r\n",
    "Content-Length : 5\r\n",
    "Content-Length: \r\n 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: Chunked \r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, gzip\r\n",
    "Transfer-Encoding: chunked\r\n folded\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding:\r\n",
    "Content-Encoding: gzip\r\n",
    "Location: /\r\n",
    "Connection: close\r\n",
    "Connection: upgrade\r\n",
    "Upgrade: h2c\r\n",
    "X: y\r\n",
    "X:\r\n",
    "X : y\r\n",
    "X y\r\n",
    ": y\r\n",
    "X: a\rb\r\n",
    "X: \x80\r\n",
    "X: \x01\r\n",
    "X: a\r\n b\r\n",
    "X: a\r\n\tb\r\n",
    " X: a\r\n",
    "X\x80: y\r\n",
    "X@: y\r\n",
};

static const char *const bodies[] = {
    "",
    "hello",
    "helloworld",
    "5\r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n",
    "5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "5;x=\"a;b\"\r\nhello\r\n0;q\r\n\r\n",
    "5;\r\nhello\r\n0\r\n\r\n",
    "5;a=\x01\r\nhello\r\n0\r\n\r\n",
    "00005\r\nhello\r\n000\r\n\r\n",
    "5\r\nhelloX\r\n0\r\n\r\n",
    "5\r\nhello\r\n\r\n0\r\n\r\n",
    "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\nmore",
    "5\r\nhell",
    "5\r\rhello\r\n0\r\n\r\n",
    "5\t\r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "g\r\n",
    "-5\r\nhello\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nx",
    "10000000000000000\r\nx",
    "0\r\n",
    "0\r\n\r\n",
    "0\r\nT v\r\n\r\n",
    "0\r\nT: v",
    "0\r\n X: y\r\n\r\n",
    "0\r\nContent-Length: 5\r\n\r\n",
    "\r\n0\r\n\r\n",
};

/* Knuth's MMIX generator: the same responses each time. */
static size_t below(size_t n)
{
    static uint64_t state = 1;

    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(state >> 33) % n;
}

static size_t put(char *response, size_t length, const char *piece)
{
    memcpy(response + length, piece, strlen(piece));
    return length + strlen(piece);
}

static size_t mutate(char *response, size_t length)
{
    static const char bytes[] = "\r\n \t:;,0195ax\0\x80";
    size_t at = below(length);

    switch (below(3)) {
    case 0:
        response[at] = (char)below(256);
        return length;
    case 1:
        memmove(response + at, response + at + 1, length - at - 1);
        return length - 1;
    default:
        memmove(response + at + 1, response + at, length - at);
        response[at] = bytes[below(sizeof bytes - 1)];
        return length + 1;
    }
}

static size_t make_response(char *response)
{
    size_t length = put(response, 0, status_lines[below(2) ? below(5) : below(COUNT(status_lines))]);

    for (size_t n = below(HEADERS_MAX); n > 0; n--)
        length = put(response, length, headers[below(COUNT(headers))]);
    length = put(response, length, below(8) ? "\r\n" : "\n");
    length = put(response, length, bodies[below(COUNT(bodies))]);
    for (size_t n = below(MUTATIONS_MAX + 1); n > 0; n--)
        length = mutate(response, length);
    return length;
}

static void print_bytes(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        print_message(bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\' ? "%c" : "\\x%02x",
                      (unsigned char)bytes[i]);
    print_message("\n");
}

static void require_explained_version(void)
{
    if (differ_is_explained)
        return;
    printf("# skip: nobody has explained the differences of this version of llhttp\n");
    fflush(stdout);
    skip();
}

static void responses_at_random_are_judged_as_llhttp_judges_them(void **state)
{
    char response[DIFFER_INPUT_MAX];
    const struct difference *explanation;
    const char *verdict;
    long differing = 0;

    (void)state;
    require_explained_version();
    for (long i = 0; i < RESPONSES; i++) {
        size_t length = make_response(response);
        enum difference_kind kind = differ(response, length, &explanation, &verdict);
        differing += kind != AGREED;
        if (kind != AGREED && !explanation) {
            print_bytes(response, length);
            fail_msg("%s", verdict);
        }
    }
    print_message("# %d responses, of which %ld differ for a known reason\n", RESPONSES, differing);
    assert_in_range(differing, 1, RESPONSES / 2);
}

static void each_known_difference_is_there(void **state)
{
    const struct difference *explanation;
    const char *verdict;

    (void)state;
    require_explained_version();
    for (size_t i = 0; i < difference_count; i++) {
        const struct difference *row = &differences[i];
        differ(row->example, row->length ? row->length : strlen(row->example), &explanation, &verdict);
        if (explanation != row) {
            print_bytes(row->example, strlen(row->example));
            fail_msg("%s (%s) is not what explains: %s", row->why, row->pattern, verdict);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_known_difference_is_there),
        cmocka_unit_test(responses_at_random_are_judged_as_llhttp_judges_them),
    };
    return cmocka_run_group_tests_name("differential", tests, NULL, NULL);
}
