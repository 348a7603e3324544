/*
 * Options, from one table: it parses the command line, reads the environment, and prints the help.
 *
 * A program has a `struct option_set` with a row for each option. It first has option_environment read the variables,
 * and then option_parse the command line, which so wins. Each value goes to the setter of its row, which stores it in
 * the program's configuration, called CONF here.
 */
#ifndef PITH_OPTION_H
#define PITH_OPTION_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>

/* What a setter is given. The strings live as long as the command line and the environment. */
struct option_value {
    const char *string;    /* the value; NULL for a flag on the command line */
    bool on;               /* flags: false where the environment says 0, no, false, off or nothing */
    bool fresh;            /* the first value of this option from this source: a list drops what an earlier one set */
    bool from_environment; /* where a list comes in one value */
    void *field;           /* the field of CONF that the row names */
};

enum option_kind {
    OPTION_FLAG,         /* no value; a boolean in the environment */
    OPTION_COUNT,        /* no value on the command line, repeatable; a value in the environment */
    OPTION_ACTION,       /* no value and no variable */
    OPTION_INFORM,       /* the same, and no hint proposes it: --help and its like, which end with 0 */
    OPTION_ACTION_VALUE, /* a value and no variable: --install */
    OPTION_VALUE,        /* a value */
    OPTION_SECRET,       /* a value that no message may show */
};

/*
 * A row of the table. The variable of an option has the set's prefix and then the long name, in capitals and with `_`
 * for `-`.
 *
 * `set` stores the value in CONF and returns NULL. For a bad value it returns the reason, which is to stand behind the
 * quoted value in a message, or "" after it has written the message itself.
 */
struct option {
    char letter; /* 0: none */
    enum option_kind kind : 8;
    uint16_t field;   /* where in CONF `set` stores the value, by offsetof(3): for setters that several rows share */
    const char *text; /* the long name; where it takes a value, a space and what the help calls it; a tab; the help */
    const char *(*set)(void *conf, const struct option_value *value);
} __attribute__((packed, aligned(4))); /* a row is 20 bytes, not 24 */

/* Setters for a field that is a bool, an int64_t in nanoseconds (duration.h), or a C string that must not be empty. */
const char *option_set_flag(void *conf, const struct option_value *value);
const char *option_set_duration(void *conf, const struct option_value *value);
const char *option_set_string(void *conf, const struct option_value *value);

struct option_set {
    const struct option *rows;
    size_t count;      /* of the rows, at most 64 */
    char prefix[16];   /* of the variables, such as "PITH_"; in the set itself, as plain runs read no other text here */
    const char *usage; /* the help's first lines */
    const char *epilogue; /* the help's last lines */
    /* Takes an argument that is no option. Returns NULL, or why it is bad. NULL: the first such argument ends all. */
    const char *(*operand)(void *conf, const char *argument);
    /* Rewrites a value, which no message shows where it is a SECRET, before it is set. Returns NULL after a message,
     * which names WHERE. NULL: values stay. */
    const char *(*prepare)(const char *where, const char *value, bool secret);
    /* Writes the message about an option that is no row's. NULL, or false: the usual message is written. */
    bool (*unknown)(const void *conf, const char *option);
};

/*
 * Reads the command line by the conventions of POSIX utilities, and `--name=VALUE`. Returns the index of the first
 * argument that is neither option nor operand, ARGC where there is none, or -1 after a message. Where DASHES is not
 * NULL, *DASHES says whether `--` stood in front of that argument.
 *
 * `--` is never the value of an option, except behind `=`: whoever wrote it has forgotten the value.
 */
int option_parse(const struct option_set *set, void *conf, int argc, char *const argv[], bool *dashes);

/*
 * Reads the variables of the set. One that is no option's is no error. An empty one turns a flag off, and is as good as
 * not set for every other option. Returns how many variables have the set's prefix, or -1 after a message.
 */
int option_environment(const struct option_set *set, void *conf, char *const environment[]);

/* Whether ENTRY, `NAME=value`, is the variable of an option of the set. */
bool option_is_variable(const struct option_set *set, const char *entry);

/* Whether this process was given any option, by its command line or by a variable. */
bool option_applied(void);

/* The row with this long name, or NULL. */
const struct option *option_find(const struct option_set *set, const char *name);

/* Sets *ON for 1, true, yes and on, clears it for 0, false, no, off and "". Case aside. False for any other STRING. */
bool option_boolean(const char *string, bool *on);

/* Appends the name of ROW's variable; nothing where it has none. */
void option_variable(const struct option_set *set, const struct option *row, struct text *out);

/* Appends the whole help: usage, a line or two for each row, epilogue. */
void option_help(const struct option_set *set, struct text *out);

#endif
