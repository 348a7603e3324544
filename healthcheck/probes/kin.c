/* Compares what /proc says of another process with what it says of this one. */
#include "healthcheck/probes/kin.h"

#include "healthcheck/sys/file.h"
#include "healthcheck/target/span.h"

#include <stdbool.h>

enum { FILE_SIZE = 4096 };

/*
 * Whether a file in /proc, or its first line, is the same for process PID and this one. PATH is the file of this one.
 */
static enum kinship compare(int pid, const char *path, bool first_line)
{
    const char *name = path + sizeof "/proc/self/" - 1;
    char own_bytes[FILE_SIZE], other_bytes[FILE_SIZE];
    struct text own = { own_bytes, sizeof own_bytes, 0 }, other = { other_bytes, sizeof other_bytes, 0 };

    if (!file_read(path, &own) || !file_read_of(pid, name, &other))
        return KIN_UNKNOWN;
    struct span a = { own_bytes, text_kept(&own) }, b = { other_bytes, text_kept(&other) };
    if (first_line) {
        a = span_take(&a, '\n');
        b = span_take(&b, '\n');
    }
    return span_equal(a, b) ? KIN_SAME : KIN_OTHER;
}

enum kinship kin_of(int pid)
{
    enum kinship root = compare(pid, "/proc/self/mountinfo", true);

    if (root == KIN_OTHER)
        return KIN_OTHER;
    enum kinship cgroup = pid == 1 ? KIN_SAME : compare(pid, "/proc/self/cgroup", false);
    return cgroup == KIN_UNKNOWN ? root : cgroup;
}
