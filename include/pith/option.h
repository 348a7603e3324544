/* One table of options: it parses the command line and the environment, and prints the help. */
#ifndef PITH_OPTION_H
#define PITH_OPTION_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>

/* What a setter is given. */
struct option_value {
    const char *string;    /* the value; for a flag on the command line NULL */
    bool on;               /* flags: false where the environment says 0, no, false, off or nothing */
    bool fresh;            /* the first value of this option from this source: lists drop what an earlier source set */
    bool from_environment; /* lists come in one value there */
    void *field;           /* the place in CONF that the row names */
};

enum option_kind {
    OPTION_FLAG,         /* no value; a boolean in the environment */
    OPTION_COUNT,        /* no value on the command line, repeatable; a value in the environment */
    OPTION_ACTION,       /* no value and no variable: --help and its like */
    OPTION_ACTION_VALUE, /* a value and no variable: --install */
    OPTION_VALUE,        /* a value */
    OPTION_SECRET,       /* a value that no message may show */
};

/*
 * A row. The variable of an option is the set's prefix and the long name in capitals with `_` for `-`. `set` stores the
 * value in CONF and returns NULL, or the reason why not, which follows the quoted value in a message ("" where it has
 * written one itself).
 */
struct option {
    char letter; /* 0: none */
    enum option_kind kind : 8;
    uint16_t field;   /* offsetof(3) what `set` stores into, for setters that several rows share */
    const char *name; /* the long name; where it takes a value, a space and what the help calls that follow */
    const char *help;
    const char *(*set)(void *conf, const struct option_value *value);
};

/* Setters for a field that is a bool, an int64_t of nanoseconds (duration.h), a C string that must not be empty. */
const char *option_set_flag(void *conf, const struct option_value *value);
const char *option_set_duration(void *conf, const struct option_value *value);
const char *option_set_string(void *conf, const struct option_value *value);

struct option_set {
    const struct option *rows;
    size_t count;         /* at most 64 */
    char prefix[16];      /* of the variables: "PITH_"; every run reads it, and none of the texts beside it */
    const char *usage;    /* the help's first lines */
    const char *epilogue; /* the help's last lines */
    /* Takes an argument that is no option and returns NULL, or why not. NULL: the first one ends the options. */
    const char *(*operand)(void *conf, const char *argument);
    /* Rewrites a value before it is set, or returns NULL after a message that names WHERE. NULL: values stay. */
    const char *(*prepare)(const char *where, const char *value);
    /* Writes the message about an option that is no row's. NULL, or false: the usual message is written. */
    bool (*unknown)(const void *conf, const char *option);
};

/*
 * Reads the command line (POSIX utility conventions, and --name=VALUE): the index of the first
 * argument that is neither option nor operand (ARGC where there is none), or -1 after a message.
 * *DASHES, where DASHES is not NULL, says whether `--` stood before it. The value of an option is
 * never `--`, unless it stands behind `=`: who wrote that has forgotten the value.
 */
int option_parse(const struct option_set *set, void *conf, int argc, char *const argv[], bool *dashes);

/*
 * Reads the variables of the set. Unknown ones are nobody's error, and empty ones mean off. How many with its prefix
 * there are, or -1 after a message.
 */
int option_environment(const struct option_set *set, void *conf, char *const environment[]);

/* Whether an option or a variable has been set in this process. */
bool option_applied(void);

/* The row of the long name, or NULL. */
const struct option *option_find(const struct option_set *set, const char *name);

/* Whether STRING means on or off: 1/true/yes/on, 0/false/no/off and empty. False where it is neither. */
bool option_boolean(const char *string, bool *on);

/* Puts the variable's name of ROW; nothing where it has none. */
void option_variable(const struct option_set *set, const struct option *row, struct text *out);

/* Puts the whole help. */
void option_help(const struct option_set *set, struct text *out);

#endif
