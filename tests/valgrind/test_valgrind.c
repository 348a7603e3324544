/* healthcheck reads nothing that was not written and frees nothing twice, whatever kind of target it is given. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tour.h"

enum { BAD = 99, BOUND_MS = 60000 };

static unsigned visits;

/* Where an error was seen, and COMMAND has not taken its place, it ends with BAD. */
static void watch(const char *command)
{
    static const char valgrind[] = "valgrind -q --error-exitcode=99 --log-file=";
    const char *log = "valgrind.log";

    setenv("HC", format("%s%s %s", valgrind, peer_path(log), probe_binary()), 1);
    const struct run_result *result = run(&(struct run_options){ .bound_ms = BOUND_MS },
                                          (char *[]){ (char *)"sh", (char *)"-c", (char *)(uintptr_t)command, NULL });
    if (result->status == BAD || result->status > 127 || result->killed)
        fail_msg("%s: status %d: %s", command, result->status, peer_read(log));
    visits++;
}

static void every_kind_of_target_and_every_option_is_clean(void **state)
{
    (void)state;
    tour(watch, "20s");
    assert_at_least(visits, 41);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_target_and_every_option_is_clean),
    };
    return cmocka_run_group_tests(tests, tour_start, tour_stop);
}
