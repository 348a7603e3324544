/* vfork: waits for its child as vfork(2) does, which cannot be interrupted; the child never goes on. */
#include "say.h"

#include <unistd.h>

int main(void)
{
    say("ready");
    if (vfork() == 0) /* NOLINT(clang-analyzer-security.insecureAPI.vfork): its wait is what is wanted */
        for (;;)
            pause();
    return 0;
}
