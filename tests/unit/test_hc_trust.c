/* Certificates that are trusted: which are found in files and folders, and what stays behind when these are closed. */
#include "healthcheck/http/request.h"
#include "healthcheck/tls/certificate.h"
#include "healthcheck/tls/trust.h"
#include "support/der.h"
#include "support/scratch.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "\n-----END CERTIFICATE-----\n"

enum { READ_MAX = 16 * 1024 * 1024, LONG = 600, SEEN_MAX = 256 };

static struct trust trust;
static struct result result;
static char seen[SEEN_MAX + 1];
static size_t seen_count, wanted;

/* --- certificates, each of which a letter names ------------------------------------------------- */

/* The subject of LETTER, in the notation of der.h. That of a capital is long. */
static const char *subject_of(char letter)
{
    static char text[LONG + 100];

    if (letter >= 'a')
        snprintf(text, sizeof text, DN("%c"), letter);
    else
        snprintf(text, sizeof text, DN("%c%0*d"), letter, LONG, 0);
    return text;
}

/* OFFSET begins a line behind a hole. */
static void go_to(FILE *file, long offset)
{
    fseek(file, offset - 1, SEEK_SET);
    fputc('\n', file);
}

/* Its PEM, filled with empty lines up to SIZE bytes. BEHIND is a byte behind the certificate, or -1. */
static void put(FILE *file, char letter, size_t size, int behind)
{
    static uint8_t bytes[DER_MAX];
    static char room[DER_MAX];
    struct specimen specimen = specimen_ca;
    struct text text = { room, sizeof room, 0 };
    char serial[16];

    snprintf(serial, sizeof serial, "02:%02x", (unsigned)letter);
    specimen.subject = subject_of(letter);
    specimen.serial = serial;
    size_t n = specimen_write(&specimen, NULL, NULL, bytes);
    if (behind >= 0)
        bytes[n++] = (uint8_t)behind;
    text_base64(&text, (const char *)bytes, n);
    fprintf(file, BEGIN "%.*s", (int)text.length, room);
    for (n = text.length + sizeof BEGIN END - 1; n < size; n++)
        fputc('\n', file);
    fputs(END, file);
}

static FILE *create(const char *name)
{
    FILE *file = fopen(scratch_path(name), "w");

    assert_non_null(file);
    return file;
}

static const char *write_file(const char *name, const char *letters)
{
    FILE *file = create(name);

    for (; *letters; letters++)
        put(file, *letters, 0, -1);
    fclose(file);
    return scratch_path(name);
}

static const char *make_folder(const char *name)
{
    assert_int_equal(mkdir(scratch_path(name), 0755), 0);
    return scratch_path(name);
}

/* --- what is asked ------------------------------------------------------------------------------- */

static bool see(void *context, struct der found)
{
    struct certificate certificate;

    (void)context;
    assert_true(certificate_parse(found, &certificate));
    assert_true(seen_count < SEEN_MAX);
    seen[seen_count++] = (char)certificate.serial.at[0];
    return seen_count < wanted;
}

/* The letters of the certificates that are visited until there are MOST: those of LETTER, or all for '\0'. */
static const char *visited(char letter, size_t most)
{
    static uint8_t bytes[DER_MAX];
    struct der subject = { bytes, letter ? der_write(subject_of(letter), bytes) : 0 };

    memset(seen, 0, sizeof seen);
    seen_count = 0;
    wanted = most;
    errno = EIO; /* of a call before this one */
    trust_visit(&trust, letter ? &subject : NULL, see, NULL);
    return seen;
}

static int reopen(const char *path)
{
    trust_close(&trust);
    result_init(&result);
    return trust_open(&trust, path, &result);
}

static const char *reason(void)
{
    static char text[RESULT_REASON_SIZE + 1];

    text_copy(text, sizeof text, result.reason, result.reason_length);
    return text;
}

/* How many descriptors are open. */
static int descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int begin(void **state)
{
    (void)state;
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    trust_init(&trust);
    return 0;
}

static int end(void **state)
{
    (void)state;
    trust_close(&trust);
    return 0;
}

/* --- files --------------------------------------------------------------------------------------- */

static void what_is_not_open_has_no_certificates(void **state)
{
    int before = descriptors();

    (void)state;
    memset(&trust, 0x55, sizeof trust);
    trust_init(&trust);
    assert_int_equal(trust.error, 0);
    assert_int_equal(trust.count, 0);
    assert_string_equal(visited('\0', SEEN_MAX), "");
    trust_close(&trust);
    trust_close(&trust);
    assert_int_equal(descriptors(), before);
}

static void every_certificate_of_a_file_is_visited_in_its_order(void **state)
{
    static const char letters[] = "abcLdefghijklmnopqrstuvwxyzMzyxwvutsrqponmNlkjihgfedcbaabcdefghijklmnopqrstuvwxyz";
    const char *path = write_file("many", letters);

    (void)state;
    assert_true(reopen(path));
    assert_string_equal(trust.path, path);
    for (int again = 0; again < 2; again++) {
        trust.error = EIO;
        assert_string_equal(visited('\0', SEEN_MAX), letters);
        assert_int_equal(trust.count, strlen(letters));
        assert_int_equal(trust.error, 0);
    }
}

static void those_of_a_name_alone_are_visited_however_long_it_is(void **state)
{
    (void)state;
    assert_true(reopen(write_file("names", "aLbaMc")));
    assert_string_equal(visited('a', SEEN_MAX), "aa");
    assert_string_equal(visited('c', SEEN_MAX), "c");
    assert_string_equal(visited('L', SEEN_MAX), "L");
    assert_string_equal(visited('M', SEEN_MAX), "M");
    assert_string_equal(visited('x', SEEN_MAX), "");
    assert_int_equal(trust.count, strlen("aLbaMc"));
}

static void no_more_are_visited_than_are_wanted(void **state)
{
    (void)state;
    assert_true(reopen(write_file("few", "abcabc")));
    assert_string_equal(visited('\0', 4), "abca");
    assert_string_equal(visited('b', 1), "b");
}

static void a_certificate_is_as_long_as_the_window_at_most(void **state)
{
    FILE *file = create("long");

    (void)state;
    put(file, 'a', TRUST_WINDOW_SIZE + 1, -1); /* one with the newline behind it */
    put(file, 'b', TRUST_WINDOW_SIZE + 2, -1);
    put(file, 'c', 0, -1);
    put(file, 'd', TRUST_WINDOW_SIZE + 1, -1);
    fclose(file);
    assert_true(reopen(scratch_path("long")));
    assert_string_equal(visited('\0', SEEN_MAX), "acd");
}

/* The first byte of the one that is too long, and what follows the window, look like the beginning of another. */
static void of_one_that_is_too_long_nothing_is_left(void **state)
{
    FILE *file = create("longer");

    (void)state;
    fprintf(file, BEGIN "%0*d", (int)(TRUST_WINDOW_SIZE - sizeof BEGIN), 0);
    put(file, 'a', 0, -1);
    fseek(file, TRUST_WINDOW_SIZE - 1, SEEK_SET);
    fputc('0', file);
    fclose(file);
    assert_true(reopen(scratch_path("longer")));
    assert_string_equal(visited('\0', SEEN_MAX), "");
}

/* A byte behind the first window ends both. */
static void a_certificate_may_be_the_end_of_a_file(void **state)
{
    FILE *file = create("end");

    (void)state;
    go_to(file, TRUST_WINDOW_SIZE - 4096);
    put(file, 'a', 4096 + 2, -1);
    fclose(file);
    assert_int_equal(truncate(scratch_path("end"), TRUST_WINDOW_SIZE + 1), 0);
    assert_true(reopen(scratch_path("end")));
    assert_string_equal(visited('\0', SEEN_MAX), "a");
}

static void what_an_earlier_visit_has_left_begins_nothing(void **state)
{
    FILE *file = create("later");

    (void)state;
    fputs(&BEGIN[1], file); /* a hyphen is missing */
    fputs("AAAA\n" END, file);
    put(file, 'a', 0, -1);
    fclose(file);
    assert_true(reopen(scratch_path("later")));
    memset(trust.window, '-', sizeof trust.window);
    assert_string_equal(visited('\0', SEEN_MAX), "a");
}

/* The first one stands across the end of the first window where it makes the last read end with the 16 MiB. */
static void sixteen_mib_are_read_and_no_more(void **state)
{
    FILE *file = create("large");

    (void)state;
    go_to(file, 10240);
    put(file, 'a', 8192, -1);
    go_to(file, READ_MAX - 4096);
    put(file, 'b', 4096, -1);
    put(file, 'c', 0, -1);
    fclose(file);
    assert_true(reopen(scratch_path("large")));
    assert_string_equal(visited('\0', SEEN_MAX), "ab");
}

static void a_file_may_be_descriptor_0_and_is_closed(void **state)
{
    int kept = dup(STDIN_FILENO), before = descriptors();

    (void)state;
    assert_true(reopen(write_file("zero", "ab")));
    trust_close(&trust);
    assert_int_equal(descriptors(), before);
    close(STDIN_FILENO);
    bool opened = reopen(scratch_path("zero"));
    visited('\0', SEEN_MAX);
    trust_close(&trust);
    int after = descriptors();
    dup2(kept, STDIN_FILENO);
    close(kept);
    assert_true(opened);
    assert_string_equal(seen, "ab");
    assert_int_equal(after, before - 1);
}

static void a_pipe_is_not_waited_for_and_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(scratch_path("pipe"), 0600), 0);
    assert_true(reopen(scratch_path("pipe")));
    assert_string_equal(visited('\0', SEEN_MAX), "");
    assert_int_equal(trust.error, ESPIPE);
    assert_int_equal(trust.count, 0);
}

/* --- folders ------------------------------------------------------------------------------------- */

/* How often each letter was seen, as the order of a folder's files is not known. */
static void assert_seen(const char *letters)
{
    char sorted[SEEN_MAX + 1], *end = sorted;

    for (int letter = 'A'; letter <= 'z'; letter++)
        for (const char *at = seen; *at; at++)
            if (*at == letter)
                *end++ = *at;
    *end = '\0';
    assert_string_equal(sorted, letters);
}

static void every_certificate_of_the_files_of_a_folder_is_visited(void **state)
{
    const char *folder = make_folder("folder");
    FILE *file;

    (void)state;
    write_file("folder/one", "cLbc");
    file = create("folder/other");
    fputs(BEGIN "AAAA\n" END, file);
    put(file, 'a', 0, 0);
    put(file, 'd', 0, -1);
    fclose(file);
    make_folder("folder/below");
    write_file("folder/below/none", "x");
    assert_int_equal(symlink("../few", scratch_path("folder/link")), 0);
    write_file("few", "e");
    assert_int_equal(symlink("nowhere", scratch_path("folder/dangling")), 0);
    assert_true(reopen(folder));
    assert_string_equal(trust.path, folder);
    visited('\0', SEEN_MAX);
    assert_seen("Labccde");
    assert_int_equal(trust.count, strlen("Labccde"));
    assert_string_equal(visited('c', SEEN_MAX), "cc");
    assert_string_equal(visited('L', SEEN_MAX), "L");
    assert_string_equal(visited('x', SEEN_MAX), "");
    visited('\0', 3);
    assert_int_equal(seen_count, 3);
}

static void a_file_of_a_folder_that_is_no_regular_one_is_not_opened(void **state)
{
    char event[sizeof(struct inotify_event) + 256];
    int notices = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    const char *folder = make_folder("with-a-pipe");

    (void)state;
    write_file("with-a-pipe/file", "a");
    assert_int_equal(mkfifo(scratch_path("with-a-pipe/pipe"), 0600), 0);
    assert_at_least(inotify_add_watch(notices, scratch_path("with-a-pipe/pipe"), IN_OPEN), 0);
    assert_true(reopen(folder));
    assert_string_equal(visited('\0', SEEN_MAX), "a");
    assert_int_equal(read(notices, event, sizeof event), -1);
    close(notices);
}

/* What cannot be opened is no descriptor: stdin is not read for it, and nothing is closed that is not the file's. */
static void a_folder_leaves_every_other_descriptor_alone(void **state)
{
    int kept = dup(STDIN_FILENO), file = open(write_file("stdin", "x"), O_RDONLY | O_CLOEXEC), before = descriptors();
    const char *folder = make_folder("with-a-folder");

    (void)state;
    write_file("with-a-folder/file", "a");
    make_folder("with-a-folder/folder");
    dup2(file, STDIN_FILENO);
    bool opened = reopen(folder);
    visited('\0', SEEN_MAX);
    trust_close(&trust);
    int after = descriptors();
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(file);
    assert_true(opened);
    assert_string_equal(seen, "a");
    assert_int_equal(after, before);
}

/* Of three files that are 4 KiB shorter, as much of the second is read, and nothing of the third. */
static void of_a_folder_sixteen_mib_are_read_in_all(void **state)
{
    static const char *const names[] = { "heavy/1", "heavy/2", "heavy/3" };
    const char *folder = make_folder("heavy");

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(truncate(write_file(names[i], "a"), READ_MAX - 4096), 0);
    assert_true(reopen(folder));
    assert_string_equal(visited('\0', SEEN_MAX), "aa");
}

static void what_was_read_of_a_folder_is_freed(void **state)
{
    const char *folder = make_folder("freed");

    (void)state;
    write_file("freed/file", "abcdefgh");
    assert_true(reopen(folder));
    assert_string_equal(visited('\0', SEEN_MAX), "abcdefgh");
    trust_close(&trust);
    size_t before = mallinfo2().uordblks;
    assert_true(reopen(folder));
    trust_close(&trust);
    assert_int_equal(mallinfo2().uordblks, before);
}

/* --- which one is taken ------------------------------------------------------------------------- */

static void the_option_comes_before_the_variables_and_a_file_before_a_folder(void **state)
{
    const char *folder = make_folder("certs"), *option = write_file("option", "a"), *file = write_file("file", "b");

    (void)state;
    write_file("certs/c", "c");
    setenv("SSL_CERT_DIR", folder, 1);
    assert_true(reopen(NULL));
    assert_string_equal(visited('\0', SEEN_MAX), "c");
    setenv("SSL_CERT_FILE", "", 1);
    assert_true(reopen(NULL));
    assert_string_equal(visited('\0', SEEN_MAX), "c");
    setenv("SSL_CERT_FILE", file, 1);
    assert_true(reopen(NULL));
    assert_string_equal(visited('\0', SEEN_MAX), "b");
    assert_true(reopen(option));
    assert_string_equal(visited('\0', SEEN_MAX), "a");
    setenv("SSL_CERT_FILE", folder, 1);
    assert_true(reopen(NULL));
    assert_string_equal(visited('\0', SEEN_MAX), "c");
}

static void of_several_folders_those_count_that_are_there(void **state)
{
    char folders[512];

    (void)state;
    snprintf(folders, sizeof folders, "%s:/nowhere::%s", make_folder("one"), make_folder("two"));
    write_file("one/a", "a");
    write_file("two/b", "b");
    setenv("SSL_CERT_DIR", folders, 1);
    assert_true(reopen(NULL));
    assert_string_equal(visited('\0', SEEN_MAX), "ab");
    setenv("SSL_CERT_DIR", "/nowhere:/nor/here", 1);
    assert_false(reopen(NULL));
    assert_string_equal(trust.path, "/nowhere:/nor/here");
}

static void variables_that_are_empty_are_none(void **state)
{
    (void)state;
    setenv("SSL_CERT_FILE", "", 1);
    setenv("SSL_CERT_DIR", "", 1);
    reopen(NULL);
    assert_has(trust.path, "/etc/"); /* the bundle of this machine, or the last one that there might be */
}

static void a_path_may_be_a_single_letter(void **state)
{
    int here = open(".", O_PATH | O_CLOEXEC);

    (void)state;
    write_file("f", "a");
    setenv("SSL_CERT_FILE", "f", 1);
    assert_int_equal(chdir(scratch_directory()), 0);
    bool by_variable = reopen(NULL) && strcmp(trust.path, "f") == 0, by_option = reopen("f");
    int back = fchdir(here);
    close(here);
    assert_int_equal(back, 0);
    assert_true(by_variable && by_option);
    assert_string_equal(visited('\0', SEEN_MAX), "a");
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    assert_false(reopen("/no/such/file"));
    assert_string_equal(reason(), "cannot read the CA file /no/such/file: No such file or directory");
    assert_string_equal(visited('\0', SEEN_MAX), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_open_has_no_certificates),
        TEST(every_certificate_of_a_file_is_visited_in_its_order),
        TEST(those_of_a_name_alone_are_visited_however_long_it_is),
        TEST(no_more_are_visited_than_are_wanted),
        TEST(a_certificate_is_as_long_as_the_window_at_most),
        TEST(of_one_that_is_too_long_nothing_is_left),
        TEST(a_certificate_may_be_the_end_of_a_file),
        TEST(what_an_earlier_visit_has_left_begins_nothing),
        TEST(sixteen_mib_are_read_and_no_more),
        TEST(a_file_may_be_descriptor_0_and_is_closed),
        TEST(a_pipe_is_not_waited_for_and_cannot_be_read),
        TEST(every_certificate_of_the_files_of_a_folder_is_visited),
        TEST(a_file_of_a_folder_that_is_no_regular_one_is_not_opened),
        TEST(a_folder_leaves_every_other_descriptor_alone),
        TEST(of_a_folder_sixteen_mib_are_read_in_all),
        TEST(what_was_read_of_a_folder_is_freed),
        TEST(the_option_comes_before_the_variables_and_a_file_before_a_folder),
        TEST(of_several_folders_those_count_that_are_there),
        TEST(variables_that_are_empty_are_none),
        TEST(a_path_may_be_a_single_letter),
        TEST(what_cannot_be_opened_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
