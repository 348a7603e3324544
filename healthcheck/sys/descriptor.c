/* Makes descriptors, and waits for them. */
#include "healthcheck/sys/descriptor.h"

#include "healthcheck/sys/signals.h"
#include "pith/call.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

HOT int descriptor_raise(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int higher = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    file_close(fd);
    return higher;
}

HOT int descriptor_socket(int family, int type, int protocol)
{
    return descriptor_raise((int)CALL_AS(socket, family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

int descriptor_wait(struct pollfd *fds, size_t count, int64_t until)
{
    for (;;) {
        int64_t left = until - time_now();
        if (left <= 0)
            return 0;
        signals_listen();
        struct timespec timeout = { .tv_sec = (time_t)(left / NS_PER_S), .tv_nsec = (long)(left % NS_PER_S) };
        int n = ppoll(fds, count, &timeout, NULL);
        if (n >= 0)
            return n;
    }
}
