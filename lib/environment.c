/* Finds variables in an environment. */
#include "pith/environment.h"

#include "pith/text.h"

const char *environment_get(char *const environment[], const char *name, size_t length)
{
    for (; *environment; environment++)
        if (text_begins(*environment, name, length) && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

static bool is_name_char(char c, bool first)
{
    return is_letter(c) || c == '_' || c == '.' || c == '-' || (is_digit(c) && !first);
}

size_t environment_name(const char *string)
{
    size_t length = 0;

    while (is_name_char(string[length], length == 0))
        length++;
    return length;
}
