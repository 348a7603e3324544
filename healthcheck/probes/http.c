/*
 * http, https, http+unix, https+unix: a request, and the verdict on its answer. By HTTP/1.1, or in http2.c by HTTP/2.
 *
 * The head of the answer is always read. The body is read only where a matcher wants it. Each redirect that is followed
 * is a further request, over a connection of its own.
 */
#include "healthcheck/features.h"
#include "healthcheck/http/body.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/http/redirect.h"
#include "healthcheck/http/request.h"
#include "healthcheck/http/response.h"
#include "healthcheck/probes/http2.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/sys/memory.h"
#include "pith/duration.h"
#include "pith/layout.h"

enum {
    REQUEST_USUAL = 1024, /* bytes of a request that is built on the stack */
    READ_SIZE = 2048,     /* bytes that are read at once */
};

/* The state of a probe: the request that is under way, and its answer. */
struct exchange {
    struct probe *probe;
    struct http_response response;
    unsigned hops;         /* redirects followed so far */
    enum http_share share; /* what the request may have of the user's headers and credentials */
    size_t unread;         /* bytes in `buffer`, from `at` on, that belong to the body */
    size_t at;
    struct http2_answer http2; /* with --http2; `call` is NULL where HTTP/1 is spoken */
    char buffer[READ_SIZE];
};

static bool http_fail(struct exchange *exchange, const char *why)
{
    return result_fail(exchange->probe->result, why, NULL);
}

/* Says why conn_read or conn_write_early has returned N, which is 0 or -1. Always false. */
static bool broken(struct exchange *exchange, ssize_t n)
{
    return conn_explain_end(&exchange->probe->conn, n, exchange->probe->result);
}

/* Reads into the buffer. FIRST: this is the first byte of an answer, whose time is taken. */
static HOT ssize_t fill(struct exchange *exchange, bool first)
{
    ssize_t n = conn_read(&exchange->probe->conn, exchange->buffer, sizeof exchange->buffer);

    if (first && n > 0)
        conn_time(&exchange->probe->conn, exchange->probe->result, TIME_FIRST_BYTE);
    exchange->at = 0;
    exchange->unread = n > 0 ? (size_t)n : 0;
    return n;
}

/* What stands in front of the request. With TLS it is probe_reach that sends it, and with HTTP/2 http2.c. */
static COLD void put_proxy_line(const struct probe *probe, const struct target *target, struct text *out)
{
    if (!target->tls && !probe->conf->http2)
        text_literal(out, PROXY_LINE);
}

static HOT void put_http_request(const struct probe *probe, const struct target *target, enum http_share share,
                                 struct text *out)
{
    if (PITH_EXTRAS && probe->conf->proxied)
        put_proxy_line(probe, target, out);
    http_request_put(&probe->conf->request, target, share, out);
}

/*
 * Connects. Without TLS the request is sent as soon as the connection is there, which saves a system call. Where
 * probe_http_begin came before, both are done.
 */
static bool reach(struct exchange *exchange, const struct target *target, const struct text *request)
{
    if (exchange->probe->conn.fd >= 0)
        return true;
    bool plain = !target->tls;

    conn_open_with(&exchange->probe->conn, (struct span){ request->start, plain ? request->length : 0 });
    return probe_reach(exchange->probe, target);
}

/* Sends REQUEST and reads the head of the answer, which may come before all of the request is sent. */
static HOT bool converse_http1(struct exchange *exchange, const struct target *target, const struct text *request)
{
    enum http_progress progress = HTTP_PARTIAL;
    bool first = true;

    if (!reach(exchange, target, request))
        return false;
    size_t sent = exchange->probe->conn.opened;
    conn_phase(&exchange->probe->conn, "sending the request");
    while (progress == HTTP_PARTIAL) {
        if (sent < request->length) {
            ssize_t n = conn_write_early(&exchange->probe->conn, request->start + sent, request->length - sent);
            if (n < 0)
                return broken(exchange, n);
            sent += (size_t)n;
        }
        conn_phase(&exchange->probe->conn, http_response_phase(&exchange->response));
        ssize_t n = fill(exchange, first);
        first = false;
        if (n <= 0)
            return broken(exchange, n);
        size_t used;
        progress = http_response_feed(&exchange->response, exchange->buffer, exchange->unread, &used);
        exchange->at = used;
        exchange->unread -= used;
    }
    return progress == HTTP_COMPLETE ? true : http_fail(exchange, exchange->response.why);
}

/* --http2. With TLS it is the server that chooses. */
static COLD bool converse_http2(struct exchange *exchange, const struct target *target, const struct text *request)
{
    struct probe *probe = exchange->probe;

#if PITH_TLS
    if (target->tls) {
        conn_open_with(&probe->conn, (struct span){ NULL, 0 });
        if (!probe_reach(probe, target))
            return false;
        if (!tls_speaks_http2(&probe->conn)) {
            probe->result->note = "by HTTP/1.1, as the server did not choose HTTP/2 (ALPN)";
            return converse_http1(exchange, target, request);
        }
    }
#endif
    return probe_http2_ask(probe, target, request, &exchange->response, matchers_any(&probe->conf->matchers),
                           &exchange->http2);
}

static HOT bool converse(struct exchange *exchange, const struct target *target, const struct text *request)
{
    return PITH_GRPC && exchange->probe->conf->http2 ? converse_http2(exchange, target, request)
                                                     : converse_http1(exchange, target, request);
}

/* Builds a request of LENGTH bytes in memory of its own, and has it answered. */
static COLD bool send_long_request(struct exchange *exchange, const struct target *target, size_t length)
{
    struct text request = { memory_get(length), length, 0 };

    if (!request.start)
        return http_fail(exchange, "out of memory");
    put_http_request(exchange->probe, target, exchange->share, &request);
    bool answered = converse(exchange, target, &request);
    memory_free(request.start, request.size);
    return answered;
}

/* Builds the request, on the stack where it fits, and has it answered. */
static HOT bool send_request(struct exchange *exchange, const struct target *target)
{
    char usual[REQUEST_USUAL];
    struct text request = { usual, sizeof usual, 0 };

    put_http_request(exchange->probe, target, exchange->share, &request);
    return request.length <= request.size ? converse(exchange, target, &request)
                                          : send_long_request(exchange, target, request.length);
}

static COLD void put_hops(const struct exchange *exchange, struct text *reason)
{
    text_string(reason, " after ");
    text_number(reason, exchange->hops);
    text_string(reason, exchange->hops == 1 ? " redirect" : " redirects");
}

/* Writes the verdict with the status as its reason: which was wanted, or how many redirects there were. */
static bool tell_status(struct exchange *exchange, bool healthy)
{
    struct text reason = result_begin(exchange->probe->result);

    text_number(&reason, (uint64_t)exchange->response.status);
    if (healthy && exchange->hops > 0)
        put_hops(exchange, &reason);
    if (!healthy)
        matchers_put_wanted(&exchange->probe->conf->matchers, &reason);
    return result_end(exchange->probe->result, &reason, healthy);
}

/* Reads the body into OUT, as much as has room. */
static bool read_body(struct exchange *exchange, struct text *out)
{
    struct http_body body;
    enum http_progress progress;

    conn_phase(&exchange->probe->conn, "reading the body");
    if (PITH_GRPC && exchange->probe->conf->http2 && exchange->http2.call)
        return probe_http2_body(&exchange->http2, out);
    http_body_init(&body, &exchange->response, out);
    progress = http_body_feed(&body, exchange->buffer + exchange->at, exchange->unread);
    while (progress == HTTP_PARTIAL) {
        ssize_t n = fill(exchange, false);
        if (n < 0)
            return broken(exchange, n);
        progress = n == 0 ? http_body_end(&body) : http_body_feed(&body, exchange->buffer, (size_t)n);
    }
    return progress == HTTP_COMPLETE ? true : http_fail(exchange, body.why);
}

/* RFC 9110, 6.4.1. HEAD, whose answer has no body either, is a usage error where one is to be matched. */
static bool has_body(int status)
{
    return status != 101 && status != 204 && status != 304;
}

static bool judge_body(struct exchange *exchange, const char *body, size_t length, bool cut)
{
    conn_phase(&exchange->probe->conn, "matching the body");
    return matchers_hold(&exchange->probe->conf->matchers, body, length, cut, exchange->probe->result);
}

static COLD bool match_body(struct exchange *exchange)
{
    bool sent = has_body(exchange->response.status);

    if (exchange->response.coded && sent)
        return http_fail(exchange, "the body is encoded (such as gzip) and cannot be searched");
    /* A byte more than is looked at tells whether the body is longer; the NUL behind the body then takes its place. */
    struct text body = { memory_get(BODY_MAX + 1), BODY_MAX + 1, 0 };
    if (!body.start)
        return http_fail(exchange, "out of memory");
    bool holds = !sent || read_body(exchange, &body);
    bool cut = body.length > BODY_MAX;
    body.start[cut ? BODY_MAX : body.length] = '\0';
    if (holds)
        holds = judge_body(exchange, body.start, cut ? BODY_MAX : body.length, cut);
    memory_free(body.start, body.size);
    return holds;
}

static HOT void judge_answer(struct exchange *exchange)
{
    const struct matchers *matchers = &exchange->probe->conf->matchers;
    bool wanted = matchers_want(matchers, exchange->response.status);

    if (wanted && matchers_any(matchers) && !match_body(exchange))
        return;
    tell_status(exchange, wanted);
}

static bool is_redirect(const struct http_response *response)
{
    switch (response->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return response->has_location;
    default:
        return false;
    }
}

/* Makes one request to TARGET, over a connection of its own. True when the head of the answer is there. */
static bool request(struct exchange *exchange, const struct target *target, struct text location)
{
    http_response_init(&exchange->response, location.start, location.size);
    if (!send_request(exchange, target))
        return false;
    exchange->probe->result->status = exchange->response.status;
    return true;
}

/* Prepares to follow the redirect, which FROM has answered: its URL goes to URL, and is taken apart into *NEXT. */
static bool hop(struct exchange *exchange, const struct target *from, char *url, struct target *next)
{
    const struct text *location = &exchange->response.location;

    if (exchange->hops == REDIRECTS_MAX) {
        exchange->hops++;
        return http_fail(exchange, "more than 10 redirects");
    }
    if (location->length > location->size)
        return http_fail(exchange, "redirect to a URL that is too long");
    const char *why =
        redirect_resolve(from, (struct span){ location->start, location->length }, url, TARGET_LENGTH_MAX, next);
    if (why)
        return http_fail(exchange, why);
    if (next->port != from->port)
        exchange->share = HTTP_SHARE_NOTHING;
    else if (exchange->share == HTTP_SHARE_ALL)
        exchange->share = HTTP_SHARE_HEADERS;
    exchange->hops++;
    if (PITH_GRPC)
        probe_http2_end(&exchange->http2);
    conn_close(&exchange->probe->conn);
    result_init(exchange->probe->result); /* what is told is of the last server: status, address, times */
    exchange->probe->conn.mark = time_now();
    return true;
}

/* Adds to the reason how many redirects came before, and at which port the server is that it is about. */
static void blame(struct exchange *exchange, uint16_t port)
{
    struct result *result = exchange->probe->result;
    struct text reason = { result->reason, sizeof result->reason, result->reason_length };

    text_char(&reason, ',');
    put_hops(exchange, &reason);
    if (port > 0) {
        text_string(&reason, ", to port ");
        text_number(&reason, port);
    }
    result_end(result, &reason, false);
}

static COLD void follow_redirects(struct exchange *exchange, const struct target *target)
{
    char location[TARGET_LENGTH_MAX], urls[2][TARGET_LENGTH_MAX];
    struct target targets[2] = { *target };
    struct text buffer = { location, sizeof location, 0 };
    unsigned current = 0;

    for (;; current = !current) {
        if (!request(exchange, &targets[current], buffer))
            break;
        if (!is_redirect(&exchange->response)) {
            judge_answer(exchange);
            break;
        }
        if (!hop(exchange, &targets[current], urls[!current], &targets[!current]))
            break;
    }
    if (!exchange->probe->result->healthy && exchange->hops > 0 && exchange->hops <= REDIRECTS_MAX)
        blame(exchange, targets[current].port);
}

bool probe_http_begin(struct probe *probe)
{
    char bytes[REQUEST_USUAL];
    struct text request = { bytes, sizeof bytes, 0 };
    struct http_response response;

    put_http_request(probe, probe->target, HTTP_SHARE_ALL, &request);
    conn_open_with(&probe->conn, (struct span){ bytes, request.length });
    if (request.length > request.size) {
        conn_broken(&probe->conn, CONN_DEADLINE);
        return false;
    }
    if (!probe_reach(probe, probe->target))
        return false;
    /* another error is no end: the server may have answered already */
    if (!conn_send_opening(&probe->conn) && probe->conn.error == CONN_DEADLINE)
        return false;
    http_response_init(&response, NULL, 0);
    conn_phase(&probe->conn, http_response_phase(&response));
    return true;
}

/* With --follow, or --http2. */
static COLD void probe_at_length(struct exchange *exchange)
{
    const struct probe *probe = exchange->probe;

    exchange->http2.call = NULL;
    if (PITH_EXTRAS && probe->conf->follow)
        follow_redirects(exchange, probe->target);
    else if (request(exchange, probe->target, (struct text){ NULL, 0, 0 }))
        judge_answer(exchange);
    if (PITH_GRPC)
        probe_http2_end(&exchange->http2);
}

HOT void probe_http(struct probe *probe)
{
    struct exchange exchange;

    exchange.probe = probe;
    exchange.hops = 0;
    exchange.share = HTTP_SHARE_ALL;
    if ((PITH_EXTRAS && probe->conf->follow) || (PITH_GRPC && probe->conf->http2))
        probe_at_length(&exchange);
    else if (request(&exchange, probe->target, (struct text){ NULL, 0, 0 }))
        judge_answer(&exchange);
}
