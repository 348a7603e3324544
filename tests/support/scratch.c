/* A directory of the test program's own under /tmp. */
#include "support/scratch.h"

#include "support/run.h"
#include "support/test.h"

#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATHS = 16, PATH_SIZE = 256 };

static char directory[] = "/tmp/pith-XXXXXX";
static bool made;

const char *scratch_directory(void)
{
    if (!made) {
        made = mkdtemp(directory) != NULL;
        assert_true(made);
        assert_int_equal(chmod(directory, 0755), 0);
    }
    return directory;
}

char *scratch_path(const char *name)
{
    static char paths[PATHS][PATH_SIZE];
    static unsigned next;
    char *path = paths[next++ % PATHS];

    assert_in_range(snprintf(path, PATH_SIZE, "%s/%s", scratch_directory(), name), 0, PATH_SIZE - 1);
    return path;
}

const char *scratch_word(void)
{
    static char word[48];
    struct stat space;

    if (!word[0]) {
        if (stat("/proc/self/ns/pid", &space) != 0)
            space.st_ino = 0; /* without /proc the PID has to do */
        snprintf(word, sizeof word, "%ju-%ld", (uintmax_t)space.st_ino, (long)getpid());
    }
    return word;
}

int scratch_remove(void **state)
{
    (void)state;
    if (made)
        run(NULL, (char *[]){ (char *)"rm", (char *)"-rf", directory, NULL });
    return 0;
}
