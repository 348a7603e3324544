/*
 * A check: takes the targets apart, gives up the rights that no probe needs, tries all targets at once, with --wait
 * again until they are healthy, with --hold again while they are, and reports. One target runs on the main thread where
 * it cannot get stuck; else workers.c runs each on a thread of its own.
 */
#include "healthcheck/check.h"

#include "healthcheck/features.h"
#include "healthcheck/hint/hint.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/net/gate.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/readiness.h"
#include "healthcheck/report.h"
#include "healthcheck/stay.h"
#include "healthcheck/sys/sandbox.h"
#include "healthcheck/sys/signals.h"
#include "healthcheck/sys/sleep.h"
#include "healthcheck/workers.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 100,
    TARGETS_FEW = 3,
    NO_WAIT = 8, /* RWF_NOWAIT, which musl has no name for */
};

/* A check: its targets, and the results of the last try. */
struct round {
    const struct check_conf *conf;
    struct target *targets;
    struct result *results;
    size_t count;
    int64_t deadline; /* of the last try, CLOCK_MONOTONIC in ns */
    bool last;        /* once the first byte is read, nothing has to be opened any more: conn_last */
};

/* The usage error of a target. What is wrong with it is quoted unless it could be a piece of a password. */
static void refuse_target(const char *string, const struct target_error *error)
{
    char shown[TARGET_SHOWN_MAX], what[TARGET_SHOWN_MAX];
    const char *at = strrchr(string, '@');

    target_show_raw(string, shown);
    if (!error->what.at || error->what.at < at)
        diagf("%s: %s", *shown ? shown : "TARGET", error->why);
    else
        diagf("%s: '%s' %s", shown, text_copy(what, sizeof what, error->what.at, error->what.length), error->why);
}

/* Whether a certificate has its key, and a key its certificate. */
static COLD bool has_pair(const struct check_conf *conf)
{
    const char *single = !conf->keys ? conf->certifies : !conf->certifies ? conf->keys : NULL;

    if (!PITH_TLS || !single)
        return true;
    diagf("%s: needs %s", single, conf->keys ? "--cert" : "--key");
    return false;
}

/*
 * What an option is about some target must have, or the option would be believed to be heeded. Nor may options
 * contradict each other where they are about a target that is there. False after a message.
 */
static COLD bool heeds_options(const struct round *round)
{
    const struct check_conf *conf = round->conf;
    bool page = false, http = false, header = false, tls = false, connected = false;

    for (size_t i = 0; i < round->count; i++) {
        uint16_t flags = round->targets[i].kind->flags;
        page = page || (flags & (PROBE_HTTP | PROBE_PAGE));
        http = http || (flags & PROBE_HTTP);
        header = header || (flags & (PROBE_HTTP | PROBE_H2));
        tls = tls || round->targets[i].tls || (conf->probe.follow && (flags & PROBE_HTTP));
        connected = connected || !(flags & (PROBE_OFFLINE | PROBE_DATAGRAM));
    }
    if (conf->judges_http && !page)
        diagf("%s: there is no target of HTTP to judge", conf->judges_http);
    else if (conf->speaks_http && !http)
        diagf("%s: there is no target of HTTP", conf->speaks_http);
    else if (conf->in_header && !header)
        diagf("%s: there is no target of HTTP or gRPC%s", conf->in_header,
              strcmp(conf->in_header, "--user") == 0 ? "; to others a URL names a user" : "");
    else if (conf->needs_tls && !tls)
        diagf("%s: there is no target with TLS, as https://", conf->needs_tls);
    else if (conf->connects && !connected)
        diagf("%s: there is no target to connect to", conf->connects);
    else if (conf->heads && http && matchers_any(&conf->probe.matchers))
        diagf("%s: 'HEAD' has no body to match", conf->heads);
    else
        return !tls || has_pair(conf);
    return false;
}

static bool parse_targets(const struct round *round)
{
    struct target_error error;

    for (size_t i = 0; i < round->count; i++)
        if (!target_parse(round->conf->targets[i], &round->targets[i], &error)) {
            refuse_target(round->conf->targets[i], &error);
            return false;
        }
    const struct check_conf *conf = round->conf;
    return !(conf->judges_http || conf->needs_tls || conf->speaks_http || conf->in_header || conf->connects ||
             conf->heads || conf->certifies || conf->keys) ||
           heeds_options(round);
}

/* Whether no file and no name server is asked where the target is. */
static HOT bool is_near(const struct target *target)
{
    return target->socket.at || target->numeric || target->local;
}

/* Whether the main thread can run the probe: nothing in it can block beyond the deadline, as DNS or an expression can.
 */
static HOT bool is_simple(const struct round *round)
{
    return round->count == 1 && round->conf->probe.matchers.regex_count == 0 && is_near(&round->targets[0]);
}

/* Whether of an answer no more is read than the head of one of HTTP. */
static bool reads_little(const struct target *target)
{
    uint16_t flags = target->kind->flags;

    return (flags & PROBE_HTTP) || ((flags & PROBE_SILENT) && !(PITH_EXTRAS && target->query.at));
}

/* Whether the targets are plain ones, of several. */
static COLD bool are_plain(const struct round *round)
{
    const struct probe_conf *conf = &round->conf->probe;

    for (size_t i = 0; i < round->count; i++) {
        const struct target *target = &round->targets[i];
        if (!is_near(target) || !reads_little(target) || target->tls)
            return false;
    }
    return !conf->follow && !conf->http2 && !matchers_any(&conf->matchers);
}

/*
 * Whether the check is a plain probe, which runs without a filter of system calls: it reads nothing, or the head of one
 * HTTP answer, by a parser that is short, has no heap and sees 2 KiB at a time. A filter would cost it a fifth more.
 */
static bool is_plain(const struct round *round)
{
    if (round->count != 1)
        return are_plain(round);
    const struct probe_conf *conf = &round->conf->probe;
    const struct target *target = &round->targets[0];

    if (target->kind->flags & PROBE_OFFLINE)
        return !target->host.at || is_near(target);
    return is_simple(round) && reads_little(target) && !target->tls && !conf->follow && !conf->http2 &&
           !matchers_any(&conf->matchers);
}

/*
 * Gives up the rights that no probe needs (sandbox.h), but for plain probes and where COMMAND would inherit the loss.
 * For a single try.
 */
static HOT void confine(struct round *round)
{
    const struct check_conf *conf = round->conf;

    if (conf->command || is_plain(round))
        return;
    sandbox_enter(false);
    round->last = !conf->probe.follow;
}

static HOT void run_alone(const struct round *round, int64_t start, int64_t deadline)
{
    struct probe probe;

    probe.target = round->targets;
    probe.conf = &round->conf->probe;
    probe.result = round->results;
    conn_init(&probe.conn, start, deadline, probe.conf->timed);
    if (round->last)
        conn_last(&probe.conn, true);
    probe_run(&probe);
    if (round->conf->repeats) /* else the process is about to end */
        conn_close(&probe.conn);
}

static HOT bool judge(const struct round *round)
{
    size_t healthy = 0;

    for (size_t i = 0; i < round->count; i++)
        healthy += round->results[i].healthy;
    return round->conf->any ? healthy > 0 : healthy == round->count;
}

/* Makes all targets unhealthy because of WHY, without a packet. */
static COLD bool refuse_all(const struct round *round, const char *why)
{
    for (size_t i = 0; i < round->count; i++) {
        result_init(&round->results[i]);
        result_fail(&round->results[i], why, NULL);
    }
    return false;
}

/* More than one target, or one that could get stuck. Threads have a filter, also those of plain probes. */
static COLD void run_many(const struct round *round, int64_t start, int64_t deadline)
{
    static struct start starts[TARGETS_MAX];
    const struct check_conf *conf = round->conf;
    bool plain = are_plain(round), together = plain && !conf->probe.timed && !conf->probe.dry_run;

    if (together && together_run(conf, round->targets, round->results, round->count, start, deadline, starts))
        return;
    if (plain && !conf->command && !conf->repeats)
        sandbox_enter(false);
    workers_run(conf, round->targets, round->results, round->count, start, deadline, together ? starts : NULL);
}

static HOT bool try_targets(const struct round *round, int64_t start, int64_t deadline)
{
    if (is_simple(round))
        run_alone(round, start, deadline);
    else
        run_many(round, start, deadline);
    return judge(round);
}

static COLD bool try_if_ready(const struct round *round, int64_t start, int64_t deadline)
{
    const char *doubt = NULL, *refusal = readiness_refusal(deadline, round->conf->verbose ? &doubt : NULL);

    if (refusal)
        return refuse_all(round, refusal);
    bool healthy = try_targets(round, start, deadline);
    if (doubt)
        round->results[0].note = doubt;
    return healthy;
}

static HOT bool try_once(struct round *round, int64_t start, int64_t end)
{
    int64_t deadline = time_add(start, round->conf->timeout);

    round->deadline = deadline < end ? deadline : end;
    return round->conf->readiness ? try_if_ready(round, start, round->deadline)
                                  : try_targets(round, start, round->deadline);
}

/* Whether a further try could only have the same result. */
static COLD bool is_final(const struct round *round)
{
    size_t final = 0;

    for (size_t i = 0; i < round->count; i++)
        final += round->results[i].final;
    return round->conf->any ? final == round->count : final > 0;
}

/*
 * The end of --wait cuts the last try short. That a target did not answer in what was left says less than its answer
 * to the try before, which KEPT has and which is then told.
 */
static COLD void tell_answers(const struct round *round, int64_t start, struct result kept[])
{
    bool cut = time_add(start, round->conf->timeout) > round->deadline;

    for (size_t i = 0; i < round->count; i++) {
        struct result *result = &round->results[i];
        bool late = !result->healthy && result->times[TIME_TOTAL] >= round->deadline - start;
        if (cut && late && kept[i].reason_length > 0 && !kept[i].healthy)
            *result = kept[i];
        else
            kept[i] = *result;
    }
}

/* --wait: tries until healthy. */
static COLD bool wait_for_health(struct round *round, int64_t now)
{
    static struct result kept[TARGETS_MAX];
    const struct check_conf *conf = round->conf;
    int64_t end = time_add(now, conf->wait), interval = conf->interval ? conf->interval : 500 * NS_PER_MS;

    while (!try_once(round, now, end)) {
        tell_answers(round, now, kept);
        if (is_final(round))
            return false;
        int64_t next = time_add(time_now(), interval);
        bool slept = sleep_until(next < end ? next : end);
        now = time_now();
        if (now >= end || !slept)
            return false;
    }
    return true;
}

/* Writes the report without waiting, or for PATIENCE_MS at most where the pipe is full: a stuck reader must not hold up
 * the end. */
static void write_soon(int fd, char *bytes, size_t length)
{
    const struct iovec all = { bytes, length };
    struct pollfd output = { .fd = fd, .events = POLLOUT };
    long n = syscall(SYS_pwritev2, fd, &all, 1, -1L, -1L, NO_WAIT);
    size_t done = n > 0 ? (size_t)n : 0;

    if (done < length && poll(&output, 1, PATIENCE_MS) != 0) /* a pipe with room has it for all (PIPE_BUF) */
        write_all(fd, bytes + done, length - done);
}

/* What may be the reason of a failure; NULL where nothing shall be told of it. */
static COLD const struct hints *find_hints(const struct round *round)
{
    static struct hints hints;

    if (!PITH_HINTS || round->conf->no_hints)
        return NULL;
    hints_find(round->results, round->count, round->deadline - time_now(), &hints);
    return &hints;
}

/* Writes all that is to be told, and returns how long the report is. */
static HOT size_t report(const struct round *round, bool healthy)
{
    char bytes[REPORT_MAX];
    struct text out = { bytes, sizeof bytes, 0 };

    diag_hurry();
    gate_tell();
    if (healthy && round->conf->quiet)
        return 0;
    const struct hints *hints = healthy ? NULL : find_hints(round);
    report_put(round->conf, round->targets, round->results, round->count, hints, &out);
    write_soon(STDOUT_FILENO, bytes, text_kept(&out));
    return text_kept(&out);
}

/* --hold: tries until unhealthy, or for as long as a probe of this kind may stay. */
static COLD bool try_while_healthy(struct round *round, struct stay *stay)
{
    for (;;) {
        int64_t now = time_now();
        bool healthy = try_once(round, now, TIME_NEVER);
        const struct hold_try try = { now, time_now(), healthy, stay_has_rival(stay) };
        workers_sweep();
        stay_note(stay, round->results, round->count);
        if (hold_judge(&stay->hold, &try) != HOLD_TRY)
            return healthy;
        if (!sleep_until(stay->hold.next))
            return healthy;
    }
}

/* The line of -v where no probe can stay. A report that leaves no room for it is worth more. */
static COLD void report_obstacle(const struct round *round, const struct stay *stay, size_t reported)
{
    char bytes[256];
    struct text out = { bytes, sizeof bytes, 0 };

    stay_put_obstacle(stay, &out);
    if (round->conf->verbose && reported > 0 && !round->conf->json_output && reported + text_kept(&out) <= REPORT_MAX)
        diag_write(STDOUT_FILENO, bytes, text_kept(&out));
}

static COLD bool hold_targets(struct round *round)
{
    struct stay stay;

    stay_begin(&stay, round->conf);
    sandbox_enter(true);
    bool healthy = try_while_healthy(round, &stay);
    stay_tell(&stay, round->results, round->count);
    size_t reported = report(round, healthy);
    if (healthy)
        stay_end(&stay);
    report_obstacle(round, &stay, reported);
    return healthy;
}

static COLD bool check_repeatedly(struct round *round, int64_t now)
{
    signals_listen();
    if (PITH_HOLD && round->conf->hold > 0)
        return hold_targets(round);
    if (!round->conf->command)
        sandbox_enter(false);
    bool healthy = wait_for_health(round, now);
    report(round, healthy);
    return healthy;
}

static HOT bool check_targets(struct round *round)
{
    if (!parse_targets(round))
        return false;
    int64_t now = time_now();
    if (now == 0) {
        diagf("cannot read the clock: %s", DIAG_ERRNO);
        return false;
    }
    if (round->conf->repeats)
        return check_repeatedly(round, now);
    confine(round);
    bool healthy = try_once(round, now, TIME_NEVER);
    report(round, healthy);
    return healthy;
}

static bool check_one(const struct check_conf *conf)
{
    struct target target;
    struct result result;

    return check_targets(&(struct round){ conf, &target, &result, 1, 0, false });
}

/* A few, which need fewer pages of the stack. */
static COLD bool check_few(const struct check_conf *conf)
{
    struct target targets[TARGETS_FEW];
    struct result results[TARGETS_FEW];

    return check_targets(&(struct round){ conf, targets, results, conf->target_count, 0, false });
}

static COLD bool check_many(const struct check_conf *conf)
{
    struct target targets[TARGETS_MAX];
    struct result results[TARGETS_MAX];

    return check_targets(&(struct round){ conf, targets, results, conf->target_count, 0, false });
}

bool check(const struct check_conf *conf)
{
    return conf->target_count == 1             ? check_one(conf)
           : conf->target_count <= TARGETS_FEW ? check_few(conf)
                                               : check_many(conf);
}
