/*
 * fcgi: FastCGI, as php-fpm speaks it. The probe asks for php-fpm's ping page (ping.path in its configuration), which
 * is answered by "pong" without running a script.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum {
    HEADER = 8, /* bytes of a record's head: version, type, request (2), length (2), padding, reserved */
    VERSION = 1,
    REQUEST = 1, /* the number of our request */
    BEGIN_REQUEST = 1,
    END_REQUEST = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    STDERR = 7,
    RESPONDER = 1,
    END_SIZE = 8, /* bytes of END_REQUEST: the program's status (4), the protocol's status, reserved (3) */
    OVERLOADED = 2,
    OUTPUT_MAX = 2048, /* bytes of an answer that are looked at */
    PATH_MAX_LENGTH = 1024,
    STATUS_OK = 200,
};

struct record {
    uint8_t type;
    const uint8_t *content;
    size_t size;  /* bytes of the content */
    size_t whole; /* bytes of the record, with head and padding */
};

/* Takes the record at BYTES apart. REPLY_COMPLETE where it is all there. */
static enum reply next_record(const uint8_t *bytes, size_t length, struct record *record)
{
    static const uint8_t version = VERSION;

    if (length > 0 && bytes[0] != version)
        return REPLY_BAD;
    if (length > 1 && bytes[1] != END_REQUEST && bytes[1] != STDOUT && bytes[1] != STDERR)
        return REPLY_BAD;
    if (length < HEADER)
        return REPLY_PARTIAL;
    size_t size = reply_be(bytes + 4, 2);
    if (reply_be(bytes + 2, 2) != REQUEST)
        return REPLY_BAD;
    *record = (struct record){ bytes[1], bytes + HEADER, size, HEADER + size + bytes[6] };
    return length < record->whole ? REPLY_PARTIAL : REPLY_COMPLETE;
}

/* The status in a header line `Status: 404 ...`; 0 for any other line. */
static unsigned fcgi_status(const char *line, size_t length)
{
    static const char name[] = "Status:";
    size_t at = sizeof name - 1;
    unsigned status = 0;

    if (length < sizeof name || !span_is((struct span){ line, at }, name))
        return 0;
    while (at < length && line[at] == ' ')
        at++;
    for (size_t i = 0; i < 3 && at + i < length && line[at + i] >= '0' && line[at + i] <= '9'; i++)
        status = status * 10 + (unsigned)(line[at + i] - '0');
    return status;
}

/* Judges what the program wrote, as CGI has it (RFC 3875, 6): header lines, an empty line, the body. */
static enum reply judge_output(const char *at, size_t length, struct result *result)
{
    const char *end = at + length;
    unsigned status = STATUS_OK;
    ptrdiff_t line;

    while ((line = reply_line((const uint8_t *)at, (size_t)(end - at))) > 0) {
        unsigned found = fcgi_status(at, (size_t)line);
        status = found ? found : status;
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    }
    if (line < 0)
        return REPLY_BAD;
    at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    if (status == STATUS_OK && span_equal((struct span){ at, (size_t)(end - at) }, (struct span){ LITERAL("pong") }))
        result_ok(result, "pong", NULL);
    else
        return reply_number(result, "no pong but status", status, NULL);
    return REPLY_COMPLETE;
}

/* Judges a request that has ended by RECORD, after OUTPUT. */
static enum reply judge_end(const struct record *record, const struct text *output, struct result *result)
{
    if (record->size < END_SIZE)
        return REPLY_BAD;
    if (record->content[4] == OVERLOADED)
        result_fail(result, "overloaded", NULL);
    else if (record->content[4] != 0)
        return reply_number(result, "refused with", record->content[4], NULL);
    else
        return judge_output(output->start, text_kept(output), result);
    return REPLY_COMPLETE;
}

enum reply fcgi_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    char collected[OUTPUT_MAX];
    struct text output = { collected, sizeof collected, 0 };
    struct record record = { 0 };
    enum reply reply;

    while ((reply = next_record(bytes, length, &record)) == REPLY_COMPLETE) {
        if (record.type == END_REQUEST)
            return judge_end(&record, &output, result);
        if (record.type == STDOUT)
            text_bytes(&output, (const char *)record.content, record.size);
        bytes += record.whole;
        length -= record.whole;
    }
    return reply;
}

static void put_record(struct text *out, uint8_t type, const char *content, size_t size)
{
    const char header[HEADER] = { VERSION, (char)type, 0, REQUEST, (char)(size >> 8), (char)size, 0, 0 };

    text_bytes(out, header, sizeof header);
    text_bytes(out, content, size);
}

/* Appends the length of a name or value: one byte, or four, whose highest bit is set. */
static void put_length(struct text *out, size_t length)
{
    if (length > 127) {
        text_char(out, (char)0x80);
        text_char(out, 0);
        text_char(out, (char)(length >> 8));
    }
    text_char(out, (char)length);
}

static void put_fcgi_parameter(struct text *out, const char *name, struct span value)
{
    put_length(out, strlen(name));
    put_length(out, value.length);
    text_string(out, name);
    text_bytes(out, value.at, value.length);
}

/*
 * The file to run, SCRIPT_FILENAME. php-fpm finds its ping page by SCRIPT_NAME, but wants a file to be named, too. It
 * never runs a file whose name has ".." in it, whatever its document root and extensions are. So no URL can make it run
 * a script.
 */
static const struct span no_script = { LITERAL("/..") };

static void put_request(struct text *out, struct span path)
{
    static const char begin[] = { 0, RESPONDER, 0, 0, 0, 0, 0, 0 };
    char bytes[3 * PATH_MAX_LENGTH];
    struct text parameters = { bytes, sizeof bytes, 0 };

    put_fcgi_parameter(&parameters, "REQUEST_METHOD", (struct span){ LITERAL("GET") });
    put_fcgi_parameter(&parameters, "SCRIPT_NAME", path);
    put_fcgi_parameter(&parameters, "SCRIPT_FILENAME", no_script);
    put_fcgi_parameter(&parameters, "REQUEST_URI", path);
    put_fcgi_parameter(&parameters, "QUERY_STRING", (struct span){ LITERAL("") });
    put_record(out, BEGIN_REQUEST, begin, sizeof begin);
    put_record(out, PARAMS, bytes, text_kept(&parameters));
    put_record(out, PARAMS, LITERAL(""));
    put_record(out, STDIN, LITERAL(""));
}

void probe_fcgi(struct probe *probe)
{
    struct span path = probe->target->path.length > 1 ? probe->target->path : (struct span){ LITERAL("/ping") };
    char bytes[4 * PATH_MAX_LENGTH];
    struct text request = { bytes, sizeof bytes, 0 };
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    if (path.length > PATH_MAX_LENGTH) {
        result_fail(probe->result, "the path is longer than 1024 bytes", NULL);
        return;
    }
    put_request(&request, path);
    conn_phase(&probe->conn, "waiting for the pong");
    dialogue_ask(&dialogue, bytes, request.length, fcgi_judge);
}
