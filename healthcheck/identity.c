/* Hashes what makes a probe this one and no other. */
#include "healthcheck/identity.h"

#include "healthcheck/target/target.h"
#include "pith/option.h"
#include "pith/text.h"

#include <string.h>

static const uint64_t basis = UINT64_C(0xcbf29ce484222325), prime = UINT64_C(0x100000001b3);

/* Adds the bytes of STRING and its NUL, which divides it from the next one. */
static uint64_t hash_string(uint64_t hash, const char *string)
{
    do
        hash = (hash ^ (unsigned char)*string) * prime;
    while (*string++);
    return hash;
}

/* Whether ENTRY is the variable of an option whose value is no secret. The user's own may have the same prefix. */
static bool is_open_variable(const char *entry)
{
    return option_is_variable(&check_options, entry) && !text_after(entry, "HEALTHCHECK_USER=") &&
           !text_after(entry, "HEALTHCHECK_HEADER=");
}

uint64_t identity_of(const struct check_conf *conf, char *const environment[])
{
    char shown[TARGET_SHOWN_MAX];
    uint64_t hash = basis, variables = 0;

    for (char *const *word = conf->argv + (*conf->argv != NULL); *word; word++)
        hash = hash_string(hash, *word);
    for (; *environment; environment++) /* in whatever order they are */
        if (is_open_variable(*environment))
            variables += hash_string(basis, *environment);
    hash = (hash ^ variables) * prime;
    for (size_t i = 0; i < conf->target_count; i++) {
        target_show_raw(conf->targets[i], shown);
        hash = hash_string(hash, shown);
    }
    return hash;
}
