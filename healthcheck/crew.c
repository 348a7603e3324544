/* Runs probes on threads. */
#include "healthcheck/crew.h"

#include "healthcheck/probes/probe.h"
#include "healthcheck/sys/descriptor.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "healthcheck/sys/signals.h"
#include "pith/cold.h"
#include "pith/diag.h"
#include "pith/duration.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifdef __SANITIZE_THREAD__
enum { STACK_SIZE = 2 * 1024 * 1024 }; /* of which it takes one itself */
#else
enum { STACK_SIZE = 256 * 1024 };
#endif
/* Each stack lies above memory that must not be touched: 64 KiB, a multiple of every page size. */
enum { GUARD_SIZE = 64 * 1024, SLOT_SIZE = GUARD_SIZE + STACK_SIZE };

/* Threads that earlier tries left behind, as in a look-up: --wait must not pile them up. */
enum { STUCK_MAX = 8 };

/* A probe that meets the deadline by itself tells more than one that is given up: leave it this long to do so. */
static const int64_t grace = 30 * NS_PER_MS;

struct crew;

struct job {
    struct crew *crew;
    struct target target; /* of its own, as the result is: the thread may outlive the check */
    pthread_t thread;
    bool started;
    atomic_bool done;
    struct probe probe;
    struct result result;
};

struct crew {
    struct crew *next; /* of those that are kept */
    const struct check_conf *conf;
    int64_t start;
    int64_t deadline;
    char *stacks;
    size_t count;
    int over; /* eventfd(2): readable when there is nothing left to wait for */
    atomic_size_t unfinished;
    atomic_bool any_healthy;
    struct job jobs[TARGETS_MAX];
};

/* Threads use the crew until they end: only the next try looks whether they have. */
static struct crew *kept;

/* Whether there is nothing left to wait for. */
static bool is_over(const struct crew *crew)
{
    return atomic_load(&crew->unfinished) == 0 || (crew->conf->any && atomic_load(&crew->any_healthy));
}

static void *run_job(void *argument)
{
    struct job *job = argument;
    struct crew *crew = job->crew;

    probe_run(&job->probe);
    conn_close(&job->probe.conn);
    if (job->result.healthy)
        atomic_store(&crew->any_healthy, true);
    atomic_store(&job->done, true);
    atomic_fetch_sub(&crew->unfinished, 1);
    if (is_over(crew))
        eventfd_write(crew->over, 1);
    return NULL;
}

/* 0, or an errno: a limit on processes counts threads too. */
static int start_job(struct job *job, char *stack)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK_SIZE);
    int error = pthread_create(&job->thread, &attributes, run_job, job);
    pthread_attr_destroy(&attributes);
    job->started = error == 0;
    return error;
}

static void start_jobs(struct crew *crew, const struct target *targets)
{
    for (size_t i = 0; i < crew->count; i++) {
        struct job *job = &crew->jobs[i];
        job->crew = crew;
        job->target = targets[i];
        job->probe.target = &job->target;
        job->probe.conf = &crew->conf->probe;
        job->probe.result = &job->result;
        conn_init(&job->probe.conn, crew->start, crew->deadline, job->probe.conf->timed);
        errno = start_job(job, crew->stacks + i * SLOT_SIZE + GUARD_SIZE);
        if (errno == 0)
            continue;
        result_init(&job->result);
        result_fail(&job->result, "cannot start a thread: ", DIAG_ERRNO, NULL);
        atomic_store(&job->done, true);
        atomic_fetch_sub(&crew->unfinished, 1);
    }
}

static void crew_free(struct crew *crew)
{
    if (crew->over >= 0)
        close(crew->over);
    if (crew->stacks)
        memory_free(crew->stacks, crew->count * SLOT_SIZE);
    memory_free(crew, sizeof *crew);
}

/* A stack for each. */
static bool get_stacks(struct crew *crew)
{
    crew->stacks = memory_get(crew->count * SLOT_SIZE);
    for (size_t i = 0; i < crew->count && crew->stacks; i++)
        if (!memory_guard(crew->stacks + i * SLOT_SIZE, GUARD_SIZE))
            return false;
    return crew->stacks != NULL;
}

static struct crew *crew_new(const struct check_conf *conf, size_t count, int64_t start, int64_t deadline)
{
    struct crew *crew = memory_get(sizeof *crew);

    if (!crew)
        return NULL;
    crew->conf = conf;
    crew->start = start;
    crew->deadline = deadline;
    crew->unfinished = crew->count = count;
    crew->over = descriptor_raise(eventfd(0, EFD_CLOEXEC));
    if (crew->over >= 0 && get_stacks(crew))
        return crew;
    crew_free(crew);
    return NULL;
}

/* Waits until all are done, or one is healthy and that will do, or the time is over. */
static void crew_wait(struct crew *crew)
{
    struct pollfd over = { .fd = crew->over, .events = POLLIN };

    if (!is_over(crew))
        descriptor_wait(&over, 1, time_add(crew->deadline, grace));
}

/* The result of a job, or what can be said about one that is given up. */
static void collect(struct job *job, struct result *result)
{
    struct crew *crew = job->crew;

    if (atomic_load(&job->done)) {
        *result = job->result;
        return;
    }
    result_init(result);
    result->times[TIME_TOTAL] = time_now() - crew->start;
    if (crew->conf->any && atomic_load(&crew->any_healthy)) {
        result_fail(result, "given up: another target is healthy", NULL);
        return;
    }
    struct text reason = result_begin(result);
    conn_put_timeout(&job->probe.conn, crew->deadline - crew->start, &reason);
    result_end(result, &reason, false);
}

static void fail_all(struct result *results, size_t count, const char *why)
{
    for (size_t i = 0; i < count; i++) {
        result_init(&results[i]);
        result_fail(&results[i], why, NULL);
    }
}

/* Frees what earlier tries have left, but for those with threads that are stuck: how many that are. */
static size_t sweep(void)
{
    size_t stuck = 0;

    for (struct crew **at = &kept; *at;) {
        struct crew *crew = *at;
        size_t count = atomic_load(&crew->unfinished);
        stuck += count;
        if (count > 0) {
            at = &crew->next;
            continue;
        }
        *at = crew->next;
        for (size_t i = 0; i < crew->count; i++)
            if (crew->jobs[i].started)
                pthread_join(crew->jobs[i].thread, NULL);
        crew_free(crew);
    }
    return stuck;
}

COLD void crew_run(const struct check_conf *conf, const struct target *targets, struct result *results, size_t count,
                   int64_t start, int64_t deadline)
{
    signals_listen();
    if (sweep() >= STUCK_MAX) {
        fail_all(results, count, "not tried: too many earlier tries are stuck, as in DNS");
        return;
    }
    struct crew *crew = crew_new(conf, count, start, deadline);
    if (!crew) {
        fail_all(results, count, "out of memory or descriptors");
        return;
    }
    crew->next = kept;
    kept = crew;
    start_jobs(crew, targets);
    crew_wait(crew);
    for (size_t i = 0; i < count; i++)
        collect(&crew->jobs[i], &results[i]);
}
