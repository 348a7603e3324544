/* What the kernel's texts are taken for, and what of it is told of a failure. */
#include "healthcheck/hint/facts.h"
#include "healthcheck/hint/hint.h"
#include "support/test.h"

static struct span span(const char *text)
{
    return (struct span){ text, strlen(text) };
}

/* --- numbers ----------------------------------------------------------------------------------- */

static void a_number_stands_behind_its_key(void **state)
{
    static const char stat[] = "usage_usec 5\nnr_periods 40\nnr_throttled 9\nnr_periods_of 7\n";

    (void)state;
    assert_int_equal(fact_number(span(stat), "nr_periods"), 40);
    assert_int_equal(fact_number(span(stat), "nr_throttled"), 9);
    assert_int_equal(fact_number(span(stat), "usage_usec"), 5);
    assert_int_equal(fact_number(span(stat), "nr"), -1);
    assert_int_equal(fact_number(span(stat), "periods"), -1);
    assert_int_equal(fact_number(span("536870912\n"), ""), 536870912);
    assert_int_equal(fact_number(span("Limit                     Soft Limit           Hard Limit\n"
                                      "Max open files            1024                 524288               files\n"),
                                 "Max open files"),
                     1024);
}

static void what_is_no_number_is_not_known(void **state)
{
    const char *const texts[] = { "", "\n", "max\n", "-1\n", "12x\n", "unlimited", " ", "99999999999999999999999\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_int_equal(fact_number(span(texts[i]), ""), -1);
    assert_int_equal(fact_number(span("oom_kill"), "oom_kill"), -1);
    assert_int_equal(fact_number(span("oom_kill \n"), "oom_kill"), -1);
    assert_int_equal(fact_number(span("9223372036854771712\n"), ""), -1); /* no limit, by version 1 */
}

/* --- cgroups ----------------------------------------------------------------------------------- */

static void expect_cgroup(const char *text, const char *controller, bool unified, const char *path)
{
    struct cgroup cgroup;

    assert_true(fact_cgroup(span(text), controller, &cgroup));
    assert_int_equal(cgroup.unified, unified);
    assert_int_equal(cgroup.path.length, strlen(path));
    assert_memory_equal(cgroup.path.at, path, strlen(path));
}

static void a_cgroup_is_the_controllers_or_that_of_version_2(void **state)
{
    static const char hybrid[] = "9:name=systemd:/s\n4:cpu,cpuacct:/c#1\n3:cpuset:/t\n2:memory:/m:n\n0::/u\n";
    struct cgroup cgroup;

    (void)state;
    expect_cgroup(hybrid, "memory", false, "/m:n");
    expect_cgroup(hybrid, "cpu", false, "/c#1");
    expect_cgroup(hybrid, "pids", true, "/u");
    expect_cgroup("0::/", "memory", true, "/");
    expect_cgroup("0::/../x", "memory", true, "/../x");
    const char *const none[] = { "", "\n", "0", "0:", "0::", "1:memory:", "1:memoryx:/\n", "::", ":" };
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(fact_cgroup(span(none[i]), "memory", &cgroup));
}

/* --- what is short ----------------------------------------------------------------------------- */

static const char *told(const struct shortage *shortage)
{
    static char line[HINT_SIZE + 1];
    struct text out = { line, HINT_SIZE, 0 };

    shortage_put(shortage, &out);
    return text_end(&out);
}

static void an_ordinary_container_has_nothing_to_tell(void **state)
{
    struct shortage shortage;

    (void)state;
    shortage_init(&shortage);
    assert_string_equal(told(&shortage), "");
    shortage = (struct shortage){ { 899, 1000 }, 0, { 24, 100 }, { 89, 100 }, { 921, 1024 }, 'S' };
    assert_string_equal(told(&shortage), "");
    for (const char *letter = "RSI"; *letter; letter++) {
        shortage.state = *letter;
        assert_string_equal(told(&shortage), "");
    }
    shortage = (struct shortage){ { 5, -1 }, -1, { 9, 9 }, { -1, 5 }, { 0, 0 }, 0 };
    assert_string_equal(told(&shortage), "");
}

static void what_is_near_its_limit_is_told(void **state)
{
    struct shortage shortage;

    (void)state;
    shortage = (struct shortage){ { 508 << 20, 512 << 20 }, 3, { 87, 100 }, { 90, 100 }, { 922, 1024 }, 'T' };
    assert_string_equal(told(&shortage), "memory 508 of 512 MiB, 3 OOM kills; CPU throttled in 87 % of its periods; "
                                         "pids 90 of 100; COMMAND is stopped (T); COMMAND has 922 of 1024 descriptors "
                                         "open");
    shortage_init(&shortage);
    shortage.oom_kills = 1;
    assert_string_equal(told(&shortage), "1 OOM kill");
    shortage.state = 'Z';
    assert_string_equal(told(&shortage), "1 OOM kill; COMMAND is a zombie (Z)");
    shortage_init(&shortage);
    shortage.state = 'D';
    assert_string_equal(told(&shortage), "COMMAND waits for the kernel (D)");
    shortage.state = 't';
    assert_string_equal(told(&shortage), "COMMAND is stopped by a debugger (t)");
    shortage_init(&shortage);
    shortage.memory = (struct share){ 1000 << 10, 1000 << 10 };
    assert_string_equal(told(&shortage), "memory 1000 of 1000 KiB");
}

/* Whatever a kernel says: nothing overflows. */
static void the_largest_numbers_are_told(void **state)
{
    const int64_t largest = fact_number(span("72057594037927935"), "");
    const struct share full = { largest, largest };
    const struct shortage shortage = { full, largest, full, full, full, 'S' };

    (void)state;
    assert_at_least(largest, INT64_C(1) << 55);
    assert_has(told(&shortage), "CPU throttled in 100 % of its periods; pids 72057594037927935 of 72057594037927935");
}

/* --- who listens ------------------------------------------------------------------------------- */

static struct proc_socket listening(uint8_t last, uint16_t port, uint64_t inode)
{
    return (struct proc_socket){ { .family = AF_INET, .bytes = { 127, 0, 0, last } }, port, SOCKET_LISTENS, inode };
}

static const char *told_of(const struct listeners *listeners)
{
    static char line[HINT_SIZE + 1];
    struct text out = { line, HINT_SIZE, 0 };

    listeners_put(listeners, &out);
    return text_end(&out);
}

static void a_listener_has_its_program_where_it_is_known(void **state)
{
    struct listeners listeners = { .count = 0 };
    struct proc_socket one = listening(1, 3000, 77), two = { { .family = AF_INET6 }, 9229, SOCKET_LISTENS, 78 };

    (void)state;
    assert_string_equal(told_of(&listeners), "");
    listeners_add(&listeners, &one);
    listeners_add(&listeners, &two);
    assert_int_equal(listeners_unnamed(&listeners), 2);
    listeners_name(&listeners, span("socket:[77]"), span("node"));
    listeners_name(&listeners, span("socket:[77]"), span("worker"));
    assert_int_equal(listeners_unnamed(&listeners), 1);
    assert_string_equal(told_of(&listeners), "here listen: 127.0.0.1:3000 (node), [::]:9229");
    const char *const links[] = { "", "socket:[", "socket:[]", "socket:[x]", "pipe:[78]", "/socket:[78]", "socket:[7" };
    for (size_t i = 0; i < COUNT(links); i++)
        listeners_name(&listeners, span(links[i]), span("liar"));
    assert_lacks(told_of(&listeners), "liar");
}

/* Several sockets of one port share its queue, and connections are no listeners. */
static void a_port_is_told_once(void **state)
{
    struct listeners listeners = { .count = 0 };
    struct proc_socket one = listening(1, 80, 1), twin = listening(1, 80, 2), connection = listening(2, 80, 3);

    (void)state;
    connection.state = SOCKET_OTHER;
    listeners_add(&listeners, &one);
    listeners_add(&listeners, &twin);
    listeners_add(&listeners, &connection);
    assert_string_equal(told_of(&listeners), "here listen: 127.0.0.1:80");
}

static void no_more_than_eight_are_told(void **state)
{
    struct listeners listeners = { .count = 0 };

    (void)state;
    for (uint8_t i = 1; i <= 20; i++) {
        struct proc_socket socket = listening(i, 80, i);
        listeners_add(&listeners, &socket);
    }
    assert_count(told_of(&listeners), ":80", 8);
    assert_has(told_of(&listeners), "127.0.0.8:80, and 12 more");
}

/* The longest addresses and names, a listener each. */
static void eight_listeners_have_room(void **state)
{
    struct listeners listeners = { .count = 0 };

    (void)state;
    for (uint8_t i = 0; i < LISTENERS_MAX; i++) {
        struct proc_socket socket = { { .family = AF_INET6 }, (uint16_t)(60000 + i), SOCKET_LISTENS, 5 };
        memset(socket.address.bytes, 0xfd, sizeof socket.address.bytes);
        listeners_add(&listeners, &socket);
    }
    listeners.more = 1000000;
    listeners_name(&listeners, span("socket:[5]"), span("fifteen-letters"));
    assert_has(told_of(&listeners), ", and 1000000 more");
    assert_count(told_of(&listeners), "(fifteen-letters)", 8);
}

static void dockers_name_server_is_not_told(void **state)
{
    struct listeners listeners = { .count = 0 };
    struct proc_socket docker = listening(11, 41235, 9), other = listening(1, 80, 1);

    (void)state;
    listeners_add(&listeners, &docker);
    assert_string_equal(told_of(&listeners), "");
    listeners_add(&listeners, &other);
    assert_string_equal(told_of(&listeners), "here listen: 127.0.0.1:80");
    listeners_name(&listeners, span("socket:[9]"), span("dnsmasq"));
    assert_string_equal(told_of(&listeners), "here listen: 127.0.0.11:41235 (dnsmasq), 127.0.0.1:80");
    listeners.count = 0;
    for (uint16_t i = 1; i <= LISTENERS_MAX + 1; i++) {
        docker = listening(11, i, i);
        listeners_add(&listeners, &docker);
    }
    assert_string_equal(told_of(&listeners), "");
}

/* Any process names itself: no second listener, no path, nothing that is not seen. */
static void a_name_cannot_pass_for_more_than_one(void **state)
{
    static const struct {
        const char *name, *shown;
    } names[] = {
        { "my app", "my app" },
        { "a), 0.0.0.0:1 (", "a?? 0.0.0.0:1 ?" },
        { "/run/secret", "?run?secret" },
        { "a\nFAIL \x1b[2J", "a?FAIL ?[2J" },
        { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
        { "cut \xc3", "cut ?" },
        { "\xe2\x80\xaeturned", "???turned" },
        { "a\"b\\c;", "a?b?c?" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct listeners listeners = { .count = 0 };
        struct proc_socket socket = listening(1, 80, 1);
        char wanted[128];

        listeners_add(&listeners, &socket);
        listeners_name(&listeners, span("socket:[1]"), span(names[i].name));
        snprintf(wanted, sizeof wanted, "here listen: 127.0.0.1:80 (%s)", names[i].shown);
        assert_string_equal(told_of(&listeners), wanted);
    }
}

static void inits_are_known_by_their_names(void **state)
{
    const char *const inits[] = { "init",        "init: draining", "init: starting", "tini",
                                  "docker-init", "dumb-init",      "catatonit",      "podman-init" };
    const char *const others[] = { "", "initd", "nginx", "init:", "init: ", "tin", "tinia", "INIT" };

    (void)state;
    for (size_t i = 0; i < COUNT(inits); i++)
        assert_true(fact_is_init(span(inits[i])));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(fact_is_init(span(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_stands_behind_its_key),
        cmocka_unit_test(what_is_no_number_is_not_known),
        cmocka_unit_test(a_cgroup_is_the_controllers_or_that_of_version_2),
        cmocka_unit_test(an_ordinary_container_has_nothing_to_tell),
        cmocka_unit_test(what_is_near_its_limit_is_told),
        cmocka_unit_test(the_largest_numbers_are_told),
        cmocka_unit_test(a_listener_has_its_program_where_it_is_known),
        cmocka_unit_test(a_port_is_told_once),
        cmocka_unit_test(no_more_than_eight_are_told),
        cmocka_unit_test(eight_listeners_have_room),
        cmocka_unit_test(dockers_name_server_is_not_told),
        cmocka_unit_test(a_name_cannot_pass_for_more_than_one),
        cmocka_unit_test(inits_are_known_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
