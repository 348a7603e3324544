/* The least COMMAND that stays: it waits for a signal that ends it. */
#include "call.h"

START
{
    (void)stack;
    for (;;)
        call(SYS_pause, 0, 0, 0, 0);
}
