/* Compares what two parsers make of a response, and explains each way in which they may differ. */
#include "differ.h"

#include "healthcheck/http/body.h"
#include "healthcheck/http/response.h"

#include <llhttp.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LLHTTP_VERSION (100 * LLHTTP_VERSION_MAJOR + LLHTTP_VERSION_MINOR)
#define FOUR(string)   string string string string
#define BOUNDED        "a probe has bounds (RFC 9110, 5.4 has it so); llhttp leaves them to others"
#define BARE_CR        "\n[0-9a-f]+[^\n]*\r[^\n]"
#define BARE_CR_REASON "llhttp takes any byte behind the CR of a chunk's size for its LF, ours reads on to the LF"
#define OTHER_CHUNK    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\rXhello\r\n0;q\rX\n"
#define LF_ENDS        "[^\r]\n|\4.*\r"
#define LF_ENDS_REASON                                                                                                 \
    "RFC 9112, 2.2: LF alone ends a line, so that of a chunk's data, which may end with a CR; llhttp takes any two "   \
    "bytes"
#define LF_CHUNK     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n"
#define NOT_THE_LAST "chunked *(,|\t|\r?\n[ \t]|\r?\n.*identity)"
#define NOT_THE_LAST_REASON                                                                                            \
    "empty elements, white space (RFC 9110, 5.6) and identity (RFC 2616, 3.6) behind chunked change nothing"
#define NO_CHUNKS "content-length.*transfer-encoding|transfer-encoding.*content-length"
#define NO_CHUNKS_REASON                                                                                               \
    "RFC 9112, 6.3: under another coding than chunked the body ends with the connection; ours counts, and has no "     \
    "matcher judge a body whose coding it does not undo"

/*
 * Ours judges a status for an operator, llhttp serves a proxy or a browser: where RFC 9110 and 9112 leave a choice, or
 * where llhttp 8 is laxer than they are, ours refuses what no healthy server sends. Everything else is to be the same.
 */
const struct difference differences[] = {
    { OURS_REFUSES, "a CR stands without its LF", "\r[^\n]", "RFC 9112, 2.2: a bare CR is invalid",
      "\rHTTP/1.1 200 OK\r\n\r\n" },
    { OURS_REFUSES, "the answer is not HTTP/1.x", "HTTP/[^1]|\n\r?\n\r?\n|^\r?\n\r?\n",
      "no server answers a request of HTTP/1.1 with HTTP/0.9 or 2.0; RFC 9112, 2.2 has one empty line skipped, not "
      "several",
      "HTTP/2.0 200 OK\r\n\r\n" },
    { OURS_REFUSES, "the status code is below 100", "HTTP/1\\.. 0", "RFC 9110, 15: a code is 100 to 599",
      "HTTP/1.1 020 OK\r\n\r\n" },
    { OURS_REFUSES, "Transfer-Encoding has something behind chunked", "chunked.*(,|transfer-encoding)",
      "RFC 9112, 6.1: chunked is the last coding, and stands there once",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" },
    { OURS_REFUSES, "Content-Length is too large", "[0-9]{19}", "ours ends at 2^63, llhttp at 2^64: no body is so long",
      "HTTP/1.1 304 OK\r\nContent-Length: 9999999999999999999\r\n\r\n" },
    { OURS_REFUSES, "there is a NUL byte in the headers", "\1",
      "RFC 9110, 5.5: NUL is invalid; in a reason phrase, too", "HTTP/1.1 200 \0\r\n\r\n",
      sizeof "HTTP/1.1 200 ?\r\n\r\n" - 1 },
    { OURS_REFUSES, "more than 16 interim (1xx) responses", "HTTP/1\\.. 1", BOUNDED,
      FOUR(FOUR("HTTP/1.1 100 C\r\n\r\n")) "HTTP/1.1 102 P\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 0 },
    { OURS_REFUSES, "more than 256 header lines", "\n", BOUNDED,
      "HTTP/1.1 200 OK\r\n" FOUR(FOUR(FOUR(FOUR("X:\r\n")))) "Y:\r\n\r\n" },
    { OURS_CUTS_BODY, "more than 256 trailer lines", "\n", BOUNDED,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" FOUR(FOUR(FOUR(FOUR("X:\r\n")))) "Y:\r\n\r\n" },
    { OURS_REFUSES, "the value of a header is longer than 128 bytes", "(content-length|(transfer|content)-encoding):",
      BOUNDED, "HTTP/1.1 200 OK\r\nTransfer-Encoding: " FOUR(FOUR("gzip,gzip,gzip,")) "chunked\r\n\r\n0\r\n\r\n" },
    { THEIRS_REFUSES, "HPE_INVALID_VERSION", "HTTP/1\\.[2-9]",
      "RFC 9110, 2.5: a higher minor version is taken for the highest that is known", "HTTP/1.2 200 OK\r\n\r\n" },
    { THEIRS_REFUSES, "HPE_INVALID_CONTENT_LENGTH", "content-length:([^\n]*,|[ \t\r]*\n[ \t])",
      "RFC 9110, 8.6: a list of equal lengths may be taken for one; RFC 9112, 5.2: a folded line may be taken for a "
      "space",
      "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello" },
    { THEIRS_REFUSES, "HPE_INVALID_CONTENT_LENGTH", "[0-9] *\t", "RFC 9110, 5.6.3: a tab is white space as a space is",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\t\r\n\r\nhello" },
    { THEIRS_REFUSES, "HPE_UNEXPECTED_CONTENT_LENGTH", "content-length.*(content-length|\n[ \t])|transfer-encoding",
      "the same for equal lengths in two headers; RFC 9112, 6.3: Transfer-Encoding beats Content-Length",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
    { THEIRS_REFUSES, "HPE_INVALID_HEADER_TOKEN", "[\1-\3\5-\10\13\14\16-\37\177]",
      "RFC 9110, 5.5: other control characters than CR, LF and NUL may be kept; ours shows no value",
      "HTTP/1.1 200 OK\r\nX: \2\r\n\r\n" },
    { THEIRS_REFUSES, "HPE_INVALID_EOF_STATE", "HTTP/1.0 1|HTTP/1.1 1.*connection: *close",
      "RFC 9110, 15.2: a final response follows an interim one; llhttp reads none behind one that closes",
      "HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_INVALID_CHUNK_SIZE", "\n[0-9a-f]+([ \t;]|\r[^\n])",
      "RFC 9112, 7.1.1: white space may stand there, and ours skips all that follows it in the line",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 x\r\nhello\r\n0\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_STRICT", ";",
      "RFC 9112, 7.1.1: unknown chunk extensions are ignored, and so are malformed ones",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;\r\nhello\r\n0\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_INVALID_HEADER_TOKEN", "\n0+[^\n]*\n.",
      "RFC 9112, 7.1.2: trailers may be discarded, unread",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT v\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_INVALID_CONTENT_LENGTH", "\n0[^\n]*\n.*content-length|\n0[^\n]*\r.*content-length",
      "the same", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: x\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_LF_EXPECTED", "\r[^\n]", "the same",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: v\r \r\n\r\n" },
    { OURS_CUTS_BODY, "a chunk's size is malformed", NOT_THE_LAST, NOT_THE_LAST_REASON,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\nhello" },
    { OURS_CUTS_BODY, "a chunk is too large", NOT_THE_LAST, NOT_THE_LAST_REASON,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n10000000000000000\r\n" },
    { OURS_CUTS_BODY, "the connection was closed inside the body", NOT_THE_LAST, NOT_THE_LAST_REASON,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n5\r\nhell" },
    { OTHER_RESULT, "", NOT_THE_LAST, NOT_THE_LAST_REASON,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
#if LLHTTP_VERSION < 902
    { OURS_REFUSES, "the status code does not have three digits", "HTTP/1\\.. ([0-9]{0,2}([^0-9]|$)|[0-9]{3}[^ \r\n])",
      "RFC 9112, 4: a code has three digits", "HTTP/1.1 20 OK\r\n\r\n" },
    { OURS_REFUSES, "a header has a space in its name or before its colon", "\n[^:\n]+[ \t]",
      "RFC 9112, 5.1: no space there, as it is what smuggling is made of", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n" },
    { OURS_REFUSES, "a header has no name", "\n:", "RFC 9110, 5.1: a name is a token of one character at the least",
      "HTTP/1.1 200 OK\r\n: y\r\n\r\n" },
    { THEIRS_REFUSES, "HPE_INVALID_HEADER_TOKEN", "[^\r]\n",
      "RFC 9112, 2.2: LF alone may end a line; llhttp takes it for that behind some values and not behind others",
      "HTTP/1.1 200 OK\r\nX:\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_INVALID_CHUNK_SIZE", "[^\r]\n", "the same for the lines of chunks",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n" },
    { THEIRS_CUTS_BODY, "HPE_INVALID_CHUNK_SIZE", "\4.*\r", "the same behind data that ends with a CR",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell\r\n0\r\n\r\n" },
    { OURS_CUTS_BODY, "a chunk is longer than its size", "chunked",
      "RFC 9112, 7.1: CRLF ends a chunk; llhttp takes any two bytes",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n" },
    { OURS_CUTS_BODY, "the connection was closed inside the body", "\r[^\n]", "the same behind the last chunk",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rX" },
    { OURS_CUTS_BODY, "a chunk's size is malformed", BARE_CR, BARE_CR_REASON, OTHER_CHUNK "n", 0 },
    { OURS_CUTS_BODY, "a chunk is too large", BARE_CR, BARE_CR_REASON, OTHER_CHUNK "10000000000000000", 0 },
    { OTHER_RESULT, "", BARE_CR, BARE_CR_REASON, OTHER_CHUNK "0\r\n\r\n", 0 },
    { OURS_CUTS_BODY, "a chunk's size is malformed", LF_ENDS, LF_ENDS_REASON, LF_CHUNK "X0\r\n\r\n" },
    { OURS_CUTS_BODY, "a chunk is too large", LF_ENDS, LF_ENDS_REASON, LF_CHUNK "10000000000000000\r\n\r\n" },
    { OURS_CUTS_BODY, "the connection was closed inside the body", LF_ENDS, LF_ENDS_REASON, LF_CHUNK "50\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_INVALID_EOF_STATE", LF_ENDS, LF_ENDS_REASON,
      LF_CHUNK "12\r\nof\r\nffff\r\neighteen\r\n0\r\n\r\n" },
    { OTHER_RESULT, "", LF_ENDS, LF_ENDS_REASON, LF_CHUNK "10\r\n\r\nsixteen bytes.\r\n0\r\n\r\n" },
#else
    { THEIRS_REFUSES, "HPE_INVALID_HEADER_TOKEN", "\n[ \t]",
      "RFC 9112, 5.2: a folded line may be taken for a space; llhttp 9 refuses it",
      "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n" },
    { THEIRS_CUTS_BODY, "HPE_STRICT", "[^\r]\n|\r[^\n]",
      "RFC 9112, 2.2: LF alone may end a line; llhttp 9 has CRLF end a chunk's size whatever it is told",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n" },
    { THEIRS_CUTS_BODY, "HPE_UNEXPECTED_CONTENT_LENGTH", "\n0+[^\n]*\n.*content-length",
      "RFC 9112, 7.1.2: trailers may be discarded, unread",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n" },
    { OURS_CUTS_BODY, "a chunk is longer than its size", NOT_THE_LAST, NOT_THE_LAST_REASON,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n5\r\nhelloX0\r\n\r\n" },
    { OURS_CUTS_BODY, "the connection was closed inside the body", NO_CHUNKS, NO_CHUNKS_REASON,
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nTransfer-Encoding: gzip\r\n\r\nhello" },
    { OTHER_RESULT, "", NO_CHUNKS, NO_CHUNKS_REASON,
      "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: gzip\r\n\r\nhello" },
#endif
};

const size_t difference_count = sizeof differences / sizeof differences[0];

struct outcome {
    bool head, body; /* accepted; whole */
    int status;
    const char *why; /* it is not */
    size_t length;
    char bytes[DIFFER_INPUT_MAX];
};

static bool has_body(int status)
{
    return status / 100 != 1 && status != 204 && status != 304;
}

/* --- ours -------------------------------------------------------------------------------------- */

static void ask_ours(const char *bytes, size_t length, struct outcome *ours)
{
    struct http_response response;
    struct http_body body;
    struct text text = { ours->bytes, sizeof ours->bytes, 0 };
    size_t used = 0;

    http_response_init(&response, NULL, 0);
    enum http_progress progress = http_response_feed(&response, bytes, length, &used);
    ours->head = progress == HTTP_COMPLETE;
    ours->status = ours->head ? response.status : 0;
    ours->why = progress == HTTP_BAD ? response.why : "the end came too early";
    ours->body = ours->head && !has_body(response.status);
    if (!ours->head || ours->body)
        return;
    http_body_init(&body, &response, &text);
    progress = http_body_feed(&body, bytes + used, length - used);
    if (progress == HTTP_PARTIAL)
        progress = http_body_end(&body);
    ours->body = progress == HTTP_COMPLETE;
    ours->length = text_kept(&text);
    ours->why = ours->body ? "" : body.why;
}

/* --- llhttp's ---------------------------------------------------------------------------------- */

const bool differ_is_explained = LLHTTP_VERSION_MAJOR == 8 || (LLHTTP_VERSION_MAJOR == 9 && LLHTTP_VERSION >= 902);

static int take_head(llhttp_t *parser)
{
    struct outcome *theirs = parser->data;

    if (parser->status_code / 100 == 1 && parser->status_code != 101)
        return 1;
    theirs->head = true;
    theirs->status = parser->status_code;
    return !has_body(parser->status_code);
}

static int take_body(llhttp_t *parser, const char *bytes, size_t length)
{
    struct outcome *theirs = parser->data;

    memcpy(theirs->bytes + theirs->length, bytes, length);
    theirs->length += length;
    return 0;
}

static int take_end(llhttp_t *parser)
{
    struct outcome *theirs = parser->data;

    theirs->body = theirs->head;
    return theirs->head ? HPE_PAUSED : 0;
}

#if LLHTTP_VERSION >= 902
/* llhttp 9 leaves to its caller what RFC 9112 lets a recipient take: LF alone (2.2), Transfer-Encoding beside a length
 * (6.3), white space behind a chunk's size (7.1.1); and bytes behind a response, which are not read here. */
static void be_lenient(llhttp_t *parser)
{
    llhttp_set_lenient_optional_cr_before_lf(parser, 1);
    llhttp_set_lenient_chunked_length(parser, 1);
    llhttp_set_lenient_spaces_after_chunk_size(parser, 1);
    llhttp_set_lenient_data_after_close(parser, 1);
}
#endif

static void ask_theirs(const char *bytes, size_t length, struct outcome *theirs)
{
    llhttp_settings_t settings;
    llhttp_t parser;

    llhttp_settings_init(&settings);
    settings.on_headers_complete = take_head;
    settings.on_body = take_body;
    settings.on_message_complete = take_end;
    llhttp_init(&parser, HTTP_RESPONSE, &settings);
#if LLHTTP_VERSION >= 902
    be_lenient(&parser);
#endif
    parser.data = theirs;
    llhttp_errno_t error = llhttp_execute(&parser, bytes, length);
    if (error == HPE_OK && !theirs->body)
        error = llhttp_finish(&parser);
    theirs->why = theirs->body ? "" : error == HPE_OK ? "HPE_INVALID_EOF_STATE" : llhttp_errno_name(error);
}

/* --- the judgement ----------------------------------------------------------------------------- */

static enum difference_kind compare(const struct outcome *ours, const struct outcome *theirs)
{
    if (ours->head != theirs->head)
        return ours->head ? THEIRS_REFUSES : OURS_REFUSES;
    if (ours->body != theirs->body)
        return ours->body ? THEIRS_CUTS_BODY : OURS_CUTS_BODY;
    if (ours->status != theirs->status)
        return OTHER_RESULT;
    return ours->body && (ours->length != theirs->length || memcmp(ours->bytes, theirs->bytes, ours->length) != 0)
               ? OTHER_RESULT
               : AGREED;
}

static const char *text_of(const char *input, size_t length, const struct outcome *ours)
{
    static char text[2 * DIFFER_INPUT_MAX + 2];
    size_t n = 0;

    for (size_t i = 0; i < length; i++)
        text[n++] = input[i] && input[i] != '\4' ? input[i] : '\1';
    text[n++] = '\4';
    for (size_t i = 0; i < ours->length; i++)
        text[n++] = ours->bytes[i] ? ours->bytes[i] : '\1';
    text[n] = '\0';
    return text;
}

static bool fits(const char *pattern, const char *text)
{
    regex_t regex;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        return false;
    bool found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

static const struct difference *explain(enum difference_kind kind, const char *why, const char *text)
{
    for (size_t i = 0; i < difference_count; i++)
        if (differences[i].kind == kind && strcmp(differences[i].why, why) == 0 && fits(differences[i].pattern, text))
            return &differences[i];
    return NULL;
}

static const char *tell(const struct outcome *ours, const struct outcome *theirs)
{
    static char verdict[256];

    snprintf(verdict, sizeof verdict, "ours: %d, %s body of %zu, %s; llhttp: %d, %s body of %zu, %s", ours->status,
             ours->body ? "whole" : "no", ours->length, ours->why, theirs->status, theirs->body ? "whole" : "no",
             theirs->length, theirs->why);
    return verdict;
}

enum difference_kind differ(const char *bytes, size_t length, const struct difference **explanation,
                            const char **verdict)
{
    static struct outcome ours, theirs;

    ours.head = ours.body = theirs.head = theirs.body = false;
    ours.length = theirs.length = 0;
    ours.status = theirs.status = 0;
    ours.why = theirs.why = "";
    ask_ours(bytes, length, &ours);
    ask_theirs(bytes, length, &theirs);
    enum difference_kind kind = compare(&ours, &theirs);
    const char *why = kind == OURS_REFUSES || kind == OURS_CUTS_BODY ? ours.why
                      : kind == OTHER_RESULT                         ? ""
                                                                     : theirs.why;
    *explanation = kind == AGREED ? NULL : explain(kind, why, text_of(bytes, length, &ours));
    if (verdict)
        *verdict = tell(&ours, &theirs);
    return kind;
}
