/* Writes the exit report: one line of JSON. */
#include "init/report.h"

#include "init/oom.h"
#include "init/place.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/exitcode.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

/* Kubernetes reads 4096 bytes of a termination message: COMMAND's name is cut so that the line stays below that. */
enum { NAME_MAX_SHOWN = 256, REPORT_SIZE = 2048 };

/* STRING, or null where it is NULL. */
static void put_string(struct text *out, const char *string)
{
    static const char hex[] = "0123456789abcdef";

    if (!string) {
        text_string(out, "null");
        return;
    }
    text_char(out, '"');
    for (int i = 0; i < NAME_MAX_SHOWN && string[i]; i++) {
        unsigned char c = (unsigned char)string[i];
        /* a byte above ASCII is written as the Latin-1 character, so that the JSON is valid whatever encoding it was in
         */
        if (c < ' ' || c >= 0x7f || c == '"' || c == '\\') {
            text_string(out, "\\u00");
            text_char(out, hex[c >> 4]);
            text_char(out, hex[c & 15]);
        } else {
            text_char(out, (char)c);
        }
    }
    text_char(out, '"');
}

static const char *reason_of(const struct child *child, const struct supervisor *supervisor)
{
    static const char names[][14] = {
        [REASON_EXITED] = "exited", [REASON_STOPPED] = "stopped", [REASON_RUN_TIMEOUT] = "run-timeout",
        [REASON_WATCH] = "watch",   [REASON_FAILED] = "failed",   [REASON_BEFORE] = "before-failed",
    };

    if (child->exec_error && !supervisor->before)
        return "exec-failed";
    if (supervisor->reason == REASON_EXITED && WIFSIGNALED(supervisor->wait_status))
        return "signaled";
    return names[supervisor->reason];
}

/* Whether the OOM killer has ended a process of the container since report_begin, as a word of JSON. */
static const char *oom_killed(const struct report *report)
{
    int64_t now = oom_kills();

    return now < 0 || report->oom_kills < 0 ? "null" : now > report->oom_kills ? "true" : "false";
}

/* How long JOB's child ran: not the steps before it, nor what --grace ends behind it. */
static uint64_t milliseconds(const struct job *job)
{
    if (!job->child.pid)
        return 0;
    int64_t ended = job->ended < job->started ? time_now() : job->ended; /* init has given it up */
    return (uint64_t)((ended - job->started) / NS_PER_MS);
}

static void put_report(struct text *out, const struct report *report, const struct job *job,
                       const struct supervisor *supervisor)
{
    const struct child *child = &job->child;
    char pid[NUMBER_SIZE], seconds[NUMBER_SIZE], thousandths[NUMBER_SIZE], name[SIGNAL_NAME_SIZE];
    int status = supervisor->wait_status;
    bool signaled = WIFSIGNALED(status);
    uint64_t ms = milliseconds(job);
    const char *quote = signaled ? "\"" : "";

    text_string(out, "{\"command\":");
    put_string(out, report->name);
    text_format(out,
                ",\"pid\":%s,\"exit_code\":%d,\"signal\":%s%s%s%s,\"core\":%s,\"status\":%d,\"reason\":\"%s\","
                "\"oom_killed\":%s,\"seconds\":%s.%s}\n",
                child->pid ? number_string(pid, (uint64_t)child->pid) : "null", exitcode_from_wait(status), quote,
                signaled ? "SIG" : "", signaled ? signal_name(name, WTERMSIG(status)) : "null", quote,
                signaled && WCOREDUMP(status) ? "true" : "false", supervisor_status(supervisor),
                reason_of(child, supervisor), oom_killed(report), number_string(seconds, ms / 1000),
                number_string(thousandths, 1000 + ms % 1000) + 1);
}

/* Opens PATH. */
static int open_report(const char *path, const char **why)
{
    struct place place;

    if ((*why = place_find(&place, path, &place_plain)))
        return -1;
    if (place.descriptor < 0)
        return place_open(&place, why);
    *why = DIAG_ERRNO;
    return place.descriptor;
}

COLD void report_begin(struct report *report)
{
    report->oom_kills = oom_kills();
}

COLD void report_write(const struct init_conf *conf, const struct report *report, const struct job *job,
                       const struct supervisor *supervisor)
{
    char line[REPORT_SIZE];
    struct text out = { line, sizeof line, 0 };
    const char *why;

    put_report(&out, report, job, supervisor);
    int file = open_report(conf->exit_report, &why);
    if (file < 0 || !diag_write(file, line, text_kept(&out)))
        diagf("--exit-report: '%s': %s", conf->exit_report, why);
}
