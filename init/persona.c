/* The table of personas. */
#include "init/persona.h"

#include "pith/exitcode.h"
#include "pith/layout.h"
#include "pith/version.h"

#include <string.h>

static HOT_TABLE const struct persona personas[] = {
    {
        .names = "init\0",
        .version = "init " PITH_VERSION "\n",
        .usage_status = EXIT_INTERNAL,
    },
    {
        /* dockerd splits this line at " - ". The second piece must begin with "git." and have no other dot */
        .names = "tini\0tini-static\0docker-init\0",
        .version = "tini version 0.19.0 - git.de40ad0 - (pith " PITH_VERSION ")\n",
        .subreaper = SUBREAPER_ON_REQUEST,
        .usage_status = 1,
        .scripts = true,
    },
    {
        .names = "dumb-init\0",
        .version = "dumb-init v1.2.5\n",
        .prefix = "[dumb-init] ",
        .usage = "Usage: dumb-init [option] program [args]\nTry dumb-init --help for full usage.\n",
        .rewrite = "Usage: -r option takes <signum>:<signum>, where <signum> is between 1 and 31.\n"
                   "This option can be specified multiple times.\nUse --help for full usage.\n",
        .subreaper = SUBREAPER_NEVER,
        .usage_status = 1,
        .scripts = true,
        .exec_status = 2,
        .group = true,
        .new_session = true,
        .texts_on_stderr = true,
        .moves_to_root = true,
    },
    {
        .names = "catatonit\0podman-init\0",
        .version = "tini version 0.2.1_catatonit\n",
        .usage_status = 1,
        .scripts = true,
        .exec_status = 1,
    },
};

const struct persona *persona_find(const char *name)
{
    for (size_t i = 0; i < sizeof personas / sizeof personas[0]; i++)
        for (const char *known = personas[i].names; *known; known += strlen(known) + 1)
            if (strcmp(known, name) == 0)
                return &personas[i];
    return &personas[0];
}
