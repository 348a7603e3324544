/*
 * The main loop. loop_wait turns signals, changes of children and time into one event; supervisor_step decides;
 * loop_apply carries out its actions by system calls. Nothing else in init waits.
 */
#include "init/loop.h"

#include "init/confine.h"
#include "init/features.h"
#include "init/leftovers.h"
#include "init/steps/steps.h"
#include "pith/call.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/exitcode.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Signals and children take turns: after REAPED_IN_A_ROW orphans init looks for signals, and after LOOK_AFTER waits it
 * calls wait4(2), as SIGCHLD can wait behind a flood of signals with lower numbers.
 */
enum { REAPED_IN_A_ROW = 1024, LOOK_AFTER = 1024 };

static int64_t loop_now(const struct loop *loop)
{
    return loop->timed ? time_now() : 0;
}

static bool is_cleaning(const struct loop *loop)
{
    return loop->supervisor.state == STATE_CLEANING || loop->supervisor.state == STATE_KILLING;
}

/* A system call that init depends on has failed. COMMAND is killed, as init could neither stop it nor report its end.
 */
static void give_up(struct loop *loop, const char *what)
{
    diagf("%s: %s", what, DIAG_ERRNO);
    if (loop->command)
        leftovers_signal(loop->self, loop->command_group, 0, SIGKILL, &loop->refused);
    if (!is_cleaning(loop))
        loop->supervisor.reason = REASON_FAILED;
    loop->supervisor.state = STATE_ENDED;
}

/* --- what happened ----------------------------------------------------------------------------- */

static void tell_reaped(const struct loop *loop, pid_t pid, int status)
{
    if (loop->conf->warn_on_reap || loop->conf->verbosity >= 2)
        diagf("Reaped zombie process with pid=%d, exit status %d", pid, exitcode_from_wait(status));
}

/* A probe has ended. True with *EVENT where COMMAND is given up, else the line of a failed probe goes to stderr. */
static COLD bool probed(struct loop *loop, bool healthy, struct event *event)
{
    char line[PROBE_LINE];

    loop->probe_pid = 0;
    event->kind = EVENT_UNHEALTHY;
    if (watch_probed(&loop->watch, healthy, loop_now(loop)) == WATCH_UNHEALTHY)
        return true;
    if (*probe_line(loop->probe, line) && !healthy)
        diagf("--watch: %s", line);
    return false;
}

/* dumb-init's TERM to the group of a COMMAND that has exited: sent while it is still a zombie, so that its PID, and
   with it the number of the group, cannot be reused yet. */
static void terminate_group_of_dead(const struct loop *loop)
{
    siginfo_t info = { 0 };

    if (loop->command && waitid(P_PID, (id_t)loop->command, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
        kill(-loop->command, SIGTERM);
}

/* wait4(2) for whoever has changed: its PID, 0 where nobody has, or -1 with errno. */
static pid_t wait_any(int *status)
{
    int tries = INTERRUPTIONS_MAX;
    pid_t pid;

    do
        pid = CALL(SYS_wait4, -1, status, WNOHANG | WUNTRACED | WCONTINUED, NULL);
    while (pid < 0 && errno == EINTR && --tries);
    return pid;
}

/* There are no children any more. As PID 1 others may be left all the same: those of `docker exec`. */
static COLD bool none_left(struct loop *loop, struct event *event)
{
    if (errno != ECHILD || loop->command) {
        give_up(loop, "cannot wait for children");
        return true;
    }
    loop->reaping = false;
    loop->childless = true;
    event->kind = EVENT_NONE_LEFT;
    return is_cleaning(loop) && !(loop->self == 1 && leftovers_in_namespace());
}

static bool command_changed(struct loop *loop, int status, struct event *event)
{
    event->kind = WIFSTOPPED(status) ? EVENT_SUSPENDED : WIFCONTINUED(status) ? EVENT_RESUMED : EVENT_EXITED;
    event->wait_status = status;
    if (event->kind == EVENT_EXITED) {
        terminal_take_back(&loop->job.terminal, loop->command);
        loop->command = 0;
        if (loop->conf->exit_report)
            loop->job.ended = time_now();
    }
    return true;
}

/* After so many orphans in a row, stop signals and deadlines have their turn: SIGCHLD brings init back to the rest. */
static bool orphan_reaped(struct loop *loop, pid_t pid, int status)
{
    tell_reaped(loop, pid, status);
    if (++loop->reaped % REAPED_IN_A_ROW == 0)
        loop->reaping = kill(loop->self, SIGCHLD) != 0;
    return false;
}

/* Reaps one process at the most. True with *EVENT where that means something to the supervisor. */
static bool reap(struct loop *loop, struct event *event)
{
    int status = 0;

    if (loop->conf->new_session && !loop->conf->cleans && !loop->supervisor.before)
        terminate_group_of_dead(loop);
    pid_t pid = wait_any(&status);
    if (pid < 0)
        return none_left(loop, event);
    loop->reaping = pid > 0;
    loop->childless = false;
    if (pid > 0 && pid == loop->command)
        return command_changed(loop, status, event);
    if (pid == 0 || WIFSTOPPED(status) || WIFCONTINUED(status))
        return false;
    return pid == loop->probe_pid ? probed(loop, status == 0, event) : orphan_reaped(loop, pid, status);
}

static bool start_probe(struct loop *loop, struct event *event)
{
    loop->probe_pid = probe_start(loop->probe);
    return loop->probe_pid == 0 && probed(loop, false, event);
}

/*
 * Before COMMAND, when no step runs. First come the steps that need no process; they count as one that has exited. Then
 * the next one is due. But a stop signal that is pending comes before either: false. Other signals stay pending for
 * whom to forward them to.
 */
static COLD bool take_next(struct loop *loop, struct event *event)
{
    if (signals_are_pending(conf_stops(loop->conf)))
        return false;
    event->kind = loop->files_done ? EVENT_DEADLINE : EVENT_EXITED;
    if (!loop->files_done)
        event->wait_status = steps_files(loop->conf, loop->job.command.environment) ? 0 : EXIT_INTERNAL << 8;
    loop->files_done = true;
    return true;
}

/* A deadline has passed: the supervisor's or that of --watch. True with *EVENT where the supervisor has to know. */
static bool take_due(struct loop *loop, int64_t now, struct event *event)
{
    enum event_kind due = supervisor_due(&loop->supervisor, now);

    if (PITH_STEPS && loop->supervisor.state == STATE_READY)
        return take_next(loop, event);
    if (due != EVENT_COUNT) {
        event->kind = due;
        return true;
    }
    if (watch_due(&loop->watch, now) == WATCH_START)
        return start_probe(loop, event);
    kill(loop->probe_pid, SIGKILL);
    return false;
}

/* SIGNAL has arrived. True with *EVENT where the supervisor has to know. */
static bool take_signal(struct loop *loop, int signal, struct event *event)
{
    if (signal == SIGCHLD) {
        loop->reaping = true;
        return false;
    }
    int to = conf_rewrite(loop->conf, signal);
    /* what init's own calls raised is not forwarded: SIGPIPE of a message, HUP of the terminal that it gave up */
    if (to == 0 || (loop->info.si_code == SI_USER && loop->info.si_pid == loop->self))
        return false;
    event->kind = conf_is_stop(loop->conf, signal) ? EVENT_STOP : EVENT_SIGNAL;
    event->signal = to;
    /* init stops itself only where COMMAND is stopped too; dumb-init always does */
    event->suspend = signal_is_suspend(signal) && (loop->conf->new_session || signal_is_suspend(to) || to == SIGSTOP);
    return true;
}

static int64_t next_deadline(const struct loop *loop)
{
    int64_t at = supervisor_deadline(&loop->supervisor);

    return loop->watch.deadline < at ? loop->watch.deadline : at;
}

/*
 * When to wake: the end of a process that is no child sends no SIGCHLD, and what was forked after the last KILL lives
 * on, so look for both from time to time. The time runs from the last look, as those that fork send one SIGCHLD after
 * the other.
 */
static int64_t wake_at(const struct loop *loop, int64_t deadline)
{
    enum state state = loop->supervisor.state;
    bool looks = state == STATE_KILLING || (state == STATE_CLEANING && loop->childless);
    int64_t look = loop->looked + LOOK_INTERVAL;

    return looks && look < deadline ? look : deadline;
}

/* Looks whether processes are left, and sends KILL to those that were forked after the last one. */
static COLD void look_again(struct loop *loop, int64_t now)
{
    loop->looked = now;
    loop->reaping = true;
    if (loop->supervisor.state == STATE_KILLING)
        leftovers_signal(loop->self, loop->command_group, 0, SIGKILL, &loop->refused);
}

static HOT void confine_once(struct loop *loop)
{
    if (!loop->confined)
        confine(loop->conf);
    loop->confined = true;
}

/*
 * Called before each sleep. The second one confines init: a COMMAND that ends at the first waking never pays for the
 * filter, which takes 60 us to install. Every LOOK_AFTER-th later one has init call wait4(2).
 */
static void count_sleep(struct loop *loop)
{
    if (--loop->sleeps_left > 0)
        return;
    loop->sleeps_left = LOOK_AFTER;
    loop->reaping = loop->confined;
    if (!loop->supervisor.before)
        confine_once(loop);
}

static void loop_wait(struct loop *loop, struct event *event)
{
    for (;;) {
        loop->info.si_code = 0;
        while (loop->reaping)
            if (reap(loop, event))
                return;
        int64_t deadline = next_deadline(loop), timeout = TIME_NEVER;
        if (deadline != TIME_NEVER) {
            int64_t now = time_now(), wake = wake_at(loop, deadline);
            if (now >= deadline && take_due(loop, now, event))
                return;
            if (now >= wake && wake < deadline) {
                look_again(loop, now);
                continue;
            }
            timeout = now < wake ? wake - now : 0;
        }
        count_sleep(loop);
        int signal = signals_wait(&loop->info, timeout);
        if (signal < 0) {
            give_up(loop, "cannot wait for signals");
            return;
        }
        if (signal > 0 && take_signal(loop, signal, event))
            return;
    }
}

/* --- what to do about it ----------------------------------------------------------------------- */

static bool send_to(const struct loop *loop, pid_t pid, int signal)
{
    if (loop->info.si_code == SI_QUEUE && pid > 0 && syscall(SYS_rt_sigqueueinfo, pid, signal, &loop->info) == 0)
        return true;
    return CALL(SYS_kill, pid, signal, 0, 0) == 0;
}

static const char needs_kill[] = " (init needs the capability KILL)";

/* FORMAT has a `%s` for SIGNAL's name, and may have two more for the text of errno and a hint. Not inlined, so that the
 * buffer is on the stack only while a message is written. */
static __attribute__((noinline, format(printf, 1, 0))) void tell_signal(const char *format, int signal)
{
    char name[SIGNAL_NAME_SIZE];

    diagf(format, signal_name(name, signal), DIAG_ERRNO, errno == EPERM ? needs_kill : "");
}

/* Sends supervisor.signal to COMMAND, or with --group to its process group. False after a message; true where there is
   nothing to send. */
static bool send_command(struct loop *loop)
{
    int signal = loop->supervisor.signal;
    pid_t to = loop->conf->group ? -loop->command : loop->command;

    if (to == 0 || signal == 0)
        return true;
    if (signal == SIGCONT)
        terminal_hand_over(&loop->job.terminal, loop->command);
    if (loop->conf->verbosity >= 2)
        tell_signal("forwarding %s", signal);
    /* a COMMAND that has left its process group is sent the signal by its PID */
    for (; !send_to(loop, to, signal) || (to < 0 && getpgid(-to) != -to); to = -to)
        if (to > 0) {
            tell_signal("cannot send %s to COMMAND: %s%s", signal);
            return false;
        }
    return true;
}

/* Sends CONT to COMMAND's group, as a shell resumes a job, or to its PID where it has left the group. */
static void resume(const struct loop *loop)
{
    if (kill(-loop->command, SIGCONT) != 0)
        kill(loop->command, SIGCONT);
}

/* Whether COMMAND is stopped now. WNOWAIT leaves the change for wait4(2) to report. */
static bool is_stopped(const struct loop *loop)
{
    siginfo_t info = { 0 };

    waitid(P_PID, (id_t)loop->command, &info, WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT);
    return info.si_pid ? info.si_code == CLD_STOPPED : loop->supervisor.suspended;
}

/* A stop signal was sent (or nothing, by --rewrite): remember when, and continue a COMMAND that is stopped. */
static void follow_stop(struct loop *loop)
{
    int signal = loop->supervisor.signal;

    if (signal == 0)
        return;
    if (loop->conf->group)
        loop->told = leftovers_clock();
    if (!signal_is_suspend(signal) && signal != SIGSTOP && is_stopped(loop))
        resume(loop);
}

static bool has_terminal(void)
{
    pid_t group;

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (syscall(SYS_ioctl, fd, TIOCGPGRP, &group) == 0)
            return true;
    return false;
}

static bool is_kept_from_terminal(const struct event *event)
{
    int by = WSTOPSIG(event->wait_status);

    return event->kind == EVENT_SUSPENDED && (by == SIGTTIN || by == SIGTTOU);
}

/*
 * Stops init beside COMMAND, as a shell expects of a job, until CONT. True with that CONT as *EVENT, to forward; the
 * one in the queue is dropped, as it is the same.
 */
static bool suspend(struct loop *loop, struct event *event)
{
    /* COMMAND asked for the terminal just before init's group became the foreground: hand it over and go on */
    if (is_kept_from_terminal(event) && terminal_hand_over(&loop->job.terminal, loop->command)) {
        resume(loop);
        return false;
    }
    if (event->kind == EVENT_SUSPENDED && !has_terminal())
        return false;
    /* a shell that resumes jobs puts them into other groups than the session's first; 0 is one of another namespace */
    pid_t session = getsid(0);
    loop->supervisor.alone = !loop->conf->new_session && session != 0 && session == getpgid(0);
    if (loop->supervisor.alone)
        return event->kind == EVENT_SUSPENDED;
    terminal_take_back(&loop->job.terminal, loop->command);
    kill(loop->self, SIGSTOP);
    signals_discard(SIGCONT);
    *event = (struct event){ .kind = EVENT_SIGNAL, .signal = SIGCONT };
    return true;
}

/* As PID 1. A COMMAND that was stopped for lack of the terminal gets it first, or it would be stopped again at once. */
static COLD void resume_alone(struct loop *loop, const struct event *event)
{
    if (is_kept_from_terminal(event))
        terminal_seize(&loop->job.terminal, loop->command);
    resume(loop);
}

static int signal_leftovers(struct loop *loop, int64_t told)
{
    int signal = loop->supervisor.signal, count;

    confine_once(loop); /* before init reads /proc, where other processes choose what stands */
    count = leftovers_signal(loop->self, loop->command_group, told, signal, &loop->refused);
    loop->looked = time_now();
    loop->reaping = true;
    if (count == LEFTOVERS_UNCOUNTED && loop->self != 1 && loop->conf->verbosity >= 1)
        tell_signal("/proc shows none: only COMMAND's process group gets %s", signal);
    return count;
}

/* Publishes the state as the process name. While COMMAND runs that is init's own again. --watch ends with that state.
 */
static COLD void publish_state(struct loop *loop)
{
    static HOT_STATE char own_name[16]; /* as it was before another was published */
    const char *name = state_name(loop->supervisor.state);

    if (loop->supervisor.state > STATE_RUNNING)
        watch_end(&loop->watch);
    if (name == loop->name)
        return;
    if (!loop->name)
        syscall(SYS_prctl, PR_GET_NAME, own_name);
    syscall(SYS_prctl, PR_SET_NAME, name ? name : own_name);
    loop->name = name;
    if (name && loop->conf->verbosity >= 1)
        diagf("%s", name + strlen("init: "));
}

/* The step that was started last. */
static size_t last_step(const struct loop *loop)
{
    return loop->conf->process_count - loop->supervisor.steps - 1;
}

/*
 * Says on stderr what init does to COMMAND of its own accord, as a status of 137 alone would read as an OOM kill. COUNT
 * is how many processes were left.
 */
static void tell_end(const struct loop *loop, enum event_kind why, int count)
{
    char digits[NUMBER_SIZE], name[SIGNAL_NAME_SIZE], line[PROBE_LINE];
    const char *what = loop->supervisor.before ? "the step still runs" : "COMMAND still runs",
               *which = " after --stop-timeout", *then = ": ", *done = " sent", *said = "";
    int signal = loop->supervisor.signal;

    *line = '\0';
    if (PITH_STEPS && why == EVENT_EXITED && loop->supervisor.reason == REASON_BEFORE) {
        job_tell_failed(&loop->job, last_step(loop), loop->supervisor.wait_status);
        if (loop->supervisor.state != STATE_KILLING)
            return;
    }
    if (why == EVENT_OVERRUN) {
        which = " after --run-timeout";
    } else if (why == EVENT_UNHEALTHY) {
        what = "probes of --watch that failed in a row: ";
        which = number_string(digits, loop->watch.failures);
        then = ", ";
        said = *probe_line(loop->probe, line) ? "; the last said: " : "";
    } else if (!loop->command) {
        if (count == 0)
            return;
        what = "processes left after --grace: ";
        which = count > 0 ? number_string(digits, (uint64_t)count) : "some";
        then = ", ";
        if (loop->refused) {
            done = " refused";
            said = needs_kill;
        }
    }
    diagf("%s%s%s%s%s%s%s", what, which, then, signal ? signal_name(name, signal) : "nothing", done, said, line);
}

/* What begins with COMMAND, or with --pause: the time of --watch, and init's confinement. */
static inline __attribute__((always_inline)) void command_begins(struct loop *loop, int64_t now)
{
    loop->sleeps_left = 2;
    watch_start(&loop->watch, loop->conf, now);
    /* at once where init has more rights than COMMAND, or will read /proc */
    if (loop->conf->has_user || (loop->conf->cleans && loop->self != 1))
        confine_once(loop);
    else
        confine_memory();
}

/*
 * Starts the next step or, in STATE_RUNNING, COMMAND. True with *EVENT where that is over already: a step of --once
 * that was done before, or what cannot be started.
 */
static COLD bool start_job(struct loop *loop, struct event *event)
{
    int status = -1;

    if (loop->supervisor.state == STATE_STARTING)
        status = job_start_step(&loop->job, last_step(loop));
    else if (loop->supervisor.state != STATE_RUNNING)
        loop->job.child.pid = 0; /* --pause starts nothing behind the steps */
    else if (!job_start(&loop->job))
        status = EXIT_INTERNAL;
    loop->command = loop->command_group = loop->job.child.pid;
    if (loop->supervisor.state != STATE_STARTING)
        command_begins(loop, event->now);
    event->kind = EVENT_EXITED;
    event->wait_status = status * 256; /* an exit, as wait(2) tells it */
    return status >= 0;
}

/* The actions that are rare. SENT: supervisor.signal went to COMMAND, or there was nothing to send. */
static COLD bool apply_rest(struct loop *loop, unsigned actions, struct event *event, bool sent)
{
    int count = 0;

    if (sent && (actions & ACTION_STOP))
        follow_stop(loop);
    if (actions & (ACTION_ASK_LEFT | ACTION_SIGNAL_LEFT))
        count = signal_leftovers(loop, actions & ACTION_ASK_LEFT ? loop->told : 0);
    if (sent && (actions & ACTION_TELL))
        tell_end(loop, event->kind, count);
    if (actions & ACTION_RESUME)
        resume_alone(loop, event);
    if (PITH_STEPS && (actions & ACTION_START))
        return start_job(loop, event);
    return (actions & ACTION_SUSPEND) && suspend(loop, event);
}

/* Carries out ACTIONS. True with another *EVENT where that has brought one about. */
static bool loop_apply(struct loop *loop, unsigned actions, struct event *event)
{
    if (actions & ACTION_NAME)
        publish_state(loop);
    bool sent = !(actions & ACTION_FORWARD) || send_command(loop);
    return (actions & ~(unsigned)(ACTION_NAME | ACTION_FORWARD)) && apply_rest(loop, actions, event, sent);
}

void loop_run(struct loop *loop)
{
    const struct init_conf *conf = loop->job.conf;
    struct event event = { 0 };

    loop->timed = conf->stop_timeout || conf->stop_delay || conf->run_timeout || conf->watch_target || conf->cleans;
    loop->conf = conf;
    loop->command = loop->command_group = loop->job.child.pid;
    int64_t now = loop_now(loop);
    supervisor_start(&loop->supervisor, conf, loop->self == 1, now);
    loop->watch.deadline = TIME_NEVER;
    loop->reaping = true; /* a child from before init's exec may be a zombie already, of which no SIGCHLD tells */
    if (loop->timed && now == 0)
        give_up(loop, "cannot read the clock");
    if (PITH_STEPS && conf->has_steps)
        publish_state(loop);
    else
        command_begins(loop, now);
    while (loop->supervisor.state != STATE_ENDED) {
        loop_wait(loop, &event);
        event.now = loop_now(loop);
        while (loop_apply(loop, supervisor_step(&loop->supervisor, &event), &event))
            ;
    }
    if (loop->probe_pid)
        kill(loop->probe_pid, SIGKILL);
}
