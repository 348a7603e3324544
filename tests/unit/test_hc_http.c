/* The pure parsers of HTTP: heads and bodies, at every point where a segment can end. */
#include "healthcheck/http/body.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/http/request.h"
#include "healthcheck/http/response.h"
#include "healthcheck/probes/probe.h"
#include "support/guard.h"
#include "support/test.h"

#define BYTES(string) string, sizeof string - 1

static char location[256];

/* Feeds the head in two pieces, each in front of a page that must not be touched. */
static enum http_progress parse_split(struct http_response *response, const char *bytes, size_t length, size_t split)
{
    size_t used;

    http_response_init(response, location, sizeof location);
    enum http_progress progress = http_response_feed(response, guarded(bytes, split), split, &used);
    if (progress != HTTP_PARTIAL)
        return progress;
    assert_int_equal(used, split);
    return http_response_feed(response, guarded(bytes + split, length - split), length - split, &used);
}

static enum http_progress parse(struct http_response *response, const char *bytes)
{
    return parse_split(response, bytes, strlen(bytes), 0);
}

struct head {
    const char *bytes;
    int status;
    bool chunked, has_length, coded, has_location;
    uint64_t length;
};

static const struct head good_heads[] = {
    { .bytes = "HTTP/1.1 200 OK\r\n\r\n", .status = 200 },
    { .bytes = "HTTP/1.1 200\r\n\r\n", .status = 200 },
    { .bytes = "HTTP/1.1 200 \r\n\r\n", .status = 200 },
    { .bytes = "HTTP/1.0 200 OK\n\n", .status = 200 },
    { .bytes = "HTTP/1.9 999 \xff\xfe\r\n\r\n", .status = 999 },
    { .bytes = "\r\nHTTP/1.1 204 No Content\r\n\r\n", .status = 204 },
    { .bytes = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", .status = 101 },
    { .bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\n\r\n",
      .status = 201 },
    { .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .status = 200, .has_length = true, .length = 5 },
    { .bytes = "HTTP/1.1 200 OK\r\ncontent-length:5 \t\r\nCONTENT-LENGTH: 5, 5\r\n\r\n",
      .status = 200,
      .has_length = true,
      .length = 5 },
    { .bytes = "HTTP/1.1 200 OK\r\nContent-Length:\r\n 7\r\n\r\n", .status = 200, .has_length = true, .length = 7 },
    { .bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
      .status = 200,
      .has_length = true,
      .length = INT64_MAX },
    { .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\nContent-Length: 5\r\n\r\n",
      .status = 200,
      .chunked = true,
      .has_length = true,
      .length = 5 },
    { .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      .status = 200,
      .chunked = true,
      .coded = true },
    { .bytes = "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n", .status = 200, .coded = true },
    { .bytes = "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\n", .status = 200 },
    { .bytes = "HTTP/1.1 302 Found\r\nLocation:  /x y\t\r\nX-Location: no\r\n\r\n",
      .status = 302,
      .has_location = true },
    { .bytes = "HTTP/1.1 200 OK\r\nX: a\r\n\tfolded\r\n  twice\r\nContent-Length: 1\r\n\r\n",
      .status = 200,
      .has_length = true,
      .length = 1 },
    { .bytes = "HTTP/1.1 200 OK\r\nLocations: x\r\nA-very-long-name-of-a-header-that-nobody-knows: y\r\n\r\n",
      .status = 200 },
};

static void heads_are_read_wherever_a_segment_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_heads); i++) {
        const struct head *head = &good_heads[i];
        for (size_t split = 0; split <= strlen(head->bytes); split++) {
            struct http_response response;
            if (parse_split(&response, head->bytes, strlen(head->bytes), split) != HTTP_COMPLETE)
                fail_msg("'%s' split at %zu: %s", head->bytes, split, response.why ? response.why : "partial");
            assert_int_equal(response.status, head->status);
            assert_int_equal(response.chunked, head->chunked);
            assert_int_equal(response.has_length, head->has_length);
            assert_int_equal(response.coded, head->coded);
            assert_true(response.length == head->length);
            assert_int_equal(response.has_location, head->has_location);
            if (head->has_location)
                assert_memory_equal(response.location.start, "/x y", response.location.length);
        }
    }
}

static void no_head_is_complete_before_its_empty_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_heads); i++) {
        size_t length = strlen(good_heads[i].bytes) - 1;
        struct http_response response;
        assert_int_equal(parse_split(&response, good_heads[i].bytes, length, length / 2), HTTP_PARTIAL);
    }
}

static void a_head_ends_where_the_body_begins(void **state)
{
    static const char bytes[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
    struct http_response response;
    size_t used;

    (void)state;
    http_response_init(&response, NULL, 0);
    assert_int_equal(http_response_feed(&response, bytes, sizeof bytes - 1, &used), HTTP_COMPLETE);
    assert_string_equal(bytes + used, "body");
}

static const struct {
    const char *bytes;
    size_t length;
    const char *why;
} bad_heads[] = {
    { BYTES("HTTP/2.0 200 OK\r\n\r\n"), "not HTTP/1.x" },
    { BYTES("ICY 200 OK\r\n\r\n"), "not HTTP/1.x" },
    { BYTES("http/1.1 200 OK\r\n\r\n"), "not HTTP/1.x" },
    { BYTES("<html>hello</html>"), "not HTTP/1.x" },
    { BYTES("\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), "not HTTP/1.x" },
    { BYTES("HTTP/1.1 20 OK\r\n\r\n"), "three digits" },
    { BYTES("HTTP/1.1 2000 OK\r\n\r\n"), "three digits" },
    { BYTES("HTTP/1.1 2xx OK\r\n\r\n"), "three digits" },
    { BYTES("HTTP/1.1 -200 OK\r\n\r\n"), "three digits" },
    { BYTES("HTTP/1.1 099 OK\r\n\r\n"), "below 100" },
    { BYTES("\x15\x03\x01\x00\x02\x02\x46"), "is it TLS? (https://)" },
    { BYTES("\x16\x03\x01\x00"), "is it TLS? (https://)" },
    { BYTES("HTTP/1.1 200 OK\r\nName : x\r\n\r\n"), "before its colon" },
    { BYTES("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "space in its name" },
    { BYTES("HTTP/1.1 200 OK\r\nnocolon\r\n\r\n"), "no colon" },
    { BYTES("HTTP/1.1 200 OK\r\n: x\r\n\r\n"), "no name" },
    { BYTES("HTTP/1.1 200 OK\r\n folded: x\r\n\r\n"), "begins with a space" },
    { BYTES("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"), "NUL" },
    { BYTES("HTTP/1.1 200 O\0K\r\n\r\n"), "NUL" },
    { BYTES("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n"), "CR" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), "differs" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n"), "differs" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5 ,\t6 \r\n\r\n"), "differs" },
    { BYTES("HTTP/1.1 200 OK\r\nX(y): z\r\n\r\n"), "a character it must not have" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "not a number" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n"), "not a number" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5 6\r\n\r\n"), "not a number" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n"), "not a number" },
    { BYTES("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n"), "too large" },
    { BYTES("HTTP/1.1 200 OK\r\nContent\rLength: 5\r\n\r\n"), "CR" },
    { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n"), "behind chunked" },
    { BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), "behind chunked" },
};

static void bad_heads_are_told_wherever_a_segment_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_heads); i++)
        for (size_t split = 0; split <= bad_heads[i].length; split++) {
            struct http_response response;
            if (parse_split(&response, bad_heads[i].bytes, bad_heads[i].length, split) != HTTP_BAD)
                fail_msg("bad head %zu passed, split at %zu", i, split);
            if (!strstr(response.why, bad_heads[i].why))
                fail_msg("'%s' is not about '%s'", response.why, bad_heads[i].why);
        }
}

/* A head with COUNT header lines. */
static char *head_of_lines(size_t count)
{
    static char bytes[8192];
    size_t at = (size_t)sprintf(bytes, "HTTP/1.1 200 OK\r\n");

    for (size_t i = 0; i < count; i++)
        at += (size_t)sprintf(bytes + at, "X: %zu\r\n", i);
    sprintf(bytes + at, "\r\n");
    return bytes;
}

static void header_lines_are_256_at_most(void **state)
{
    struct http_response response;

    (void)state;
    assert_int_equal(parse(&response, head_of_lines(256)), HTTP_COMPLETE);
    assert_int_equal(parse(&response, head_of_lines(257)), HTTP_BAD);
    assert_string_equal(response.why, "more than 256 header lines");
}

/* A head whose header block, without the empty line, is SIZE bytes long. */
static char *head_of_size(size_t size)
{
    static char bytes[HTTP_HEADER_BYTES_MAX + 256];
    size_t status = (size_t)sprintf(bytes, "HTTP/1.1 200 OK\r\n");

    memset(bytes + status, 'x', size);
    memcpy(bytes + status, "X: ", 3);
    memcpy(bytes + status + size - 2, "\r\n\r\n", 5);
    return bytes;
}

static void header_blocks_are_64_kib_at_most(void **state)
{
    struct http_response response;

    (void)state;
    assert_int_equal(parse(&response, head_of_size(HTTP_HEADER_BYTES_MAX)), HTTP_COMPLETE);
    assert_int_equal(parse(&response, head_of_size(HTTP_HEADER_BYTES_MAX + 1)), HTTP_BAD);
    assert_string_equal(response.why, "the header block is longer than 64 KiB");
}

static void a_value_that_is_kept_has_128_bytes_at_most(void **state)
{
    char value[130] = "5";

    (void)state;
    for (size_t length = 127; length <= 129; length++) {
        struct http_response response;
        char all[256];
        memset(value + 1, ' ', length - 1); /* blanks in front of a comma belong to no value, and are kept */
        memcpy(value + length - 2, ",5", 3);
        snprintf(all, sizeof all, "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", value);
        assert_int_equal(parse(&response, all), length <= 128 ? HTTP_COMPLETE : HTTP_BAD);
        if (length <= 128)
            assert_int_equal(response.length, 5);
        else
            assert_string_equal(response.why, "the value of a header is longer than 128 bytes");
    }
}

static void interim_responses_are_16_at_most(void **state)
{
    char bytes[1024] = "";

    (void)state;
    for (unsigned interim = 0; interim <= 17; interim++) {
        struct http_response response;
        char all[2048];
        snprintf(all, sizeof all, "%sHTTP/1.1 200 OK\r\n\r\n", bytes);
        assert_int_equal(parse(&response, all), interim <= 16 ? HTTP_COMPLETE : HTTP_BAD);
        strcat(bytes, "HTTP/1.1 102 P\r\n\r\n");
    }
}

/* --- bodies ------------------------------------------------------------------- */

static struct text decoded;
static char decoded_bytes[4096];

/* Decodes a body in two pieces; at the end of the bytes the connection ends, too. */
static enum http_progress decode(const struct http_response *response, const char *bytes, size_t length, size_t split)
{
    struct http_body body;

    decoded = (struct text){ decoded_bytes, sizeof decoded_bytes, 0 };
    http_body_init(&body, response, &decoded);
    enum http_progress progress = http_body_feed(&body, guarded(bytes, split), split);
    if (progress == HTTP_PARTIAL)
        progress = http_body_feed(&body, guarded(bytes + split, length - split), length - split);
    return progress == HTTP_PARTIAL ? http_body_end(&body) : progress;
}

static void chunks_are_joined_wherever_a_segment_ends(void **state)
{
    static const struct http_response chunked = { .chunked = true };
    static const char *const bodies[] = {
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        "5\nhello\n6\n world\n0\n\n",
        "005;ext=\"1\"\r\nhello\r\n000000000000000006 ; x\r\n world\r\n0;last\r\nTrailer: x\r\nOther: y\r\n\r\n",
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nand bytes that belong to nobody",
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\rTrailer: x\r\n\r\n",
        "1\r\nh\r\n1\r\ne\r\n3\r\nllo\r\n6\r\n world\r\n00\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++)
        for (size_t split = 0; split <= strlen(bodies[i]); split++) {
            assert_int_equal(decode(&chunked, bodies[i], strlen(bodies[i]), split), HTTP_COMPLETE);
            assert_int_equal(decoded.length, 11);
            assert_memory_equal(decoded.start, "hello world", 11);
        }
}

static void bad_chunks_are_told_wherever_a_segment_ends(void **state)
{
    static const struct http_response chunked = { .chunked = true };
    static const char *const bodies[] = {
        "x\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "5\r\nhello\r\n",
        "5\r\nhel",
        "5\r\nhello\r\n0\r\n",
        "5\r\nhello\r\n0\r\nTrailer: x\r\n",
        "ffffffffffffffff\r\nhello",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++)
        for (size_t split = 0; split <= strlen(bodies[i]); split++)
            if (decode(&chunked, bodies[i], strlen(bodies[i]), split) != HTTP_BAD)
                fail_msg("'%s' passed, split at %zu", bodies[i], split);
}

static void a_size_that_is_too_large_is_told_from_one_that_is_malformed(void **state)
{
    static const struct http_response chunked = { .chunked = true };
    static const char *const sizes[] = { "10000000000000000\r\n", "1000000000000000f\r\n", "5x\r\n", "\r\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct http_body body;
        decoded = (struct text){ decoded_bytes, sizeof decoded_bytes, 0 };
        http_body_init(&body, &chunked, &decoded);
        assert_int_equal(http_body_feed(&body, guarded(sizes[i], strlen(sizes[i])), strlen(sizes[i])), HTTP_BAD);
        assert_string_equal(body.why, i < 2 ? "a chunk is too large" : "a chunk's size is malformed");
    }
}

/* Nothing behind what is kept is waited for, nor judged. */
static void a_body_is_complete_as_soon_as_its_room_is_full(void **state)
{
    static const struct http_response chunked = { .chunked = true }, counted = { .has_length = true, .length = 9 },
                                      until_end = { .status = 200 };
    static const struct {
        const struct http_response *response;
        const char *bytes;
    } bodies[] = { { &chunked, "5\r\nhello" },
                   { &chunked, "5\r\nhello! is no end of a chunk" },
                   { &chunked, "6\r\nhello!" },
                   { &counted, "hello" },
                   { &until_end, "hello" } };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct http_body body;
        size_t length = strlen(bodies[i].bytes);
        for (size_t size = 5; size <= 6; size++) {
            decoded = (struct text){ decoded_bytes, size, 0 };
            http_body_init(&body, bodies[i].response, &decoded);
            enum http_progress progress = http_body_feed(&body, guarded(bodies[i].bytes, length), length);
            if (size == 5)
                assert_int_equal(progress, HTTP_COMPLETE);
            else if (i != 1 && i != 2)
                assert_int_equal(progress, HTTP_PARTIAL);
        }
    }
}

/* A last chunk with HEAD, SIZE bytes and LINES of trailers behind its size. */
static const char *bad_end(const char *head, size_t size, size_t lines)
{
    static const struct http_response chunked = { .chunked = true };
    static char bytes[2 * HTTP_HEADER_BYTES_MAX];
    struct http_body body;
    size_t at = (size_t)sprintf(bytes, "0%s", head);

    memset(bytes + at, 'x', size);
    at += size + (size_t)sprintf(bytes + at + size, "\r\n");
    for (size_t i = 0; i < lines; i++)
        at += (size_t)sprintf(bytes + at, "T: v\r\n");
    at += (size_t)sprintf(bytes + at, "\r\n");
    decoded = (struct text){ decoded_bytes, sizeof decoded_bytes, 0 };
    http_body_init(&body, &chunked, &decoded);
    return http_body_feed(&body, guarded(bytes, at), at) == HTTP_COMPLETE ? "" : body.why;
}

static void chunk_extensions_and_trailers_have_an_end(void **state)
{
    (void)state;
    assert_string_equal(bad_end(";", 60000, 256), "");
    assert_string_equal(bad_end(";", HTTP_HEADER_BYTES_MAX, 0), "a chunk's size line is longer than 64 KiB");
    assert_string_equal(bad_end("\r\n", HTTP_HEADER_BYTES_MAX, 0), "the trailers are longer than 64 KiB");
    assert_string_equal(bad_end("", 0, 257), "more than 256 trailer lines");
}

/* Feeds HEAD, then PIECE until the body ends or TIMES is over: why it ended, "" where it did not. */
static const char *feed_often(const char *head, const char *piece, size_t times)
{
    static const struct http_response chunked = { .chunked = true };
    struct text nowhere = { NULL, BODY_MAX + 1, 0 };
    struct http_body body;

    nowhere.start = malloc(nowhere.size);
    http_body_init(&body, &chunked, &nowhere);
    enum http_progress progress = http_body_feed(&body, head, strlen(head));
    for (size_t i = 0; i < times && progress == HTTP_PARTIAL; i++)
        progress = http_body_feed(&body, piece, strlen(piece));
    free(nowhere.start);
    return progress == HTTP_BAD ? body.why : "";
}

static void what_surrounds_chunks_has_an_end(void **state)
{
    static const char line[] = "a chunk's size line is longer than 64 KiB";
    static char extended[HTTP_HEADER_BYTES_MAX];

    (void)state;
    assert_string_equal(feed_often("", "0", HTTP_HEADER_BYTES_MAX), "");
    assert_string_equal(feed_often("", "0", HTTP_HEADER_BYTES_MAX + 1), line);
    assert_string_equal(feed_often("5", " ", HTTP_HEADER_BYTES_MAX - 1), "");
    assert_string_equal(feed_often("5", " ", HTTP_HEADER_BYTES_MAX), line);
    /* The smallest chunks make a body of a MiB six MiB long. */
    assert_string_equal(feed_often("", "1\r\nx\r\n", BODY_MAX), "");
    memset(extended, 'x', sizeof extended - 1);
    memcpy(extended, "1;", 2);
    memcpy(extended + sizeof extended - 7, "\r\nx\r\n", 6);
    extended[sizeof extended - 1] = '\0';
    assert_string_equal(feed_often("", extended, 100), "");
    assert_string_equal(feed_often("", extended, 200), "the framing of the chunks is longer than 8 MiB");
}

static void counted_bodies_end_at_their_length(void **state)
{
    static const struct http_response counted = { .has_length = true, .length = 5 };
    static const struct http_response empty = { .has_length = true, .length = 0 };

    (void)state;
    for (size_t split = 0; split <= 9; split++) {
        assert_int_equal(decode(&counted, "hello....", 9, split), HTTP_COMPLETE);
        assert_int_equal(decoded.length, 5);
    }
    for (size_t split = 0; split <= 4; split++)
        assert_int_equal(decode(&counted, "hell", 4, split), HTTP_BAD);
    assert_int_equal(decode(&empty, "", 0, 0), HTTP_COMPLETE);
}

static void bodies_without_a_length_end_with_the_connection(void **state)
{
    static const struct http_response open = { .status = 200 };

    (void)state;
    assert_int_equal(decode(&open, "hello", 5, 2), HTTP_COMPLETE);
    assert_int_equal(decoded.length, 5);
}

static void a_body_is_complete_when_there_is_no_room_for_more(void **state)
{
    static const struct http_response chunked = { .chunked = true };
    static char bytes[2 * sizeof decoded_bytes];
    size_t at = (size_t)sprintf(bytes, "1800\r\n");

    (void)state;
    memset(bytes + at, 'x', 0x1800);
    assert_int_equal(decode(&chunked, bytes, at + 0x1800, sizeof decoded_bytes), HTTP_COMPLETE);
}

/* --- requests ------------------------------------------------------------------- */

static const char *request_of(const char *url, struct request_conf *conf, enum http_share share)
{
    static char bytes[4096];
    struct text out = { bytes, sizeof bytes - 1, 0 };
    struct target_error error;
    struct target target;

    conf->method = conf->method ? conf->method : "GET";
    assert_true(target_parse(url, &target, &error));
    http_request_put(conf, &target, share, &out);
    bytes[text_kept(&out)] = '\0';
    return bytes;
}

/* This build has no TLS, so nothing but its mark. */
static void a_port_that_is_the_standard_one_is_not_sent(void **state)
{
    static const struct {
        const char *url;
        bool tls;
        const char *host;
    } cases[] = {
        { "http://a.test:80", false, "a.test" },
        { "http://a.test:443", false, "a.test:443" },
        { "http://a.test:443", true, "a.test" },
        { "http://a.test:80", true, "a.test:80" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target_error error;
        struct target target;
        char bytes[64];
        struct text out = { bytes, sizeof bytes, 0 };
        assert_true(target_parse(cases[i].url, &target, &error));
        target.tls = cases[i].tls;
        http_put_host(&target, &out);
        bytes[text_kept(&out)] = '\0';
        assert_string_equal(bytes, cases[i].host);
    }
}

static void a_request_has_path_and_query_as_typed_and_the_host_it_goes_to(void **state)
{
    static const struct {
        const char *url, *line, *host;
    } cases[] = {
        { "http://localhost:8080/health", "GET /health HTTP/1.1\r\n", "Host: localhost:8080\r\n" },
        { "http://localhost", "GET / HTTP/1.1\r\n", "Host: localhost\r\n" },
        { ":80?a=b#fragment", "GET /?a=b HTTP/1.1\r\n", "Host: localhost\r\n" },
        { "http://[::1]:81/%41%2f?x=%20#y", "GET /%41%2f?x=%20 HTTP/1.1\r\n", "Host: [::1]:81\r\n" },
        { "http://[fe80::1%25lo]:81/", "GET / HTTP/1.1\r\n", "Host: [fe80::1]:81\r\n" },
        { "http+unix://%2Frun%2Fapp.sock/x", "GET /x HTTP/1.1\r\n", "Host: localhost\r\n" },
        { "http://localhost:443", "GET / HTTP/1.1\r\n", "Host: localhost:443\r\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request_conf conf = { .method = "GET" };
        const char *request = request_of(cases[i].url, &conf, HTTP_SHARE_ALL);
        assert_memory_equal(request, cases[i].line, strlen(cases[i].line));
        assert_has(request, cases[i].host);
        assert_has(request, "\r\nConnection: close\r\n");
        assert_string_equal(request + strlen(request) - 4, "\r\n\r\n");
    }
}

static void credentials_are_for_the_first_request_only(void **state)
{
    const char *headers[] = { "Authorization: Bearer x", "cookie: y", "X-Z: z" };
    struct request_conf conf = { .header_count = COUNT(headers), .headers = headers };
    struct request_conf plain = { .user = "user:pass" };

    (void)state;
    assert_has(request_of(":80", &conf, HTTP_SHARE_ALL), "Authorization: Bearer x\r\ncookie: y\r\nX-Z: z\r\n");
    const char *later = request_of(":80", &conf, HTTP_SHARE_HEADERS);
    assert_lacks(later, "Authorization");
    assert_lacks(later, "cookie");
    assert_has(later, "X-Z: z");
    assert_has(request_of(":80", &plain, HTTP_SHARE_ALL), "Authorization: Basic dXNlcjpwYXNz\r\n");
    assert_lacks(request_of(":80", &plain, HTTP_SHARE_HEADERS), "Authorization");
    assert_has(request_of("http://a%40b:c%3A@localhost/", &plain, HTTP_SHARE_ALL), "Basic YUBiOmM6\r\n");
    assert_has(request_of("http://a@localhost/", &plain, HTTP_SHARE_ALL), "Basic YTo=\r\n");
}

static void own_headers_are_for_the_first_port_only(void **state)
{
    const char *headers[] = { "Host: a", "User-Agent:", "X-Key: z" };
    struct request_conf conf = { .user = "u:p", .header_count = COUNT(headers), .headers = headers };
    struct request_conf none = { .header_count = 0 };
    char bare[4096];

    (void)state;
    snprintf(bare, sizeof bare, "%s", request_of(":80", &none, HTTP_SHARE_ALL));
    assert_string_equal(request_of(":80", &conf, HTTP_SHARE_NOTHING), bare);
}

static void own_headers_replace_and_remove_what_is_sent_anyway(void **state)
{
    const char *headers[] = { "host: example.org", "User-Agent:", "Accept: a/b" };
    struct request_conf conf = { .header_count = COUNT(headers), .headers = headers };
    const char *request = request_of(":80", &conf, HTTP_SHARE_ALL);

    (void)state;
    assert_has(request, "host: example.org\r\n");
    assert_lacks(request, "Host: ");
    assert_lacks(request, "User-Agent");
    assert_lacks(request, "*/*");
}

static void base64_is_that_of_rfc_4648(void **state)
{
    static const char *const pairs[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xff\xfe\xfd", "//79" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        char bytes[16];
        struct text out = { bytes, sizeof bytes, 0 };
        text_base64(&out, pairs[i][0], strlen(pairs[i][0]));
        text_char(&out, '\0');
        assert_string_equal(bytes, pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read_wherever_a_segment_ends),
        cmocka_unit_test(no_head_is_complete_before_its_empty_line),
        cmocka_unit_test(a_head_ends_where_the_body_begins),
        cmocka_unit_test(bad_heads_are_told_wherever_a_segment_ends),
        cmocka_unit_test(header_lines_are_256_at_most),
        cmocka_unit_test(header_blocks_are_64_kib_at_most),
        cmocka_unit_test(a_value_that_is_kept_has_128_bytes_at_most),
        cmocka_unit_test(interim_responses_are_16_at_most),
        cmocka_unit_test(chunks_are_joined_wherever_a_segment_ends),
        cmocka_unit_test(bad_chunks_are_told_wherever_a_segment_ends),
        cmocka_unit_test(a_size_that_is_too_large_is_told_from_one_that_is_malformed),
        cmocka_unit_test(a_body_is_complete_as_soon_as_its_room_is_full),
        cmocka_unit_test(chunk_extensions_and_trailers_have_an_end),
        cmocka_unit_test(what_surrounds_chunks_has_an_end),
        cmocka_unit_test(counted_bodies_end_at_their_length),
        cmocka_unit_test(bodies_without_a_length_end_with_the_connection),
        cmocka_unit_test(a_body_is_complete_when_there_is_no_room_for_more),
        cmocka_unit_test(a_port_that_is_the_standard_one_is_not_sent),
        cmocka_unit_test(a_request_has_path_and_query_as_typed_and_the_host_it_goes_to),
        cmocka_unit_test(credentials_are_for_the_first_request_only),
        cmocka_unit_test(own_headers_are_for_the_first_port_only),
        cmocka_unit_test(own_headers_replace_and_remove_what_is_sent_anyway),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
