/* Blocks signals, ends the probe on SIGTERM and SIGINT, and restores what was. */
#include "healthcheck/sys/signals.h"

#include "pith/layout.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

static HOT_STATE struct {
    sigset_t mask;
    bool listening;
} saved;

/* Not in `saved`: most probes never touch these, and so need no page for them. */
static struct {
    struct sigaction term;
    struct sigaction interrupt;
} actions;

static void quit(int signal)
{
    (void)signal;
    _exit(EXIT_FAILURE);
}

HOT void signals_hold(void)
{
    sigset_t held;

    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGPIPE);
    sigaddset(&held, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &held, &saved.mask);
}

void signals_listen(void)
{
    const struct sigaction action = { .sa_handler = quit };
    sigset_t ours;

    if (saved.listening)
        return;
    saved.listening = true;
    sigaction(SIGTERM, &action, &actions.term);
    sigaction(SIGINT, &action, &actions.interrupt);
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

/* Discards a pending signal: the kernel does so when the signal becomes ignored. */
static void forget(int signal)
{
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction action;

    sigaction(signal, &ignore, &action);
    sigaction(signal, &action, NULL);
}

void signals_restore(void)
{
    forget(SIGPIPE);
    forget(SIGXFSZ);
    if (saved.listening) {
        sigaction(SIGTERM, &actions.term, NULL);
        sigaction(SIGINT, &actions.interrupt, NULL);
    }
    sigprocmask(SIG_SETMASK, &saved.mask, NULL);
}
