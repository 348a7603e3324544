/* The filter of init's system calls, gone through as the kernel does it, without a kernel of its architecture. */
#undef __SANITIZE_ADDRESS__ /* this filter is only looked at: what a sanitizer calls does not matter */
#undef PITH_COVERAGE

/* The source itself, so that what it installs can be had; without a second definition for the linker. */
#define confine           confine_and_capture
#define confine_memory    confine_memory_here
#define capabilities_keep capabilities_keep_here
#define seccomp_install   capture
#include "init/confine.c"

#include "support/test.h"

enum { CALLS = 1024, ALLOW = 0x7fff0000, REFUSED = 0x00050000 | EPERM };

static struct seccomp_step captured[256];
static size_t steps;

bool capture(const struct seccomp_step *filter, size_t count)
{
    assert_true(count <= sizeof captured / sizeof captured[0]);
    memcpy(captured, filter, count * sizeof *filter);
    steps = count;
    return true;
}

static void start(const char *exit_report)
{
    const struct init_conf conf = { .exit_report = exit_report };

    confine_and_capture(&conf);
}

/* What a filter sees of a call: struct seccomp_data, as far as it is looked at. */
struct call {
    uint32_t number;
    uint32_t architecture;
    uint32_t arguments[6];
};

struct verdict {
    uint32_t value;
    bool foreseen; /* by the number and the architecture alone, so that the kernel need not come here again */
};

static struct call call_of(uint32_t number, uint32_t first, uint32_t second, uint32_t third)
{
    return (struct call){ number, SECCOMP_ARCHITECTURE, { first, second, third } };
}

static uint32_t load(const struct call *call, uint32_t offset)
{
    for (uint32_t i = 0; i < 6; i++)
        if (offset == ((struct seccomp_step)SECCOMP_LOAD_ARGUMENT(i)).value)
            return call->arguments[i];
    assert_true(offset == 0 || offset == 4);
    return offset == 0 ? call->number : call->architecture;
}

static struct verdict judge(struct call call)
{
    struct verdict verdict = { .foreseen = true };
    uint32_t loaded = 0;

    for (size_t at = 0; at < steps; at++) {
        const struct seccomp_step *step = &captured[at];
        switch (step->code) {
        case 0x20: /* load */
            loaded = load(&call, step->value);
            verdict.foreseen = verdict.foreseen && step->value < 8;
            break;
        case 0x15: /* equal */
            at += loaded == step->value ? step->yes : step->no;
            break;
        case 0x45: /* any bit */
            at += loaded & step->value ? step->yes : step->no;
            break;
        case 0x06: /* return */
            verdict.value = step->value;
            return verdict;
        default:
            fail_msg("step %zu has code %#x", at, step->code);
        }
    }
    fail_msg("the filter has no end");
    return verdict;
}

static void assert_judged(struct call call, uint32_t value)
{
    if (judge(call).value != value)
        fail_msg("call %u (%#x, %#x, %#x): %#x", call.number, call.arguments[0], call.arguments[1], call.arguments[2],
                 judge(call).value);
}

static bool is_listed(uint32_t number, bool reports)
{
    for (size_t i = 0; i < ALLOWED - (reports ? 0 : REPORT); i++)
        if (allowed[i] == number)
            return true;
    return false;
}

/* Else each of them would go through the filter, which takes longer than init itself does. */
static void what_each_event_takes_is_allowed_beforehand(void **state)
{
    static const uint32_t numbers[] = { SYS_rt_sigtimedwait, SYS_wait4, SYS_kill, SYS_rt_sigqueueinfo };

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        start(i % 2 ? "/report" : NULL);
        struct verdict verdict = judge(call_of(numbers[i], 0, 0, 0));
        assert_true(verdict.value == ALLOW && verdict.foreseen);
    }
}

static void what_is_listed_is_allowed_and_nothing_else(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2 * CALLS; i++) {
        uint32_t number = i % CALLS;
        bool reports = i >= CALLS;
        if (number == 0)
            start(reports ? "/report" : NULL);
        if (number == SYS_ioctl || number == SYS_prctl || number == SYS_openat)
            continue;
        assert_judged(call_of(number, 0, 0, 0), is_listed(number, reports) ? ALLOW : REFUSED);
        assert_judged(call_of(number | 0x40000000, 0, 0, 0), REFUSED); /* x32 */
    }
}

/* On amd64, where these tests run. */
static void what_a_report_takes_is_refused_without_one(void **state)
{
    static const uint32_t numbers[] = { SYS_statx, SYS_faccessat, SYS_fstatfs, SYS_unlinkat, SYS_geteuid };

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        start(NULL);
        assert_judged(call_of(numbers[i], 0, 0, 0), REFUSED);
        start("/report");
        assert_judged(call_of(numbers[i], 0, 0, 0), ALLOW);
    }
}

static void calls_of_another_architecture_are_refused(void **state)
{
    (void)state;
    start("/report");
    for (uint32_t number = 0; number < CALLS; number++) {
        struct call call = call_of(number, 0, 0, 0);
        call.architecture ^= 1;
        assert_judged(call, REFUSED);
    }
}

static void the_terminal_and_the_name_are_allowed_by_their_argument(void **state)
{
    (void)state;
    start(NULL);
    assert_judged(call_of(SYS_ioctl, 0, TIOCGPGRP, 0), ALLOW);
    assert_judged(call_of(SYS_ioctl, 0, TIOCSPGRP, 0), ALLOW);
    assert_judged(call_of(SYS_ioctl, TIOCGPGRP, TIOCSTI, TIOCGPGRP), REFUSED);
    assert_judged(call_of(SYS_prctl, PR_SET_NAME, 0, 0), ALLOW);
    assert_judged(call_of(SYS_prctl, PR_SET_DUMPABLE, PR_SET_NAME, 0), REFUSED);
}

static void a_file_is_opened_for_writing_only_to_report(void **state)
{
    static const uint32_t writing[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_WRONLY | O_CLOEXEC };

    (void)state;
    for (size_t i = 0; i < sizeof writing / sizeof writing[0]; i++) {
        start(NULL);
        assert_judged(call_of(SYS_openat, 0, 0, writing[i]), REFUSED);
        assert_judged(call_of(SYS_openat, 0, 0, O_RDONLY | O_CLOEXEC | O_DIRECTORY), ALLOW);
        start("/report");
        assert_judged(call_of(SYS_openat, 0, 0, writing[i]), ALLOW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_event_takes_is_allowed_beforehand),
        cmocka_unit_test(what_is_listed_is_allowed_and_nothing_else),
        cmocka_unit_test(what_a_report_takes_is_refused_without_one),
        cmocka_unit_test(calls_of_another_architecture_are_refused),
        cmocka_unit_test(the_terminal_and_the_name_are_allowed_by_their_argument),
        cmocka_unit_test(a_file_is_opened_for_writing_only_to_report),
    };
    return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
