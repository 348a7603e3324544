/* Awaits text on a descriptor. */
#include "support/stream.h"

#include "support/run.h"
#include "support/stall.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

void stream_open(struct stream *stream, int fd)
{
    stream->fd = fd;
    stream->length = stream->taken = 0;
    stream->bytes[0] = '\0';
    fcntl(fd, F_SETFL, O_NONBLOCK);
}

void stream_close(struct stream *stream)
{
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

/* The master of a terminal whose other end is closed says EIO. */
void stream_drain(struct stream *stream)
{
    while (stream->fd >= 0 && stream->length < STREAM_MAX) {
        ssize_t n = read(stream->fd, stream->bytes + stream->length, STREAM_MAX - stream->length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            stream_close(stream);
            return;
        }
        stream->length += (size_t)n;
        stream->bytes[stream->length] = '\0';
    }
}

/* Where TEXT begins, once it is there with the rest of its line, or NULL after MS. */
static char *find(struct stream *stream, const char *text, int ms)
{
    int64_t end = run_now_ms() + ms;

    for (;;) {
        stream_drain(stream);
        char *at = strstr(stream->bytes + stream->taken, text);
        int64_t left = end - run_now_ms();
        if (at && (strpbrk(at, "\r\n") || stream->fd < 0 || left <= 0))
            return at;
        if (left <= 0 || stream->fd < 0)
            return NULL;
        stall_poll(&(struct pollfd){ .fd = stream->fd, .events = POLLIN }, 1, (int)left);
    }
}

const char *stream_await(struct stream *stream, const char *text)
{
    char *at;
    size_t before;

    do {
        before = stream->length;
        at = find(stream, text, AWAIT_MS);
    } while (!at && stream->length > before);
    if (!at)
        fail_msg("'%s' did not come; what came is:\n%s", text, stream->bytes + stream->taken);
    at += strlen(text);
    stream->taken = (size_t)(at - stream->bytes);
    return at;
}

bool stream_comes(struct stream *stream, const char *text, int ms)
{
    return find(stream, text, ms) != NULL;
}

size_t stream_count(const struct stream *stream, const char *text)
{
    size_t n = 0;

    for (const char *at = stream->bytes; (at = strstr(at, text)); at += strlen(text))
        n++;
    return n;
}
