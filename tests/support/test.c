/* Says what was wrong, and where; chooses which tests of a program are run. */
#include "support/test.h"

#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <execinfo.h>
#endif

enum { SHOWN_MAX = 3000, CALLERS_MAX = 16, PLACE_MAX = 128, FRAMES_MAX = 32 };

/* Which tests are run: those that the pattern in PITH_TEST fits and that in PITH_SKIP does not. */
__attribute__((constructor)) static void choose_tests(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* what failed comes after what was said of it */
    cmocka_set_test_filter(getenv("PITH_TEST"));
    cmocka_set_skip_filter(getenv("PITH_SKIP"));
}

/* --- what is shown ------------------------------------------------------------------------------ */

/* Each line of a message is a comment of TAP. */
static void vsay(const char *format, va_list values)
{
    char message[SHOWN_MAX], *rest = message;

    vsnprintf(message, sizeof message, format, values);
    while (rest)
        print_error("# %s\n", strsep(&rest, "\n"));
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsay(format, values);
    va_end(values);
}

/* Bytes as they are, if they are to be seen, else as C writes them; a line feed begins a line behind MARK. */
static void show_bytes(const char *mark, const char *bytes, size_t length)
{
    print_error("#   %s | ", mark);
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\n' && i + 1 < length)
            print_error("\n#   %s | ", mark);
        else if ((unsigned char)bytes[i] >= ' ' && bytes[i] != '\x7f')
            print_error("%c", bytes[i]);
        else if (bytes[i] != '\n')
            print_error("\\x%02x", (unsigned char)bytes[i]);
    print_error("\n");
}

/* TEXT as comments of TAP; of a long one the middle is left out. */
static void show(const char *mark, const char *text)
{
    size_t length = strlen(text), half = SHOWN_MAX / 2;

    if (length == 0)
        print_error("#   %s is empty\n", mark);
    else if (length <= SHOWN_MAX)
        show_bytes(mark, text, length);
    else {
        show_bytes(mark, text, half);
        print_error("#   %s ... %zu bytes ...\n", mark, length - SHOWN_MAX);
        show_bytes(mark, text + length - half, half);
    }
}

/* --- the program that ended last ---------------------------------------------------------------- */

static struct {
    bool seen;
    int status;
    char command[RUN_COMMAND_MAX + 1], out[RUN_OUTPUT_MAX + 1], err[RUN_OUTPUT_MAX + 1];
} last;

void test_saw(const char *command, int status, const char *out, const char *err)
{
    last.seen = true;
    last.status = status;
    snprintf(last.command, sizeof last.command, "%s", command);
    snprintf(last.out, sizeof last.out, "%s", out);
    snprintf(last.err, sizeof last.err, "%s", err);
}

static void show_last(void)
{
    if (!last.seen)
        return;
    print_error("# the program that ended last, with status %d: %s\n", last.status, last.command);
    show("stdout", last.out);
    show("stderr", last.err);
}

/* --- where -------------------------------------------------------------------------------------- */

struct place {
    char file[PLACE_MAX];
    int line;
};

/* The lines in tests/ that have led here, the innermost first: their count. */
static size_t find_callers(struct place callers[CALLERS_MAX])
{
    size_t count = 0;
#ifdef __GLIBC__
    extern const char __executable_start[], etext[];
    char command[64 + 20 * FRAMES_MAX], line[1024];
    void *frames[FRAMES_MAX];
    int n = snprintf(command, sizeof command, "exec 2>/dev/null addr2line -i -e /proc/%ld/exe", (long)getpid());

    for (int i = 0, depth = backtrace(frames, FRAMES_MAX); i < depth; i++) {
        const char *at = frames[i];
        if (at < __executable_start || at >= etext)
            break; /* cmocka, which has called the test */
        n += snprintf(command + n, sizeof command - (size_t)n, " %#lx", (unsigned long)(at - 1 - __executable_start));
    }
    FILE *lines = popen(command, "re");
    while (lines && count < CALLERS_MAX && fgets(line, sizeof line, lines)) {
        const char *file = strstr(line, "/tests/");
        count += file && sscanf(file + 1, "%127[^:]:%d", callers[count].file, &callers[count].line) == 2;
    }
    if (lines)
        pclose(lines);
#else
    (void)callers;
#endif
    return count;
}

/* Names the lines of the file that the test is in, whatever functions of other files have failed, and ends the test. */
_Noreturn static void end(const char *file, int line)
{
    struct place callers[CALLERS_MAX], here = { .line = 0 };
    size_t count = find_callers(callers);

    show_last();
    for (size_t i = 0; i < count; i++)
        if (strcmp(callers[i].file, callers[count - 1].file) == 0) {
            print_error("# %s %s:%d\n", here.line ? "called from" : "at", callers[i].file, callers[i].line);
            here = here.line ? here : callers[i];
        }
    _fail(here.line ? here.file : file, here.line ? here.line : line);
    abort();
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsay(format, values);
    va_end(values);
    end(file, line);
}

/* --- the assertions ----------------------------------------------------------------------------- */

static void saw(const struct run_result *run)
{
    test_saw(run->command, run->status, run->out, run->err);
}

void test_status(const struct run_result *run, int status, const char *file, int line)
{
    if (run->status == status)
        return;
    saw(run);
    test_fail(file, line, "the status is %d%s, wanted %d", run->status, run->killed ? " (killed for its time)" : "",
              status);
}

/* Says of WHAT that TEXT is in it, which is not wanted, or the other way round. */
static void say_has(const char *what, bool has, const char *text)
{
    say("%s has %s in it", what, has ? "this" : "not this");
    show(has ? "unwanted" : "wanted", text);
}

void test_says(const struct run_result *run, const char *text, bool wanted, const char *file, int line)
{
    if ((strstr(run->out, text) != NULL) == wanted)
        return;
    saw(run);
    say_has("stdout", !wanted, text);
    end(file, line);
}

void test_complains(const struct run_result *run, const char *text, const char *file, int line)
{
    if (strstr(run->err, text))
        return;
    saw(run);
    say_has("stderr", false, text);
    end(file, line);
}

void test_has(const char *string, const char *text, bool wanted, const char *name, const char *file, int line)
{
    if ((strstr(string, text) != NULL) == wanted)
        return;
    say_has(name, !wanted, text);
    show("got", string);
    end(file, line);
}

void test_count(const char *string, const char *text, size_t count, const char *name, const char *file, int line)
{
    size_t n = 0;

    for (const char *at = string; (at = strstr(at, text)); at += strlen(text))
        n++;
    if (n == count)
        return;
    say("%s has this in it %zu times, wanted %zu", name, n, count);
    show("this", text);
    show("got", string);
    end(file, line);
}

void test_string(const char *got, const char *wanted, const char *name, const char *file, int line)
{
    size_t same = 0;

    while (got[same] && got[same] == wanted[same])
        same++;
    if (got[same] == wanted[same])
        return;
    say("%s is not what is wanted, from byte %zu on", name, same);
    show("got", got);
    show("wanted", wanted);
    end(file, line);
}

void test_memory(const void *got, const void *wanted, size_t size, const char *name, const char *file, int line)
{
    const unsigned char *a = got, *b = wanted;

    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            test_fail(file, line, "%s has 0x%02x at byte %zu, wanted 0x%02x", name, a[i], i, b[i]);
}

void test_range(intmax_t value, intmax_t least, intmax_t most, const char *name, const char *file, int line)
{
    if (value < least)
        test_fail(file, line, "%s is %jd, wanted %jd at least", name, value, least);
    if (value > most)
        test_fail(file, line, "%s is %jd, wanted %jd at most", name, value, most);
}

void test_equal_failed(intmax_t a, intmax_t b, const char *name, const char *wanted, const char *file, int line)
{
    char number[32];

    snprintf(number, sizeof number, "%jd", b);
    if (strcmp(number, wanted) == 0)
        test_fail(file, line, "%s is %jd, wanted %jd", name, a, b);
    test_fail(file, line, "%s is %jd, wanted %jd (%s)", name, a, b, wanted);
}
