/*
 * The report: a line of text or a JSON object for each target, in 4095 bytes at most. What does not fit is left out in
 * the order of enum detail: the hints, the times, then the addresses; at last targets and reasons are cut.
 */
#include "healthcheck/report.h"

#include "healthcheck/features.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <stdint.h>

/* How much the report tells; each tells less than the one before. */
enum detail { EVERYTHING, HINTS_ONCE, NO_HINTS, NO_TIMES, NO_ADDRESS, CUT };

/* Bytes of a line beside its target and its reason, where both are cut. */
enum { TEXT_FRAME = 9, JSON_FRAME = 56 };

struct report {
    const struct check_conf *conf;
    const struct hints *hints;
    struct text *out;
    enum detail detail;
    size_t share;  /* bytes of a line that is cut */
    unsigned told; /* whose hints were, a bit for each cause */
};

static const char indent[] = "      "; /* of further lines of a target */

static const struct {
    const char *name;
    const char *key;
} times[TIMES_COUNT] = {
    [TIME_RESOLVE] = { "resolve", "resolve" },
    [TIME_CONNECT] = { "connect", "connect" },
    [TIME_TLS] = { "tls", "tls" },
    [TIME_FIRST_BYTE] = { "first byte", "first_byte" },
    [TIME_TOTAL] = { "total", "total" },
};

/* How many bytes at AT are printable ASCII that needs no escape: nearly all, which the fast path of put_safe takes. */
static size_t plain_length(const char *at, size_t left, bool json)
{
    size_t n = 0;

    while (n < left && (unsigned char)(at[n] - ' ') <= '~' - ' ' && !(json && (at[n] == '"' || at[n] == '\\')))
        n++;
    return n;
}

/* Puts PIECE, as far as OUT gets no longer than END. A character that must not be shown becomes `?`. */
static HOT void put_safe(struct text *out, struct span piece, bool json, size_t end)
{
    for (size_t at = 0; at < piece.length;) {
        size_t n = plain_length(piece.at + at, piece.length - at, json), room = end - out->length;
        text_bytes(out, piece.at + at, n < room ? n : room);
        at += n;
        if (at == piece.length || n > room)
            return;
        n = text_visible(piece.at + at, piece.length - at);
        bool escape = json && (piece.at[at] == '"' || piece.at[at] == '\\');
        if (out->length + (n ? n : 1) + escape > end)
            return;
        text_string(out, escape ? "\\" : "");
        text_bytes(out, n ? piece.at + at : "?", n ? n : 1);
        at += n ? n : 1;
    }
}

static size_t safe_length(const struct report *report, const struct span *pieces, size_t count)
{
    struct text measure = { NULL, 0, 0 };

    for (size_t i = 0; i < count; i++)
        put_safe(&measure, pieces[i], PITH_EXTRAS && report->conf->json_output, SIZE_MAX);
    return measure.length;
}

/* Puts COUNT pieces in at most ROOM bytes (SIZE_MAX: any). Where they are cut, the last three bytes are dots. */
static HOT void put_field(struct report *report, const struct span *pieces, size_t count, size_t room)
{
    bool cut = room != SIZE_MAX && safe_length(report, pieces, count) > room;
    size_t end = cut ? report->out->length + room - 3 : SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        put_safe(report->out, pieces[i], PITH_EXTRAS && report->conf->json_output, end);
    if (cut)
        text_string(report->out, "...");
}

/* How many bytes target and reason may take of a line that is cut. */
struct rooms {
    size_t target;
    size_t reason;
};

/* Each gets half of the room, and what it does not need goes to the other one. */
static COLD struct rooms share_out(const struct report *report, const struct span *pieces,
                                   const struct span *reason_piece)
{
    size_t target = safe_length(report, pieces, TARGET_PIECES), reason = safe_length(report, reason_piece, 1);
    size_t room = report->share - (report->conf->json_output ? JSON_FRAME : TEXT_FRAME), half = room / 2;

    if (target + reason <= room)
        return (struct rooms){ SIZE_MAX, SIZE_MAX };
    if (reason < half)
        return (struct rooms){ room - reason, SIZE_MAX };
    return (struct rooms){ half, target < half ? room - target : room - half };
}

static struct span address_of(const struct result *result)
{
    return (struct span){ result->address, result->address_length };
}

/* What is to be told beside the reason of RESULT, or nothing. */
static COLD struct span hint_of(struct report *report, const struct result *result)
{
    const struct span hint = hints_of(report->hints, result), none = { NULL, 0 };

    if (hint.length == 0 || report->detail < HINTS_ONCE)
        return hint;
    if (report->detail > HINTS_ONCE || (report->told & 1U << result->cause))
        return none;
    report->told |= 1U << result->cause;
    return hint;
}

static COLD void put_hint(struct report *report, const struct result *result)
{
    const struct span hint = hint_of(report, result);

    if (hint.length == 0)
        return;
    text_string(report->out, indent);
    put_field(report, &hint, 1, SIZE_MAX);
    text_char(report->out, '\n');
}

/* The second line of -v: the address that was talked to, and the time of each phase. Nothing where there was no try. */
static COLD void put_phases(struct report *report, const struct result *result)
{
    const struct span address = address_of(result);
    const char *separator = address.length > 0 ? "  " : "";

    text_string(report->out, indent);
    put_field(report, &address, 1, SIZE_MAX);
    for (int i = 0; i < TIMES_COUNT && report->detail < NO_TIMES; i++) {
        if (result->times[i] < 0)
            continue;
        text_strings(report->out, separator, times[i].name, " ", NULL);
        text_milliseconds(report->out, result->times[i]);
        separator = ", ";
    }
    text_char(report->out, '\n');
}

static void put_text(struct report *report, const struct span *target, struct span reason, struct rooms rooms,
                     const struct result *result)
{
    text_bytes(report->out, result->healthy ? "ok    " : "FAIL  ", strlen("ok    "));
    put_field(report, target, TARGET_PIECES, rooms.target);
    text_bytes(report->out, HOT_STRING("  "), 2);
    put_field(report, &reason, 1, rooms.reason);
    text_char(report->out, '\n');
    if (report->hints)
        put_hint(report, result);
    if (!report->conf->verbose || report->detail >= NO_ADDRESS)
        return;
    if (result->times[TIME_TOTAL] >= 0)
        put_phases(report, result);
    if (result->note)
        text_strings(report->out, indent, result->note, "\n", NULL);
}

/* Milliseconds with three digits behind the point. */
static void put_ms(struct text *out, int64_t ns)
{
    uint64_t fraction = (uint64_t)(ns % NS_PER_MS) / 1000;

    text_number(out, (uint64_t)(ns / NS_PER_MS));
    text_string(out, fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".");
    text_number(out, fraction);
}

static void put_json_times(struct text *out, const struct result *result)
{
    text_string(out, ",\"times_ms\":{");
    for (int i = 0; i < TIMES_COUNT; i++) {
        text_strings(out, i > 0 ? ",\"" : "\"", times[i].key, "\":", NULL);
        if (result->times[i] < 0)
            text_string(out, "null");
        else
            put_ms(out, result->times[i]);
    }
    text_char(out, '}');
}

static void put_json_hint(struct report *report, const struct result *result)
{
    const struct span hint = hint_of(report, result);

    if (hint.length == 0)
        return;
    text_string(report->out, ",\"hint\":\"");
    put_field(report, &hint, 1, SIZE_MAX);
    text_char(report->out, '"');
}

static COLD void put_json(struct report *report, const struct span *target, struct span reason, struct rooms rooms,
                          const struct result *result)
{
    const struct span address = address_of(result);

    text_string(report->out, "{\"target\":\"");
    put_field(report, target, TARGET_PIECES, rooms.target);
    text_strings(report->out, "\",\"healthy\":", result->healthy ? "true" : "false", ",\"status\":", NULL);
    if (result->status > 0)
        text_number(report->out, (uint64_t)result->status);
    else
        text_string(report->out, "null");
    text_string(report->out, ",\"reason\":\"");
    put_field(report, &reason, 1, rooms.reason);
    text_char(report->out, '"');
    put_json_hint(report, result);
    if (report->detail < NO_ADDRESS) {
        text_string(report->out, address.length > 0 ? ",\"address\":\"" : ",\"address\":null");
        put_field(report, &address, 1, SIZE_MAX);
        text_string(report->out, address.length > 0 ? "\"" : "");
    }
    if (report->detail < NO_TIMES)
        put_json_times(report->out, result);
    text_string(report->out, "}\n");
}

static void put_line(struct report *report, const struct target *target, const struct result *result)
{
    const struct span reason = { result->reason, result->reason_length };
    struct span pieces[TARGET_PIECES];

    target_pieces(target, pieces);
    struct rooms rooms = { SIZE_MAX, SIZE_MAX };
    if (report->detail == CUT)
        rooms = share_out(report, pieces, &reason);
    if (PITH_EXTRAS && report->conf->json_output)
        put_json(report, pieces, reason, rooms, result);
    else
        put_text(report, pieces, reason, rooms, result);
}

void report_put(const struct check_conf *conf, const struct target *targets, const struct result *results, size_t count,
                const struct hints *hints, struct text *out)
{
    struct report report = { conf, hints, out, hints ? EVERYTHING : NO_HINTS, REPORT_MAX / (count > 0 ? count : 1), 0 };

    for (;; report.detail++) {
        out->length = 0;
        for (size_t i = 0; i < count; i++)
            put_line(&report, &targets[i], &results[i]);
        if (out->length <= REPORT_MAX || report.detail == CUT)
            return;
    }
}
