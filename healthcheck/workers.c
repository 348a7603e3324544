/*
 * Runs each probe on a thread of its own, against one deadline.
 *
 * A thread can get stuck where no deadline holds, as in a look-up of DNS or in a regular expression. Such a thread is
 * given up: its worker and its stack stay in memory until it ends, and the next try (--wait, --hold) looks for those
 * that have.
 */
#include "healthcheck/workers.h"

#include "healthcheck/probes/probe.h"
#include "healthcheck/sys/descriptor.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "healthcheck/sys/signals.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
enum { STACK_SIZE = 2 * 1024 * 1024 }; /* of which ThreadSanitizer itself takes half */
#else
enum { STACK_SIZE = 256 * 1024 };
#endif
/* A guard lies below each stack: 64 KiB, a multiple of every page size, that end the process when they are touched. */
enum { GUARD_SIZE = 64 * 1024, SLOT_SIZE = GUARD_SIZE + STACK_SIZE };

/* A target that is stuck is not tried again while so many threads of earlier tries are: they must not pile up. */
enum { STUCK_MAX = 8 };

/* A probe ends at the deadline by itself and says more than one that is given up, so it has this long to do so. */
static const int64_t grace = 30 * NS_PER_MS;

struct workers;

struct worker {
    struct workers *workers;
    struct target target; /* of its own, as the result is: the thread may outlive the check */
    pthread_t thread;
    bool started;
    atomic_bool done;
    struct probe probe;
    struct result result;
};

struct workers {
    struct workers *next; /* in the list `kept` */
    const struct check_conf *conf;
    int64_t start;
    int64_t deadline;
    char *stacks;
    size_t count;
    int over; /* eventfd(2), readable once is_over */
    atomic_size_t unfinished;
    atomic_bool any_healthy;
    struct worker all[TARGETS_MAX];
};

/* All workers so far. They are freed by the next try, once their threads have ended. */
static struct workers *kept;

/* Whether all threads have finished, or with --any one has found its target healthy. */
static bool is_over(const struct workers *workers)
{
    return atomic_load(&workers->unfinished) == 0 || (workers->conf->any && atomic_load(&workers->any_healthy));
}

static void *run_worker(void *argument)
{
    struct worker *worker = argument;
    struct workers *workers = worker->workers;

    probe_run(&worker->probe);
    conn_close(&worker->probe.conn);
    if (worker->result.healthy)
        atomic_store(&workers->any_healthy, true);
    atomic_store(&worker->done, true);
    atomic_fetch_sub(&workers->unfinished, 1);
    if (is_over(workers))
        eventfd_write(workers->over, 1);
    return NULL;
}

/* Whether target I has threads of earlier tries that are stuck, and as many are as there may be. */
static bool is_stuck(const struct workers *workers, size_t i)
{
    size_t all = 0, own = 0;

    for (struct workers *earlier = workers->next; earlier; earlier = earlier->next) {
        all += atomic_load(&earlier->unfinished);
        own += !atomic_load(&earlier->all[i].done);
    }
    return own > 0 && all >= STUCK_MAX;
}

/* Returns 0 or an errno, such as EAGAIN where a limit on processes, which counts threads, is reached. */
static int start_worker(struct worker *worker, char *stack)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK_SIZE);
    int error = pthread_create(&worker->thread, &attributes, run_worker, worker);
    pthread_attr_destroy(&attributes);
    worker->started = error == 0;
    return error;
}

/* A target that needs no thread. */
static void finish(struct worker *worker, const struct result *result)
{
    worker->result = *result;
    atomic_store(&worker->done, true);
    atomic_fetch_sub(&worker->workers->unfinished, 1);
}

/* A target that gets no thread is unhealthy because of WHY. */
static void give_up(struct worker *worker, const char *why, const char *more)
{
    struct result result;

    result_init(&result);
    result_fail(&result, why, more, NULL);
    conn_close(&worker->probe.conn);
    finish(worker, &result);
}

/* Takes over what together_run has begun or done. */
static void take_over(struct worker *worker, const struct start *start)
{
    if (start->done)
        finish(worker, start->probe.result);
    else
        worker->probe.conn = start->probe.conn;
}

static void start_workers(struct workers *workers, const struct target *targets, const struct start *starts)
{
    for (size_t i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->all[i];
        worker->workers = workers;
        worker->target = targets[i];
        worker->probe.target = &worker->target;
        worker->probe.conf = &workers->conf->probe;
        worker->probe.result = &worker->result;
        conn_init(&worker->probe.conn, workers->start, workers->deadline, worker->probe.conf->timed);
        if (starts)
            take_over(worker, &starts[i]);
        if (atomic_load(&worker->done))
            continue;
        if (is_stuck(workers, i))
            give_up(worker, "not tried: too many earlier tries are stuck, as in DNS", NULL);
        else if ((errno = start_worker(worker, workers->stacks + i * SLOT_SIZE + GUARD_SIZE)) != 0)
            give_up(worker, "cannot start a thread: ", DIAG_ERRNO);
    }
}

static void workers_free(struct workers *workers)
{
    if (workers->over >= 0)
        close(workers->over);
    if (workers->stacks)
        memory_free(workers->stacks, workers->count * SLOT_SIZE);
    memory_free(workers, sizeof *workers);
}

/* Takes memory for the stacks and their guards. */
static bool get_stacks(struct workers *workers)
{
    workers->stacks = memory_get(workers->count * SLOT_SIZE);
    for (size_t i = 0; i < workers->count && workers->stacks; i++)
        if (!memory_guard(workers->stacks + i * SLOT_SIZE, GUARD_SIZE))
            return false;
    return workers->stacks != NULL;
}

static struct workers *workers_new(const struct check_conf *conf, size_t count, int64_t start, int64_t deadline)
{
    struct workers *workers = memory_get(sizeof *workers);

    if (!workers)
        return NULL;
    workers->conf = conf;
    workers->start = start;
    workers->deadline = deadline;
    workers->unfinished = workers->count = count;
    workers->over = descriptor_raise(eventfd(0, EFD_CLOEXEC));
    if (workers->over >= 0 && get_stacks(workers))
        return workers;
    workers_free(workers);
    return NULL;
}

/* Waits until is_over, or until the deadline and the grace have passed. */
static void workers_wait(struct workers *workers)
{
    struct pollfd over = { .fd = workers->over, .events = POLLIN };

    if (!is_over(workers))
        descriptor_wait(&over, 1, time_add(workers->deadline, grace));
}

/* Copies the result of WORKER; where its thread is given up, the result names the phase that it is stuck in. */
static void collect(struct worker *worker, struct result *result)
{
    struct workers *workers = worker->workers;

    if (atomic_load(&worker->done)) {
        *result = worker->result;
        return;
    }
    result_spare(result);
    result->times[TIME_TOTAL] = time_now() - workers->start;
    if (workers->conf->any && atomic_load(&workers->any_healthy))
        return;
    result->cause = CAUSE_STALLED;
    struct text reason = result_begin(result);
    conn_put_timeout(&worker->probe.conn, workers->deadline - workers->start, &reason);
    result_end(result, &reason, false);
}

static void fail_all(struct result *results, size_t count, struct start *starts, const char *why)
{
    for (size_t i = 0; i < count; i++) {
        result_init(&results[i]);
        result_fail(&results[i], why, NULL);
        if (starts)
            conn_close(&starts[i].probe.conn);
    }
}

COLD void workers_sweep(void)
{
    for (struct workers **at = &kept; *at;) {
        struct workers *workers = *at;
        if (atomic_load(&workers->unfinished) > 0) {
            at = &workers->next;
            continue;
        }
        *at = workers->next;
        for (size_t i = 0; i < workers->count; i++)
            if (workers->all[i].started)
                pthread_join(workers->all[i].thread, NULL);
        workers_free(workers);
    }
}

COLD void workers_run(const struct check_conf *conf, const struct target *targets, struct result *results, size_t count,
                      int64_t start, int64_t deadline, struct start *starts)
{
    signals_listen();
    workers_sweep();
    struct workers *workers = workers_new(conf, count, start, deadline);
    if (!workers) {
        fail_all(results, count, starts, "out of memory or descriptors");
        return;
    }
    workers->next = kept;
    kept = workers;
    start_workers(workers, targets, starts);
    workers_wait(workers);
    for (size_t i = 0; i < count; i++)
        collect(&workers->all[i], &results[i]);
}
