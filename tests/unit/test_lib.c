/* What both binaries share: texts, numbers, durations, expansion, reading, exit statuses. */
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/environment.h"
#include "pith/exitcode.h"
#include "pith/expand.h"
#include "pith/file.h"
#include "pith/text.h"
#include "support/guard.h"
#include "support/run.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void a_text_is_cut_at_its_size_and_counts_on(void **state)
{
    char buffer[5] = "....";
    struct text text = { buffer, 4, 0 };

    (void)state;
    text_string(&text, "abc");
    text_number(&text, 42);
    assert_int_equal(text.length, 5);
    assert_int_equal(text_kept(&text), 4);
    assert_memory_equal(buffer, "abc4", 5);
}

static void a_text_ends_as_a_c_string_within_its_size(void **state)
{
    char buffer[8];
    struct text text = { buffer, 4, 0 };

    (void)state;
    memset(buffer, 'x', sizeof buffer);
    text_string(&text, "abc");
    assert_string_equal(text_end(&text), "abc");
    text_char(&text, 'd');
    text_char(&text, 'e');
    assert_string_equal(text_end(&text), "abc");
    assert_int_equal(buffer[4], 'x');
    assert_string_equal(text_copy(buffer, 4, "abcdef", 2), "ab");
    assert_string_equal(text_copy(buffer, 4, "abcdef", 6), "abc");
    assert_int_equal(buffer[4], 'x');
}

static void strings_are_compared_to_their_end_and_no_further(void **state)
{
    (void)state;
    assert_int_equal(text_until("a=b=c", '='), 1);
    assert_int_equal(text_until("abc", '='), 3);
    assert_int_equal(text_until("", '='), 0);
    assert_true(text_begins("NAME=value", "NAMES", 4) && text_begins("", "x", 0));
    assert_false(text_begins("NAM", "NAME", 4) || text_begins("name", "NAME", 4));
    assert_string_equal(text_after("sigTERM", "SIG"), "TERM");
    assert_string_equal(text_after("SIG", "sig"), "");
    assert_null(text_after("SI", "SIG"));
    assert_true(text_is("YeS", "yes") && text_is("", ""));
    assert_false(text_is("yes!", "yes") || text_is("ye", "yes") || text_is("[", "{") || text_is("\x11", "1"));
}

static void letters_of_ascii_alone_have_capitals(void **state)
{
    (void)state;
    for (int c = -128; c < 128; c++)
        assert_int_equal(text_upper((char)c), c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static void a_text_is_cut_into_pieces_up_to_its_end(void **state)
{
    char text[] = "ab::c", *rest = text;

    (void)state;
    assert_string_equal(text_cut(&rest, ':'), "ab");
    assert_string_equal(text_cut(&rest, ':'), "");
    assert_string_equal(text_cut(&rest, ':'), "c");
    assert_string_equal(text_cut(&rest, ':'), "");
    assert_ptr_equal(rest, text + sizeof text - 1);
}

static void the_largest_number_fills_its_buffer(void **state)
{
    static const char room[NUMBER_SIZE];

    (void)state;
    assert_string_equal(number_string(guarded(room, sizeof room), UINT64_MAX), "18446744073709551615");
    assert_string_equal(number_string(guarded(room, sizeof room), 0), "0");
}

static void numbers_are_digits_and_nothing_else(void **state)
{
    static const char *const bad[] = { "", "+1", "-1", " 1", "1 ", "0x1", "256", "18446744073709551616", "1.0" };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(number_parse(bad[i], 255), -1);
    assert_int_equal(number_parse("0", 255), 0);
    assert_int_equal(number_parse("0255", 255), 255);
    assert_true(number_parse("99999999999999999", INT64_C(100000000000000000)) == INT64_C(99999999999999999));
    assert_int_equal(number_parse("99999999999999999999", INT64_C(100000000000000000)), -1);
}

static void durations_are_read_in_every_documented_form(void **state)
{
    static const struct {
        const char *string;
        int64_t ns;
    } good[] = {
        { "250ms", 250 * NS_PER_MS },
        { "5s", 5 * NS_PER_S },
        { "2m", 120 * NS_PER_S },
        { "1h", 3600 * NS_PER_S },
        { "5", 5 * NS_PER_S },
        { "0.5", NS_PER_S / 2 },
        { "1.5s", 3 * NS_PER_S / 2 },
        { "0", 0 },
        { "0755", 755 * NS_PER_S },
        { "0.000000001", 1 },
        { "0.0000000019", 1 },
        { "1.5m", 90 * NS_PER_S },
        { "1m30s", 90 * NS_PER_S },
        { "1h0m0s", 3600 * NS_PER_S },
        { "1s500ms", 3 * NS_PER_S / 2 },
        { "0.5h30m", 3600 * NS_PER_S },
        { "87600h", INT64_C(87600) * 3600 * NS_PER_S },
    };
    int64_t ns;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_null(duration_parse(good[i].string, &ns));
        assert_true(ns == good[i].ns);
    }
}

static void durations_refuse_everything_else(void **state)
{
    static const char *const bad[] = { "",
                                       "s",
                                       "-1",
                                       "+1",
                                       "1x",
                                       "2x",
                                       " 1",
                                       "1 s",
                                       "1S",
                                       "1.",
                                       ".5",
                                       "1.5.5",
                                       "1e3",
                                       "0x10",
                                       "inf",
                                       "1d",
                                       "1m30",
                                       "30 1m",
                                       "1m-30s",
                                       "87600h1s",
                                       "87601h",
                                       "99999999999999999999",
                                       "315360000.1s",
                                       "18446744073709551617" };
    int64_t ns = 7;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_non_null(duration_parse(bad[i], &ns));
    assert_int_equal(ns, 7);
}

static int64_t clock_now(clockid_t clock)
{
    struct timespec now;

    assert_int_equal(clock_gettime(clock, &now), 0);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void times_are_nanoseconds_of_their_clock(void **state)
{
    static const struct {
        clockid_t clock;
        int64_t (*read)(void);
    } rows[] = { { CLOCK_MONOTONIC, time_now }, { CLOCK_BOOTTIME, time_since_boot }, { CLOCK_REALTIME, time_of_day } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t before = clock_now(rows[i].clock), now = rows[i].read();
        if (before > now || now > clock_now(rows[i].clock))
            fail_msg("clock %d: %lld after %lld", (int)rows[i].clock, (long long)now, (long long)before);
    }
}

static void a_time_never_ends_however_long_is_added(void **state)
{
    (void)state;
    assert_true(time_add(TIME_NEVER, 1) == TIME_NEVER);
    assert_true(time_add(5, TIME_NEVER) == TIME_NEVER);
    assert_int_equal(time_add(5, 6), 11);
}

static char *const environment[] = { "PORT=8080", "EMPTY=", "PORTS=1", "DOLLAR=${PORT}", "A1.b-C_2=x", NULL };

static void expansion_replaces_names_and_leaves_the_rest(void **state)
{
    static const struct {
        const char *from, *to;
    } good[] = {
        { "http://localhost:${PORT}/health", "http://localhost:8080/health" },
        { "${PORT}${PORTS}", "80801" },
        { "${NONE:-9}", "9" },
        { "${NONE:-}", "" },
        { "${EMPTY:-9}", "9" },
        { "${EMPTY}", "" },
        { "${PORT:-9}", "8080" },
        { "${PORT:+9}", "9" },
        { "${PORT:+}", "" },
        { "${NONE:+9}", "" },
        { "${EMPTY:+9}", "" },
        { "${A1.b-C_2}", "x" },
        { "${NONE:-a:-b}", "a:-b" },
        { "$$", "$" },
        { "$${PORT}", "${PORT}" },
        { "$PORT $ $1", "$PORT $ $1" },
        { "${DOLLAR}", "${PORT}" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        char buffer[100];
        struct text out = { buffer, sizeof buffer, 0 };
        struct expand_error error;
        assert_true(expand(good[i].from, environment, NULL, &out, &error));
        text_char(&out, '\0');
        assert_string_equal(buffer, good[i].to);
    }
}

static bool put_path(struct expand_files *files, const char *path, size_t length, struct text *out,
                     struct expand_error *error)
{
    (void)files, (void)error;
    text_char(out, '<');
    text_bytes(out, path, length);
    text_char(out, '>');
    return true;
}

static void the_path_of_a_file_is_what_stands_behind_its_colon(void **state)
{
    static const char *const rows[][2] = { { "a${file:/x}b", "a</x>b" },
                                           { "${file:/x/y}${PORT}", "</x/y>8080" },
                                           { "${file:/}", "</>" },
                                           { "$${file:/x}", "${file:/x}" } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char buffer[100];
        struct text out = { buffer, sizeof buffer, 0 };
        struct expand_files files = { .put = put_path };
        struct expand_error error;
        assert_true(expand(rows[i][0], environment, &files, &out, &error));
        assert_string_equal(text_end(&out), rows[i][1]);
    }
}

static void expansion_names_what_is_wrong(void **state)
{
    static const struct {
        const char *from, *what;
    } bad[] = {
        { "a${NONE}b", "NONE" },   { "${POR}", "POR" },
        { "x${PORT", "${PORT" },   { "${}", "" },
        { "${1A}", "1A" },         { "${PORT:}", "PORT" },
        { "${A B}", "A B" },       { "${PORT:x}", "PORT" },
        { "${PORT-x}", "PORT-x" }, { "${A:-${PORT}}", "${A:-${PORT}" },
        { "${file:/x}", "file" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct text out = { NULL, 0, 0 };
        struct expand_error error = { .what = "?" };
        assert_false(expand(bad[i].from, environment, NULL, &out, &error));
        assert_string_equal(error.what, bad[i].what);
        assert_non_null(error.why);
    }
}

static void exit_statuses_are_those_of_a_shell(void **state)
{
    (void)state;
    assert_int_equal(exitcode_from_wait(3 << 8), 3);
    assert_int_equal(exitcode_from_wait(SIGKILL), 137);
    assert_int_equal(exitcode_from_exec(ENOENT), 127);
    assert_int_equal(exitcode_from_exec(ENOTDIR), 127);
    assert_int_equal(exitcode_from_exec(EACCES), 126);
    assert_int_equal(exitcode_from_exec(ENOEXEC), 126);
}

/* POINT in N bytes of UTF-8 (RFC 3629), or in as few as can be: its bytes in AT. Returns how many these are. */
static size_t encode_in(size_t n, uint32_t point, char at[4])
{
    for (size_t i = n; i-- > 1; point >>= 6)
        at[i] = (char)(0x80 | (point & 0x3f));
    at[0] = (char)(n == 1 ? point : (0xf00 >> n & 0xff) | point);
    return n;
}

static size_t encode(uint32_t point, char at[4])
{
    return encode_in(point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4, point, at);
}

static bool is_visible(uint32_t point)
{
    char bytes[4];
    size_t n = encode(point, bytes), shown = text_visible(bytes, n);

    assert_true(shown == 0 || shown == n);
    for (size_t cut = 1; cut < n; cut++)
        assert_int_equal(text_visible(bytes, cut), 0);
    return shown > 0;
}

static bool is_code_point(uint32_t point)
{
    return point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

/* A form with a byte more than it needs is another way to write what a filter has looked for (RFC 3629, 10). */
static void every_code_point_is_read_from_its_shortest_form_alone(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x200000; point++) {
        char bytes[4];
        size_t n = encode(point, bytes), length = 0;
        int32_t found = text_utf8(bytes, n, &length);
        if (is_code_point(point) ? found != (int32_t)point || length != n : found != -1)
            fail_msg("U+%04X: %d in %zu bytes", (unsigned)point, (int)found, length);
        for (size_t more = n + 1; more <= 4; more++)
            assert_int_equal(text_utf8(bytes, encode_in(more, point, bytes), &length), -1);
    }
}

static void what_has_no_shape_or_turns_text_round_is_not_visible(void **state)
{
    /* The last and the first of each two that are visible; what is between them is not. */
    static const uint32_t gaps[][2] = {
        { 0, ' ' },           { 0x7e, 0xa1 },        { 0xac, 0xae },       { 0x34e, 0x350 },     { 0x61b, 0x61d },
        { 0x115e, 0x1161 },   { 0x167f, 0x1681 },    { 0x17b3, 0x17b6 },   { 0x180a, 0x1810 },   { 0x1fff, 0x2010 },
        { 0x2027, 0x2030 },   { 0x205e, 0x2070 },    { 0x27ff, 0x2801 },   { 0x2fff, 0x3001 },   { 0x3163, 0x3165 },
        { 0xd7ff, 0xf900 },   { 0xfdcf, 0xfdf0 },    { 0xfdff, 0xfe10 },   { 0xfefe, 0xff00 },   { 0xff9f, 0xffa1 },
        { 0xffef, 0xfffc },   { 0xfffd, 0x10000 },   { 0x1bc9f, 0x1bca4 }, { 0x1d172, 0x1d17b }, { 0x1fffd, 0x20000 },
        { 0x2fffd, 0x30000 }, { 0x3fffd, 0x200000 }, /* tags, private use, beyond Unicode */
    };

    (void)state;
    assert_false(is_visible(0));
    for (size_t i = 0; i < COUNT(gaps); i++) {
        for (uint32_t point = gaps[i][0] + 1; point < gaps[i][1]; point++)
            if (is_visible(point))
                fail_msg("U+%04X is visible", (unsigned)point);
        for (uint32_t point = gaps[i][1]; i + 1 < COUNT(gaps) && point <= gaps[i + 1][0]; point++)
            if (!is_visible(point))
                fail_msg("U+%04X is not visible", (unsigned)point);
    }
}

static void letters_of_every_script_are_visible(void **state)
{
    static const uint32_t points[] = {
        ' ', 'A', '~', 0xdf, 0x3b1, 0x5d0, 0x627, 0x915, 0x20ac, 0x4e2d, 0xac00, 0x1f49a
    };
    static const char *const others[] = { "\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",     "\xf0\x8f\xbf\xbf",
                                          "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xff",
                                          "\xc3(",        "\xe2\x82(" };

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
        assert_true(is_visible(points[i]));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(text_visible(others[i], strlen(others[i])), 0);
}

/* What diagf writes of a message: its length. */
static size_t diagf_of(const char *message, char said[8192])
{
    int saved = dup(STDERR_FILENO), ends[2];

    assert_int_equal(pipe(ends), 0);
    diag_name("prog");
    dup2(ends[1], STDERR_FILENO);
    diagf("%s", message);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    size_t n = (size_t)read(ends[0], said, 8192);
    close(ends[0]);
    return n;
}

/* PIPE_BUF, so that lines of several programs do not mix in a pipe. */
static void a_message_is_a_line_of_4096_bytes_at_most(void **state)
{
    enum { FRAME = sizeof "prog: " }; /* with the line feed */
    static const size_t lengths[] = { 0, 1, 4095 - FRAME, 4096 - FRAME, 4097 - FRAME, 4098 - FRAME, 5000 };

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char said[8192], message[5001] = "";
        memset(message, 'm', lengths[i]);
        size_t n = diagf_of(message, said);
        assert_int_equal(n, lengths[i] + FRAME < 4096 ? lengths[i] + FRAME : 4096);
        assert_true(memchr(said, '\n', n) == said + n - 1);
        assert_memory_equal(said, "prog: ", 6);
        for (size_t at = 6; at < n - 1; at++)
            assert_int_equal(said[at], 'm');
    }
}

static void what_a_terminal_would_obey_is_not_in_a_message(void **state)
{
    static const char wanted[] = "prog: a?[1mb?c?d\303\251\n";
    char said[8192];

    (void)state;
    assert_int_equal(diagf_of("a\033[1mb\nc\377d\303\251", said), sizeof wanted - 1);
    assert_memory_equal(said, wanted, sizeof wanted - 1);
}

static void an_error_without_a_text_is_a_number(void **state)
{
    char room[32];
    struct text out = { room, sizeof room, 0 };

    (void)state;
    text_errno(&out, 43);
    assert_string_equal(text_end(&out), "Error 43");
}

static void a_format_takes_strings_pieces_numbers_and_errno(void **state)
{
    char room[64];
    struct text out = { room, sizeof room, 0 };

    (void)state;
    errno = ENOENT;
    text_format(&out, "%s, %.*s, %.*s, %d: %s", "a%sb", 2, "pieces", 9, "all", 42, DIAG_ERRNO);
    assert_string_equal(text_end(&out), "a%sb, pi, all, 42: No such file or directory");
    text_format(&out, "%.*s", 0, "not read");
    text_format(&out, "%d", 0);
    assert_string_equal(text_end(&out), "a%sb, pi, all, 42: No such file or directory0");
}

static void a_literal_is_counted_without_its_end(void **state)
{
    char *variables[] = { "PATHS=x", "PATH=a", "PATH=b", NULL };

    (void)state;
    assert_string_equal(environment_get(variables, LITERAL("PATH")), "a");
    assert_null(environment_get(variables, LITERAL("PAT")));
}

static void a_reader_takes_what_has_room_and_appends_it(void **state)
{
    char buffer[] = "a.....";
    struct text text = { buffer, 4, 1 };
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_true(write_all(ends[1], LITERAL("bcdef")));
    assert_true(read_all(ends[0], 0, &text));
    assert_int_equal(text.length, 4);
    assert_string_equal(buffer, "abcd..");
    text = (struct text){ buffer, sizeof buffer, 0 };
    close(ends[1]);
    assert_true(read_all(ends[0], 0, &text));
    assert_int_equal(text.length, 2);
    close(ends[0]);
}

static void a_reader_waits_for_a_writer_until_its_time_has_come(void **state)
{
    char buffer[4];
    struct text text = { buffer, sizeof buffer, 0 };
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_false(read_all(ends[0], time_now() + 5 * NS_PER_MS, &text));
    assert_int_equal(errno, ETIMEDOUT);
    assert_false(read_all(ends[0], 0, &text));
    assert_int_equal(errno, EAGAIN);
    close(ends[0]);
    close(ends[1]);
}

static volatile sig_atomic_t interruptions;
static int interrupted_pipe[2];

static void interrupt(int signal)
{
    (void)signal;
    if (++interruptions == 3)
        (void)!write(interrupted_pipe[1], "x", 1);
}

static void a_reader_that_is_interrupted_reads_on(void **state)
{
    const struct sigaction action = { .sa_handler = interrupt }; /* no SA_RESTART: read(2) fails with EINTR */
    const struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
    char byte = '\0';

    (void)state;
    assert_int_equal(pipe(interrupted_pipe), 0);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    assert_int_equal(read_some(interrupted_pipe[0], &byte, 1), 1);
    setitimer(ITIMER_REAL, &never, NULL);
    assert_int_equal(byte, 'x');
    close(interrupted_pipe[0]);
    close(interrupted_pipe[1]);
}

/* The last test: what hurries does so to its end. */
static void a_full_pipe_is_waited_for_once_until_it_is_read(void **state)
{
    static char bytes[1 << 20];
    int ends[2];

    (void)state;
    run_full_pipe(ends);
    for (int again = 0; again < 2; again++) {
        int64_t start = run_now_ms();
        assert_false(diag_write(ends[1], "\n", 1));
        int64_t waited = run_now_ms() - start;
        assert_at_least(waited, 990);
        for (int i = 0; i < 10; i++)
            assert_false(diag_write(ends[1], "\n", 1));
        assert_at_most(run_now_ms() - start - waited, waited);
        ssize_t n = read(ends[0], bytes, sizeof bytes);
        assert_true(diag_write(ends[1], bytes, (size_t)n));
    }
    read(ends[0], bytes, sizeof bytes);
    assert_true(diag_write(ends[1], "\n", 1));
    close(ends[0]);
    close(ends[1]);
    run_full_pipe(ends);
    diag_hurry();
    int64_t start = run_now_ms();
    assert_false(diag_write(ends[1], "\n", 1));
    assert_at_most(run_now_ms() - start, 900);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_a_line_of_4096_bytes_at_most),
        cmocka_unit_test(what_a_terminal_would_obey_is_not_in_a_message),
        cmocka_unit_test(an_error_without_a_text_is_a_number),
        cmocka_unit_test(a_format_takes_strings_pieces_numbers_and_errno),
        cmocka_unit_test(a_literal_is_counted_without_its_end),
        cmocka_unit_test(a_reader_takes_what_has_room_and_appends_it),
        cmocka_unit_test(a_reader_waits_for_a_writer_until_its_time_has_come),
        cmocka_unit_test(a_reader_that_is_interrupted_reads_on),
        cmocka_unit_test(every_code_point_is_read_from_its_shortest_form_alone),
        cmocka_unit_test(what_has_no_shape_or_turns_text_round_is_not_visible),
        cmocka_unit_test(letters_of_every_script_are_visible),
        cmocka_unit_test(a_text_is_cut_at_its_size_and_counts_on),
        cmocka_unit_test(a_text_ends_as_a_c_string_within_its_size),
        cmocka_unit_test(strings_are_compared_to_their_end_and_no_further),
        cmocka_unit_test(letters_of_ascii_alone_have_capitals),
        cmocka_unit_test(a_text_is_cut_into_pieces_up_to_its_end),
        cmocka_unit_test(the_largest_number_fills_its_buffer),
        cmocka_unit_test(numbers_are_digits_and_nothing_else),
        cmocka_unit_test(durations_are_read_in_every_documented_form),
        cmocka_unit_test(durations_refuse_everything_else),
        cmocka_unit_test(times_are_nanoseconds_of_their_clock),
        cmocka_unit_test(a_time_never_ends_however_long_is_added),
        cmocka_unit_test(expansion_replaces_names_and_leaves_the_rest),
        cmocka_unit_test(the_path_of_a_file_is_what_stands_behind_its_colon),
        cmocka_unit_test(expansion_names_what_is_wrong),
        cmocka_unit_test(exit_statuses_are_those_of_a_shell),
        cmocka_unit_test(a_full_pipe_is_waited_for_once_until_it_is_read),
    };
    return cmocka_run_group_tests_name("lib", tests, NULL, NULL);
}
