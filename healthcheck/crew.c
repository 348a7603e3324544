/* Runs probes on threads. */
#include "healthcheck/crew.h"

#include "healthcheck/memory.h"
#include "healthcheck/probe.h"
#include "healthcheck/signals.h"
#include "pith/diag.h"
#include "pith/duration.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { STACK_SIZE = 256 * 1024 };

/* Threads that earlier tries left behind, as in a look-up: --wait must not pile them up. */
enum { STUCK_MAX = 8 };
static atomic_uint running;

/* A probe that meets the deadline by itself tells more than one that is given up: leave it this long to do so. */
static const int64_t grace = 30 * NS_PER_MS;

struct crew;

struct job {
    struct crew *crew;
    const struct target *target;
    bool done;
    struct conn conn;
    struct result result;
};

/* Shared by the threads and their starter; the last of them frees it. */
struct crew {
    const struct check_conf *conf;
    int64_t start;
    int64_t deadline;
    pthread_mutex_t lock; /* holds everything below */
    pthread_cond_t finished;
    size_t users;
    size_t unfinished;
    bool any_healthy;
    struct job jobs[TARGETS_MAX];
};

static void crew_leave(struct crew *crew)
{
    size_t users = --crew->users;

    pthread_mutex_unlock(&crew->lock);
    if (users == 0)
        memory_free(crew, sizeof *crew);
}

static void *run_job(void *argument)
{
    struct job *job = argument;
    struct crew *crew = job->crew;

    probe_run(&job->conn, job->target, crew->conf, crew->start, crew->deadline, &job->result);
    pthread_mutex_lock(&crew->lock);
    atomic_fetch_sub(&running, 1);
    job->done = true;
    crew->unfinished--;
    crew->any_healthy = crew->any_healthy || job->result.healthy;
    pthread_cond_signal(&crew->finished);
    crew_leave(crew);
    return NULL;
}

/* 0, or an errno: a limit on processes counts threads too. */
static int start_job(struct job *job, pthread_attr_t *attributes)
{
    pthread_t thread;

    atomic_fetch_add(&running, 1);
    int error = pthread_create(&thread, attributes, run_job, job);
    if (error)
        atomic_fetch_sub(&running, 1);
    return error;
}

static void start_jobs(struct crew *crew, const struct target *targets, size_t count)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (size_t i = 0; i < count; i++) {
        struct job *job = &crew->jobs[i];
        job->crew = crew;
        job->target = &targets[i];
        conn_init(&job->conn, crew->start, crew->deadline, false);
        int error = start_job(job, &attributes);
        if (error == 0)
            continue;
        pthread_mutex_lock(&crew->lock);
        result_init(&job->result);
        result_fail(&job->result, "cannot start a thread: ", diag_errno(error), NULL);
        job->done = true;
        crew->unfinished--;
        crew->users--;
        pthread_mutex_unlock(&crew->lock);
    }
    pthread_attr_destroy(&attributes);
}

static struct crew *crew_new(const struct check_conf *conf, size_t count, int64_t start, int64_t deadline)
{
    struct crew *crew = memory_get(sizeof *crew);
    pthread_condattr_t monotonic;

    if (!crew)
        return NULL;
    crew->conf = conf;
    crew->start = start;
    crew->deadline = deadline;
    crew->users = count + 1;
    crew->unfinished = count;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&crew->finished, &monotonic);
    return crew;
}

/* Waits until all are done, or one is healthy and that will do, or the time is over. Holds the lock. */
static void crew_wait(struct crew *crew)
{
    int64_t end = time_add(crew->deadline, grace);
    struct timespec until = { .tv_sec = (time_t)(end / NS_PER_S), .tv_nsec = (long)(end % NS_PER_S) };
    int error = 0;

    while (crew->unfinished > 0 && !(crew->conf->any && crew->any_healthy) && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&crew->finished, &crew->lock, &until);
}

/* The result of a job, or what can be said about one that is given up. */
static void collect(struct job *job, struct result *result)
{
    struct crew *crew = job->crew;

    if (job->done) {
        *result = job->result;
        return;
    }
    result_init(result);
    result->times[TIME_TOTAL] = time_now() - crew->start;
    if (crew->any_healthy && crew->conf->any) {
        result_fail(result, "given up: another target is healthy", NULL);
        return;
    }
    struct conn frozen;
    conn_init(&frozen, crew->start, crew->deadline, false);
    conn_phase(&frozen, atomic_load_explicit(&job->conn.phase, memory_order_relaxed));
    frozen.error = CONN_DEADLINE;
    conn_explain(&frozen, result);
}

static void fail_all(struct result *results, size_t count, const char *why)
{
    for (size_t i = 0; i < count; i++) {
        result_init(&results[i]);
        result_fail(&results[i], why, NULL);
    }
}

void crew_run(const struct check_conf *conf, const struct target *targets, struct result *results, size_t count,
              int64_t start, int64_t deadline)
{
    signals_listen();
    if (atomic_load(&running) >= STUCK_MAX) {
        fail_all(results, count, "not tried: too many earlier tries are stuck, as in DNS");
        return;
    }
    struct crew *crew = crew_new(conf, count, start, deadline);
    if (!crew) {
        fail_all(results, count, "out of memory");
        return;
    }
    start_jobs(crew, targets, count);
    pthread_mutex_lock(&crew->lock);
    crew_wait(crew);
    for (size_t i = 0; i < count; i++)
        collect(&crew->jobs[i], &results[i]);
    crew_leave(crew);
}
