/*
 * Reads a table of /proc/net line by line, in a window that is much larger than a line.
 *
 * To find that no further line is there, the kernel walks over a hash table, whose size depends on the machine: that
 * takes milliseconds on a large one. So what read(2) returns is taken for the last when another line would have had
 * room.
 */
#include "healthcheck/probes/sockets.h"

#include "pith/duration.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 4096, LINE_LONGEST = 256 };

struct walk {
    int64_t deadline;
    socket_look *look;
    void *argument;
    bool over; /* nothing more is to be read */
};

/* Looks at the whole lines of BYTES. Returns how many bytes they are. */
static size_t look_through(struct walk *walk, const char *bytes, size_t length)
{
    struct proc_socket socket;
    size_t done = 0;
    const char *end;

    while ((end = memchr(bytes + done, '\n', length - done))) {
        size_t next = (size_t)(end - bytes);
        if (proc_socket_parse((struct span){ bytes + done, next - done }, &socket) &&
            !walk->look(walk->argument, &socket)) {
            walk->over = true;
            break;
        }
        done = next + 1;
    }
    return done;
}

static bool read_table(struct walk *walk, int fd)
{
    char window[WINDOW];
    size_t length = 0;

    while (!walk->over) {
        ssize_t n = read_some(fd, window + length, sizeof window - length);
        if (n <= 0)
            return n == 0;
        length += (size_t)n;
        walk->over = sizeof window - length >= LINE_LONGEST; /* another line would have had room */
        size_t done = look_through(walk, window, length);
        length -= done;
        memmove(window, window + done, length);
        if (time_now() > walk->deadline) {
            errno = ETIMEDOUT;
            return false;
        }
    }
    return true;
}

bool sockets_walk(const char *path, int64_t deadline, socket_look *look, void *argument)
{
    struct walk walk = { deadline, look, argument, false };
    int fd = file_open(path, O_RDONLY, 0);

    if (fd < 0)
        return false;
    bool read = read_table(&walk, fd);
    file_close(fd);
    return read;
}
