/* What healthcheck may cost with everything in: bytes, calls, instructions, page faults, memory. */
#include "bench/server.h"
#include "bench/spawn.h"
#include "bench/trace.h"
#include "budgets/budget.h"
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BYTES = 462848,       /* 430080 are asked for */
    BYTES_SMALL = 180500, /* 61 KiB of it are libc's regular expressions, resolver and heap */
    BYTES_LEAST = 71500,  /* 13 KiB of it are libc */
    BYTES_IMAGE = 111000, /* init and the least healthcheck: pith:VERSION-small */
    RUNS = 20,
    TRACES = 6, /* the kernel lays the stack otherwise each time, over a page more or less */
};

static const char *binary;
static struct server server;
static struct spawn_options options;

struct budget {
    long calls, instructions, faults, anonymous, file;
};

/* The fewest page faults of several runs, all of which are healthy. */
static long faults_of(const struct spawn_options *how, char *const argv[])
{
    long faults = 1000;

    for (int i = 0; i < RUNS; i++) {
        struct spawn_run run = spawn_run(how, argv);
        assert_int_equal(run.status, 0);
        faults = run.faults < faults ? run.faults : faults;
    }
    return faults;
}

static void hold(const char *scheme, const char *path, const struct budget *budget)
{
    char target[64];
    char *const argv[] = { "/healthcheck", target, NULL };

    snprintf(target, sizeof target, "%s://127.0.0.1:%u%s", scheme, server.port, path);
    struct trace_counts counts = trace_run(&options, argv, false);
    for (int i = 1; i < TRACES; i++) {
        struct trace_counts again = trace_run(&options, argv, false);
        counts = again.memory.anonymous < counts.memory.anonymous ? again : counts;
    }
    assert_int_equal(counts.status, 0);
    budget_hold("system calls", counts.calls, budget->calls);
    budget_hold_code("user instructions", counts.instructions, budget->instructions);
    budget_hold("calls of brk and mmap", counts.mappings, 0);
    budget_hold("page faults", faults_of(&options, argv), budget->faults);
    budget_hold("anonymous memory at exit", counts.memory.anonymous, budget->anonymous);
    budget_hold_pages(counts.memory.resident - counts.memory.anonymous, budget->file);
}

static void a_plain_http_probe_is_cheap(void **state)
{
    (void)state;
    hold("http", "/", &(struct budget){ .calls = 13, .instructions = 7900, .faults = 6, .anonymous = 24, .file = 24 });
}

static void a_tcp_probe_is_cheap(void **state)
{
    (void)state;
    hold("tcp", "", &(struct budget){ .calls = 12, .instructions = 5370, .faults = 6, .anonymous = 24, .file = 24 });
}

/* What holds the time of two to 1.3 of one's: no thread, no filter, and no more of the rest than a second probe needs.
 */
static void a_second_http_target_costs_little_more(void **state)
{
    char target[64];
    char *const argv[] = { "/healthcheck", target, target, NULL };

    (void)state;
    snprintf(target, sizeof target, "http://127.0.0.1:%u/", server.port);
    struct trace_counts counts = trace_run(&options, argv, false);
    assert_int_equal(counts.status, 0);
    budget_hold("system calls", counts.calls, 26);
    budget_hold_code("user instructions", counts.instructions, 20900);
    budget_hold("calls of brk and mmap", counts.mappings, 0);
}

/* Most of what it costs beside that is the filter and Landlock, which the floor does without. */
static void a_grpc_probe_touches_no_more_pages_than_the_least_one_on_the_same_library(void **state)
{
    int port = peer_port();
    char *number = strdup(peer_text("%d", port)), *target = strdup(peer_text("grpc://127.0.0.1:%d", port));
    struct spawn_options floor = { .path = budget_floor("grpc"), .out = options.out };
    pid_t peer = peer_start(
        "grpc.log", (char *[]){ (char *)peer_copy("grpc-server"), (char *)peer_text("127.0.0.1:%d", port), NULL });

    (void)state;
    peer_await(target);
    long least = faults_of(&floor, (char *[]){ (char *)"floor-grpc", number, NULL });
    struct trace_counts counts = trace_run(&options, (char *[]){ (char *)"/healthcheck", target, NULL }, false);
    budget_hold("page faults", faults_of(&options, (char *[]){ (char *)"/healthcheck", target, NULL }), least);
    budget_hold("calls of brk and mmap", counts.mappings, 1);
    peer_stop(peer, SIGTERM);
    free(target);
    free(number);
}

static void its_file_is_small_with_everything_in(void **state)
{
    (void)state;
    budget_hold_size(binary, BYTES);
}

static void its_file_is_smaller_without_tls_and_grpc(void **state)
{
    (void)state;
    budget_hold_size(budget_file("PITH_HEALTHCHECK_SMALL", "build/amd64/small/healthcheck"), BYTES_SMALL);
}

static void its_file_is_least_without_any_part(void **state)
{
    char path[512];

    (void)state;
    snprintf(path, sizeof path, "%s/TLS-GRPC-SERVICES-REGEX-DNS-HINTS-HOLD-EXTRAS-STEPS/healthcheck",
             budget_file("PITH_PARTS", "build/amd64/parts"));
    budget_hold_size(path, BYTES_LEAST);
}

static void the_small_image_is_small(void **state)
{
    const char *const names[] = { "init", "healthcheck" };
    long bytes = 0;

    (void)state;
    for (int i = 0; i < 2; i++) {
        char path[512];
        struct stat file;

        snprintf(path, sizeof path, "%s/TLS-GRPC-SERVICES-REGEX-DNS-HINTS-HOLD-EXTRAS-STEPS/%s",
                 budget_file("PITH_PARTS", "build/amd64/parts"), names[i]);
        assert_int_equal(stat(path, &file), 0);
        bytes += file.st_size;
    }
    budget_hold("bytes of both", bytes, BYTES_IMAGE);
}

static int start(void **state)
{
    (void)state;
    server = server_start(NULL, 0);
    options = (struct spawn_options){ .path = binary, .out = open("/dev/null", O_WRONLY | O_CLOEXEC) };
    return 0;
}

static int stop(void **state)
{
    (void)state;
    server_stop(&server);
    return peer_clean(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_file_is_small_with_everything_in),
        cmocka_unit_test(its_file_is_smaller_without_tls_and_grpc),
        cmocka_unit_test(its_file_is_least_without_any_part),
        cmocka_unit_test(the_small_image_is_small),
        cmocka_unit_test(a_plain_http_probe_is_cheap),
        cmocka_unit_test(a_tcp_probe_is_cheap),
        cmocka_unit_test(a_second_http_target_costs_little_more),
        cmocka_unit_test(a_grpc_probe_touches_no_more_pages_than_the_least_one_on_the_same_library),
    };

    binary = budget_file("PITH_HEALTHCHECK", "build/amd64/healthcheck");
    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
