/*
 * dns: whether a name server answers for a name with NOERROR; or, where the URL has no name, whether it answers at all.
 *
 * The question goes by UDP, and again by TCP where the answer has no room in a datagram (RFC 7766). An answer without a
 * record of the type that was asked for is healthy, too: the name is there (NODATA of RFC 2308).
 *
 * Without a name the question is for the name servers of the root, and asks the server not to ask others (RD is 0). It
 * answers from what it has, most often by NOERROR or REFUSED. FORMERR alone is no answer: it did not understand.
 */
#include "healthcheck/net/datagram.h"
#include "healthcheck/net/resolve.h"
#include "healthcheck/probes/dnswire.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/sys/memory.h"
#include "pith/diag.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { TYPE_A = 1 };

/* A conversation with a name server. */
struct inquiry {
    struct probe *probe;
    struct dns_question question;
    struct dns_answer answer;
    enum dns_message heard;
    bool named; /* the URL has a name */
    bool by_tcp;
};

/* --- the question ------------------------------------------------------------------------------ */

/* Reads what the URL asks for. Returns NULL; or what is wrong with it, *WHAT being the part of the URL that is. */
static const char *read_url(const struct target *target, struct dns_question *question, struct span *what)
{
    struct span name = target_path_name(target), type;
    bool typed = target_query(target, "type", &type);

    *what = (struct span){ NULL, 0 };
    question->recursive = name.length > 0;
    question->type = question->recursive ? TYPE_A : DNS_NS;
    if (typed && name.length == 0)
        return "needs a name in front of ?type=";
    *what = name;
    if (memchr(name.at, '/', name.length))
        return "is not a name (a / in a name is written %2F)";
    const char *wrong = dns_name_parse(name, &question->name);
    if (wrong || !typed)
        return wrong;
    *what = type;
    return dns_type_parse(type, &question->type) ? NULL : "is no type of record, such as AAAA, nor the number of one";
}

const char *dns_check(struct target *target, struct span *what)
{
    struct dns_question question;

    return read_url(target, &question, what);
}

/* --- the answer -------------------------------------------------------------------------------- */

static bool take_datagram(void *argument, const uint8_t *bytes, size_t length)
{
    struct inquiry *inquiry = argument;

    inquiry->heard = dns_answer_read(&inquiry->question, bytes, length, &inquiry->answer);
    if (inquiry->heard != DNS_FOREIGN)
        return true;
    conn_phase(&inquiry->probe->conn, "hearing only what is no answer to the question");
    return false;
}

/* Reads until LENGTH bytes are there. */
static bool read_whole(struct inquiry *inquiry, uint8_t *bytes, size_t length)
{
    struct conn *conn = &inquiry->probe->conn;

    for (size_t done = 0; done < length;) {
        ssize_t n = conn_read(conn, bytes + done, length - done);
        if (n <= 0)
            return conn_explain_end(conn, n, inquiry->probe->result);
        done += (size_t)n;
    }
    return true;
}

static bool hear_by_tcp(struct inquiry *inquiry, uint8_t *message)
{
    uint8_t prefix[DNS_PREFIX];

    if (!read_whole(inquiry, prefix, sizeof prefix))
        return false;
    size_t length = (size_t)prefix[0] << 8 | prefix[1];
    if (!read_whole(inquiry, message, length))
        return false;
    inquiry->heard = dns_answer_read(&inquiry->question, message, length, &inquiry->answer);
    return inquiry->heard == DNS_FOREIGN
               ? result_fail(inquiry->probe->result, "sent by TCP what is no answer to the question", NULL)
               : true;
}

static bool connect_by_tcp(struct probe *probe)
{
    struct result *result = probe->result;

    if (conn_connect(&probe->conn, probe->target->port, result))
        return true;
    struct text reason = { result->reason, sizeof result->reason, result->reason_length };
    text_string(&reason, " by TCP, after a truncated answer by UDP");
    return result_end(result, &reason, false);
}

/* Asks the server that has answered once more, by TCP. FRAME is the question behind its length. */
static bool ask_by_tcp(struct inquiry *inquiry, struct span frame)
{
    struct probe *probe = inquiry->probe;
    uint8_t *message = memory_get(DNS_MESSAGE_MAX);

    inquiry->by_tcp = true;
    if (!message)
        return result_fail(probe->result, "out of memory", NULL);
    bool heard = connect_by_tcp(probe);
    conn_phase(&probe->conn, "waiting for the answer by TCP");
    if (heard && !conn_write_all(&probe->conn, frame.at, frame.length))
        heard = conn_explain(&probe->conn, probe->result);
    heard = heard && hear_by_tcp(inquiry, message);
    memory_free(message, DNS_MESSAGE_MAX);
    return heard;
}

/* --- the verdict ------------------------------------------------------------------------------- */

static void put_records(const struct inquiry *inquiry, struct text *reason)
{
    unsigned records = inquiry->answer.records;

    if (records == 0) {
        text_string(reason, " without a record of this type");
        return;
    }
    text_string(reason, " with ");
    text_number(reason, records);
    text_string(reason, records == 1 ? " record" : " records");
}

static void judge_rcode(const struct inquiry *inquiry, struct result *result)
{
    struct text reason = result_begin(result);
    unsigned rcode = inquiry->answer.rcode;
    const char *name = dns_rcode_name(rcode);
    bool healthy = inquiry->named ? rcode == DNS_NOERROR : rcode != DNS_FORMERR;

    text_string(&reason, inquiry->named && healthy ? "" : "answered ");
    if (name) {
        text_string(&reason, name);
    } else {
        text_string(&reason, "RCODE ");
        text_number(&reason, rcode);
    }
    if (inquiry->named && healthy)
        put_records(inquiry, &reason);
    text_string(&reason, inquiry->by_tcp ? " by TCP" : "");
    result_end(result, &reason, healthy);
}

static bool ask_server(struct inquiry *inquiry)
{
    struct probe *probe = inquiry->probe;
    struct conn *conn = &probe->conn;
    uint8_t bytes[DNS_PREFIX + DNS_QUESTION_MAX];
    struct span frame = { (const char *)bytes, dns_question_write(&inquiry->question, bytes) }, datagram = frame;

    conn_phase(conn, "resolving");
    if (!resolve(probe->target, probe->conf->family, false, &conn->peers, probe->result))
        return false;
    conn_time(conn, probe->result, TIME_RESOLVE);
    conn_phase(conn, "waiting for the answer");
    span_drop(&datagram, DNS_PREFIX);
    return datagram_ask(conn, probe->target->port, datagram, take_datagram, inquiry, probe->result) &&
           (inquiry->heard != DNS_ANSWER || !inquiry->answer.truncated || ask_by_tcp(inquiry, frame));
}

void probe_dns(struct probe *probe)
{
    struct inquiry inquiry;
    struct span what;

    inquiry.probe = probe;
    inquiry.by_tcp = false;
    read_url(probe->target, &inquiry.question, &what); /* the URL was checked when it was taken apart */
    inquiry.named = inquiry.question.recursive;
    if (syscall(SYS_getrandom, &inquiry.question.id, sizeof inquiry.question.id, 0) != sizeof inquiry.question.id)
        result_fail(probe->result, "no random number is to be had: ", DIAG_ERRNO, NULL);
    else if (!ask_server(&inquiry))
        return;
    else if (inquiry.heard == DNS_MALFORMED)
        result_fail(probe->result, "sent an answer that cannot be read", NULL);
    else
        judge_rcode(&inquiry, probe->result);
}
