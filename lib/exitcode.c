/* Makes exit statuses of what the kernel reports. */
#include "pith/exitcode.h"

#include "pith/layout.h"

#include <errno.h>
#include <sys/wait.h>

int exitcode_from_exec(int error)
{
    return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

HOT int exitcode_from_wait(int wait_status)
{
    return WIFSIGNALED(wait_status) ? EXIT_SIGNAL_BASE + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}
