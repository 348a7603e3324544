/* Parses options and prints their help, both from one table. */
#include "pith/option.h"

#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <string.h>

/* Bytes of a name, with its NUL, and of a value in a message. Behind a longer one nobody would find the reason. */
enum { OPTION_SHOWN_MAX = 64, VALUE_SHOWN_MAX = 1023 };

/* The state of reading one source, which is the command line or the environment. */
struct parse {
    const struct option_set *set;
    void *conf;
    unsigned long long seen; /* the rows that this source has set already, a bit each */
};

/* The argument that is being parsed, where it is a long option but for its second dash; else NULL. */
static const char *undashed;

/* Writes the message `WHERE: 'VALUE' WHY`, without the value where it is NULL; of UNDASHED, what it is. Always false.
 */
static COLD bool complain(const char *where, const char *value, const char *why)
{
    if (undashed)
        diagf("%s: is it -%s?", undashed, undashed);
    else if (value)
        diagf("%s: '%.*s' %s", where, VALUE_SHOWN_MAX, value, why);
    else
        diagf("%s: %s", where, why);
    return false;
}

/* Whether any option was set. */
static HOT_STATE bool applied;

HOT bool option_applied(void)
{
    return applied;
}

/* Sets the option of ROW to VALUE, which was found at WHERE. False after a message. */
static bool apply(struct parse *parse, const struct option *row, const char *where, struct option_value *value)
{
    unsigned long long bit = 1ULL << (row - parse->set->rows);

    if (value->string && parse->set->prepare &&
        !(value->string = parse->set->prepare(where, value->string, row->kind == OPTION_SECRET)))
        return false;
    value->field = (char *)parse->conf + row->field;
    value->fresh = !(parse->seen & bit);
    parse->seen |= bit;
    applied = true;
    const char *why = row->set(parse->conf, value);
    if (!why || !*why)
        return !why;
    return complain(where, row->kind == OPTION_SECRET ? NULL : value->string, why);
}

const char *option_set_flag(void *conf, const struct option_value *value)
{
    (void)conf;
    *(bool *)value->field = value->on;
    return NULL;
}

const char *option_set_duration(void *conf, const struct option_value *value)
{
    (void)conf;
    return duration_parse(value->string, value->field);
}

const char *option_set_string(void *conf, const struct option_value *value)
{
    (void)conf;
    *(const char **)value->field = value->string;
    return *value->string ? NULL : "is empty";
}

static bool takes_value(const struct option *row)
{
    return row->kind >= OPTION_ACTION_VALUE;
}

static bool has_variable(const struct option *row)
{
    return row->kind < OPTION_ACTION || row->kind > OPTION_ACTION_VALUE;
}

/* How long the long name of ROW is, which ends with a space or a tab. */
static size_t name_length(const struct option *row)
{
    size_t length = 0;

    while (row->text[length] > ' ')
        length++;
    return length;
}

static const struct option *find_letter(const struct option_set *set, char letter)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].letter == letter)
            return &set->rows[i];
    return NULL;
}

static const struct option *find_name(const struct option_set *set, const char *name, size_t length)
{
    for (size_t i = 0; i < set->count; i++)
        if (text_begins(set->rows[i].text, name, length) && name_length(&set->rows[i]) == length)
            return &set->rows[i];
    return NULL;
}

const struct option *option_find(const struct option_set *set, const char *name)
{
    return find_name(set, name, strlen(name));
}

/*
 * How different two names are: the bytes that are left of the longer one when what both begin with and what both end
 * with is taken away. 0 where NAME, of three bytes or more, is the beginning of OTHER.
 */
static size_t difference(const char *name, size_t length, const char *other, size_t other_length)
{
    size_t least = length < other_length ? length : other_length, n = 0;

    while (n < least && text_upper(name[n]) == text_upper(other[n]))
        n++;
    if (n == length && length > 2)
        return 0;
    while (n < least && name[length - 1] == other[other_length - 1])
        least--, length--, other_length--;
    return (length > other_length ? length : other_length) - n;
}

/* The row that NAME most likely means; NULL where more of each differs than a byte for each four that are begun. */
static const struct option *nearest_name(const struct option_set *set, const char *name)
{
    const struct option *nearest = NULL;
    size_t length = strlen(name), least = 1 + (length + 3) / 4;

    for (size_t i = 0; i < set->count; i++) {
        size_t slip = difference(name, length, set->rows[i].text, name_length(&set->rows[i]));
        if (slip < least && set->rows[i].kind != OPTION_INFORM) {
            least = slip;
            nearest = &set->rows[i];
        }
    }
    return nearest;
}

/* Puts the option that was most likely meant by WHERE, `-x` or `--name`; nothing where none is near. */
static void put_meant(const struct option_set *set, const char *where, struct text *out)
{
    const struct option *row;

    if (where[1] != '-') {
        char other = text_upper(where[1]) == where[1] ? (char)(where[1] | 32) : text_upper(where[1]);
        row = other != where[1] ? find_letter(set, other) : NULL;
        if (row && row->kind != OPTION_INFORM) {
            text_char(out, '-');
            text_char(out, other);
        }
    } else if ((row = nearest_name(set, where + 2))) {
        text_format(out, "--%.*s", (int)name_length(row), row->text);
    }
}

/* Writes the message about WHERE, an option that is no row's. Always false. */
static COLD bool refuse(const struct parse *parse, const char *where)
{
    char name[OPTION_SHOWN_MAX];
    struct text meant = { name, sizeof name, 0 };

    if (undashed)
        return complain(where, NULL, NULL);
    if (parse->set->unknown && parse->set->unknown(parse->conf, where))
        return false;
    put_meant(parse->set, where, &meant);
    bool known = meant.length > 0;
    diagf("%s: unknown option%s%s%s (see --help)", where, known ? "; is it " : "", text_end(&meant), known ? "?" : "");
    return false;
}

/*
 * The argument behind *INDEX, as the value of the option there; *INDEX moves to it. NULL where there is none, and for
 * `--`: whoever wrote that has forgotten the value.
 */
static const char *value_behind(char *const argv[], int *index)
{
    const char *value = argv[++*index];

    return value && strcmp(value, "--") == 0 ? NULL : value;
}

/*
 * Parses `--name`, `--name=VALUE` or `--name VALUE` at *INDEX, which moves to a value that is an argument of its own.
 */
static COLD bool parse_long(struct parse *parse, char *const argv[], int *index)
{
    const char *argument = argv[*index];
    size_t length = text_until(argument, '=');
    const struct option *row = find_name(parse->set, argument + 2, length - 2);
    struct option_value value = { .string = argument[length] ? argument + length + 1 : NULL, .on = true };
    char where[OPTION_SHOWN_MAX];

    undashed = NULL;
    text_copy(where, sizeof where, argument, length);
    if (!row)
        return refuse(parse, where);
    if (!takes_value(row) && value.string)
        return complain(where, NULL, "takes no value");
    if (takes_value(row) && !value.string && !(value.string = value_behind(argv, index)))
        return complain(where, NULL, "needs a value");
    return apply(parse, row, where, &value);
}

/* Parses `-abc`, `-aVALUE` or `-a VALUE` at *INDEX, in the same way. */
static COLD bool parse_letters(struct parse *parse, char *const argv[], int *index)
{
    const struct option *named = option_find(parse->set, argv[*index] + 1);

    undashed = named && named->kind != OPTION_INFORM ? argv[*index] : NULL;
    for (const char *at = argv[*index] + 1; *at; at++) {
        const char where[] = { '-', *at, '\0' };
        const struct option *row = find_letter(parse->set, *at);
        struct option_value value = { .on = true };

        if (!row)
            return refuse(parse, where);
        if (!takes_value(row)) {
            if (!apply(parse, row, where, &value))
                return false;
            continue;
        }
        value.string = at[1] ? at + 1 : value_behind(argv, index);
        if (!value.string)
            return complain(where, NULL, "needs a value");
        return apply(parse, row, where, &value);
    }
    return true;
}

static bool parse_operand(const struct option_set *set, void *conf, const char *argument)
{
    const char *why = set->operand(conf, argument);
    return why ? complain(argument, NULL, why) : true;
}

int option_parse(const struct option_set *set, void *conf, int argc, char *const argv[], bool *dashes)
{
    struct parse parse = { .set = set, .conf = conf };
    int index = argc > 0 ? 1 : 0;
    bool after_dashes = false;

    for (; index < argc && !after_dashes; index++) {
        const char *argument = argv[index];
        bool good = true;

        if (argument[0] != '-' || argument[1] == '\0') {
            if (!set->operand)
                break;
            good = parse_operand(set, conf, argument);
        } else if (argument[1] != '-') {
            good = parse_letters(&parse, argv, &index);
        } else if (argument[2]) {
            good = parse_long(&parse, argv, &index);
        } else {
            after_dashes = true;
        }
        if (!good)
            return -1;
    }
    if (dashes)
        *dashes = after_dashes;
    return index;
}

/* The byte of a variable's name for C, a byte of an option's. Behind the option's name, at a space or tab, it is '\0'.
 */
static char variable_char(char c)
{
    return c == '-' ? '_' : c <= ' ' ? '\0' : text_upper(c);
}

/* Whether ENTRY, `NAME=value` without the prefix, is the variable of ROW. */
static bool is_variable_of(const struct option *row, const char *entry)
{
    const char *name = row->text;

    while (*entry && variable_char(*name) == *entry)
        name++, entry++;
    return variable_char(*name) == '\0' && *entry == '=' && has_variable(row);
}

bool option_boolean(const char *string, bool *on)
{
    static const struct {
        char word[7];
        bool on;
    } words[] = {
        { "1", true },  { "true", true },   { "yes", true }, { "on", true },   { "", false },
        { "0", false }, { "false", false }, { "no", false }, { "off", false },
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_is(string, words[i].word)) {
            *on = words[i].on;
            return true;
        }
    return false;
}

static COLD bool apply_variable(struct parse *parse, const struct option *row, const char *entry)
{
    size_t length = text_until(entry, '=');
    struct option_value value = { .string = entry + length + 1, .on = true, .from_environment = true };
    char where[OPTION_SHOWN_MAX];

    text_copy(where, sizeof where, entry, length);
    if (row->kind != OPTION_FLAG && *value.string == '\0')
        return true; /* an empty variable counts as not set: Compose files pass those */
    if (row->kind == OPTION_FLAG && !option_boolean(value.string, &value.on))
        return complain(where, value.string, "is neither 1/true/yes/on nor 0/false/no/off");
    return apply(parse, row, where, &value);
}

/* What follows PREFIX in STRING; NULL where it does not begin so. */
static const char *strip_prefix(const char *string, const char *prefix)
{
    while (*prefix)
        if (*string++ != *prefix++)
            return NULL;
    return string;
}

int option_environment(const struct option_set *set, void *conf, char *const environment[])
{
    struct parse parse = { .set = set, .conf = conf };
    int variables = 0;

    for (; *environment; environment++) {
        const char *name = strip_prefix(*environment, set->prefix);
        if (!name)
            continue;
        variables++;
        for (size_t i = 0; i < set->count; i++)
            if (is_variable_of(&set->rows[i], name) && !apply_variable(&parse, &set->rows[i], *environment))
                return -1;
    }
    return variables;
}

bool option_is_variable(const struct option_set *set, const char *entry)
{
    const char *name = strip_prefix(entry, set->prefix);

    for (size_t i = 0; name && i < set->count; i++)
        if (is_variable_of(&set->rows[i], name))
            return true;
    return false;
}

void option_variable(const struct option_set *set, const struct option *row, struct text *out)
{
    if (!has_variable(row))
        return;
    text_string(out, set->prefix);
    for (const char *c = row->text; variable_char(*c); c++)
        text_char(out, variable_char(*c));
}

enum { HELP_COLUMN = 30 };

static void help_row(const struct option_set *set, const struct option *row, struct text *out)
{
    size_t line = out->length, length = text_until(row->text, '\t');

    text_string(out, "  ");
    if (row->letter) {
        text_char(out, '-');
        text_char(out, row->letter);
        text_string(out, ", ");
    } else {
        text_string(out, "    ");
    }
    text_string(out, "--");
    text_bytes(out, row->text, length);
    if (out->length - line >= HELP_COLUMN) {
        text_char(out, '\n');
        line = out->length;
    }
    text_pad(out, line, HELP_COLUMN);
    text_string(out, row->text + length + 1);
    text_char(out, '\n');
    if (!has_variable(row))
        return;
    line = out->length;
    text_pad(out, line, HELP_COLUMN);
    text_char(out, '[');
    option_variable(set, row, out);
    text_string(out, "]\n");
}

void option_help(const struct option_set *set, struct text *out)
{
    text_string(out, set->usage);
    for (size_t i = 0; i < set->count; i++)
        help_row(set, &set->rows[i], out);
    text_string(out, set->epilogue);
}
