/* Which tests of a program are run: those that the pattern in PITH_TEST fits and that in PITH_SKIP does not. */
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

__attribute__((constructor)) static void choose_tests(void)
{
    cmocka_set_test_filter(getenv("PITH_TEST"));
    cmocka_set_skip_filter(getenv("PITH_SKIP"));
}
