/* Personas: the inits that this one can stand in for. The basename of argv[0] chooses. */
#ifndef INIT_PERSONA_H
#define INIT_PERSONA_H

#include <stdbool.h>
#include <stdint.h>

enum subreaper_policy {
    SUBREAPER_AUTOMATIC, /* whenever init is not PID 1 */
    SUBREAPER_ON_REQUEST,
    SUBREAPER_NEVER,
};

/* A row of the table. It changes defaults and texts alone. */
struct persona {
    const char *names;   /* each ends with '\0', the last one with two */
    const char *version; /* the whole line of --version */
    const char *prefix;  /* of messages once the options are read; NULL: the basename of argv[0] */
    const char *usage;   /* the text where COMMAND is missing; NULL: the usual message */
    const char *rewrite; /* the text where -r is not two numbers below 32; NULL: -r takes every signal */
    enum subreaper_policy subreaper : 8;
    uint8_t usage_status; /* exit status of bad usage and of init's own failures */
    uint8_t exec_status;  /* of a COMMAND that cannot be executed; 0: 127 and 126 as a shell has it */
    bool group;           /* forward to COMMAND's process group */
    bool scripts;         /* hand a COMMAND without #! to /bin/sh, as execvp(3) of glibc does */
    bool new_session;     /* COMMAND leads a session and owns the terminal; TERM to its group when it has exited */
    bool texts_on_stderr;
    bool moves_to_root; /* init itself changes to /, so that its working directory can be unmounted */
};

/* The row for NAME, a basename (unknown: the first, `init`). Never NULL; static storage. */
const struct persona *persona_find(const char *name);

#endif
