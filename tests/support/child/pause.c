/* pause: says "ready" and waits with the dispositions it was given. */
#include "say.h"

int main(void)
{
    say("ready");
    for (;;)
        pause();
}
