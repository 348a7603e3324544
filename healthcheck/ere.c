/* Compiles and matches extended regular expressions as sets of states (Thompson's construction). */
#include "healthcheck/ere.h"

#include <string.h>

enum kind { RANGE, SET, SPLIT, JUMP, LINE_START, LINE_END, MATCH };

enum { REPEAT_MAX = 255, DEPTH_MAX = 100, END_OF_TEXT = 0x7fffffff, NO_BYTE = 0x110000 /* plus the byte: not UTF-8 */ };

/* --- compiling ------------------------------------------------------------------ */

struct compiler {
    struct ere *ere;
    const unsigned char *at;
    const char *why; /* the first error, or NULL */
    unsigned depth;
};

static void fail(struct compiler *compiler, const char *why)
{
    if (!compiler->why)
        compiler->why = why;
}

/* Room for N more steps, at FROM; what is there moves on. False when there is none. */
static bool make_room(struct compiler *compiler, size_t from, size_t n)
{
    struct ere *ere = compiler->ere;

    if (n > ERE_OPS_MAX - ere->count) {
        fail(compiler, "is too large");
        return false;
    }
    memmove(ere->ops + from + n, ere->ops + from, (ere->count - from) * sizeof ere->ops[0]);
    ere->count += n;
    return true;
}

static void insert(struct compiler *compiler, size_t from, struct ere_op op)
{
    if (make_room(compiler, from, 1))
        compiler->ere->ops[from] = op;
}

static void emit(struct compiler *compiler, struct ere_op op)
{
    insert(compiler, compiler->ere->count, op);
}

static unsigned utf8_length(unsigned char first)
{
    return first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
}

/* The next character of the pattern; a byte that is not UTF-8 is one of its own. */
static uint32_t take_point(struct compiler *compiler)
{
    const unsigned char *at = compiler->at;
    unsigned n = utf8_length(*at);
    uint32_t point = n == 1 ? *at : *at & (0x7fu >> n);

    for (unsigned i = 1; i < n; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            compiler->at++;
            return NO_BYTE + *at;
        }
        point = point << 6 | (at[i] & 0x3fu);
    }
    compiler->at += n;
    return n == 1 && point >= 0x80 ? NO_BYTE + point : point;
}

static void emit_range(struct compiler *compiler, uint32_t low, uint32_t high)
{
    emit(compiler, (struct ere_op){ .kind = RANGE, .low = low, .high = high });
}

static const struct {
    const char *name;
    const char *ranges; /* pairs */
} classes[] = {
    { "alpha", "AZaz" }, { "digit", "09" },       { "alnum", "09AZaz" }, { "upper", "AZ" },
    { "lower", "az" },   { "space", "\t\r  " },   { "blank", "\t\t  " }, { "punct", "!/:@[`{~" },
    { "print", " ~" },   { "graph", "!~" },       { "cntrl", "\1\037\177\177" }, { "xdigit", "09AFaf" },
};

/* `[:name:]` inside brackets. */
static void take_class(struct compiler *compiler)
{
    const char *name = (const char *)compiler->at + 2, *end = strstr(name, ":]");

    for (size_t i = 0; end && i < sizeof classes / sizeof classes[0]; i++) {
        if (strlen(classes[i].name) != (size_t)(end - name) || memcmp(classes[i].name, name, (size_t)(end - name)) != 0)
            continue;
        for (const char *pair = classes[i].ranges; *pair; pair += 2)
            emit_range(compiler, (unsigned char)pair[0], (unsigned char)pair[1]);
        compiler->at = (const unsigned char *)end + 2;
        return;
    }
    fail(compiler, "has a character class that is none");
    compiler->at += strlen((const char *)compiler->at);
}

static void take_bracket_range(struct compiler *compiler)
{
    if (compiler->at[0] == '[' && (compiler->at[1] == '.' || compiler->at[1] == '='))
        fail(compiler, "has a collating element, which is not supported");
    uint32_t low = take_point(compiler), high = low;
    if (compiler->at[0] == '-' && compiler->at[1] && compiler->at[1] != ']') {
        compiler->at++;
        high = take_point(compiler);
    }
    if (high < low)
        fail(compiler, "has a range that runs backwards");
    emit_range(compiler, low, high);
}

/* What is between `[` and `]`. */
static void take_bracket(struct compiler *compiler)
{
    size_t set = compiler->ere->count;
    bool negated = *++compiler->at == '^';

    compiler->at += negated;
    emit(compiler, (struct ere_op){ .kind = SET, .negated = negated });
    if (negated)
        emit_range(compiler, '\n', '\n');
    do {
        if (*compiler->at == '\0') {
            fail(compiler, "has a [ without ]");
            return;
        }
        if (compiler->at[0] == '[' && compiler->at[1] == ':')
            take_class(compiler);
        else
            take_bracket_range(compiler);
    } while (*compiler->at != ']' && !compiler->why);
    if (compiler->why)
        return;
    compiler->at++;
    compiler->ere->ops[set].x = (int16_t)(compiler->ere->count - set - 1);
}

static void take_alternatives(struct compiler *compiler);

static void take_group(struct compiler *compiler)
{
    compiler->at++;
    if (++compiler->depth > DEPTH_MAX)
        fail(compiler, "is nested too deep");
    else
        take_alternatives(compiler);
    compiler->depth--;
    if (*compiler->at != ')')
        fail(compiler, "has a ( without )");
    else
        compiler->at++;
}

static void take_escape(struct compiler *compiler)
{
    unsigned char c = *++compiler->at;

    if (c == '\0')
        fail(compiler, "ends with a backslash");
    else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        fail(compiler, "has a backslash before a letter or digit, which extended expressions do not know");
    else {
        uint32_t point = take_point(compiler);
        emit_range(compiler, point, point);
    }
}

static void take_any(struct compiler *compiler)
{
    emit(compiler, (struct ere_op){ .kind = SET, .negated = true, .x = 1 });
    emit_range(compiler, '\n', '\n');
}

static void take_atom(struct compiler *compiler)
{
    switch (*compiler->at) {
    case '(':
        take_group(compiler);
        return;
    case '[':
        take_bracket(compiler);
        return;
    case '\\':
        take_escape(compiler);
        return;
    case '.':
        take_any(compiler);
        break;
    case '^':
        emit(compiler, (struct ere_op){ .kind = LINE_START });
        break;
    case '$':
        emit(compiler, (struct ere_op){ .kind = LINE_END });
        break;
    case '*':
    case '+':
    case '?':
    case '{':
        fail(compiler, "has a repetition with nothing to repeat");
        break;
    default: {
        uint32_t point = take_point(compiler);
        emit_range(compiler, point, point);
        return;
    }
    }
    compiler->at++;
}

/* Appends a copy of the LENGTH steps at FROM. */
static void copy(struct compiler *compiler, size_t from, size_t length)
{
    size_t to = compiler->ere->count;

    if (make_room(compiler, to, length))
        memcpy(compiler->ere->ops + to, compiler->ere->ops + from, length * sizeof compiler->ere->ops[0]);
}

/* Repeats the atom from FROM to the end LEAST to MOST times; MOST below 0 is without end. */
static void repeat(struct compiler *compiler, size_t from, int least, int most)
{
    size_t length = compiler->ere->count - from;
    int copies = most >= 0 ? most : least > 0 ? least : 1;
    int16_t offset = (int16_t)length;

    if (most == 0)
        compiler->ere->count = from;
    for (int i = 1; i < copies && !compiler->why; i++)
        copy(compiler, from, length);
    if (most < 0 && least > 0) {
        emit(compiler, (struct ere_op){ .kind = SPLIT, .x = (int16_t)-offset, .y = 1 });
    } else if (most < 0) {
        insert(compiler, from, (struct ere_op){ .kind = SPLIT, .x = 1, .y = (int16_t)(offset + 2) });
        emit(compiler, (struct ere_op){ .kind = JUMP, .x = (int16_t)(-offset - 1) });
    } else {
        for (int i = copies; i > least && !compiler->why; i--)
            insert(compiler, from + (size_t)(i - 1) * length,
                   (struct ere_op){ .kind = SPLIT, .x = 1, .y = (int16_t)(offset + 1) });
    }
}

static int take_number(struct compiler *compiler)
{
    int value = 0;

    if (*compiler->at < '0' || *compiler->at > '9')
        fail(compiler, "has a { that is no repetition");
    for (; *compiler->at >= '0' && *compiler->at <= '9'; compiler->at++)
        value = value > REPEAT_MAX ? value : value * 10 + (*compiler->at - '0');
    if (value > REPEAT_MAX)
        fail(compiler, "has a repetition above 255");
    return value;
}

/* `{m}`, `{m,}` or `{m,n}`. */
static void take_braces(struct compiler *compiler, int *least, int *most)
{
    compiler->at++;
    *least = *most = take_number(compiler);
    if (*compiler->at == ',') {
        compiler->at++;
        *most = *compiler->at == '}' ? -1 : take_number(compiler);
    }
    if (*compiler->at != '}' || (*most >= 0 && *most < *least))
        fail(compiler, "has a { that is no repetition");
    else
        compiler->at++;
}

/* An atom and the repetitions behind it. */
static void take_piece(struct compiler *compiler)
{
    size_t from = compiler->ere->count;

    take_atom(compiler);
    while (!compiler->why && *compiler->at && strchr("*+?{", *compiler->at)) {
        int least = *compiler->at == '+', most = *compiler->at == '?' ? 1 : -1;
        if (*compiler->at == '{')
            take_braces(compiler, &least, &most);
        else
            compiler->at++;
        if (!compiler->why)
            repeat(compiler, from, least, most);
    }
}

static void take_alternatives(struct compiler *compiler)
{
    size_t from = compiler->ere->count;

    while (!compiler->why && *compiler->at && *compiler->at != '|' && *compiler->at != ')')
        take_piece(compiler);
    if (compiler->why || *compiler->at != '|')
        return;
    compiler->at++;
    if (++compiler->depth > DEPTH_MAX)
        fail(compiler, "is nested too deep");
    size_t jump = compiler->ere->count + 1;
    insert(compiler, from, (struct ere_op){ .kind = SPLIT, .x = 1, .y = (int16_t)(jump + 1 - from) });
    emit(compiler, (struct ere_op){ .kind = JUMP });
    if (compiler->why)
        return;
    take_alternatives(compiler);
    compiler->depth--;
    compiler->ere->ops[jump].x = (int16_t)(compiler->ere->count - jump);
}

const char *ere_compile(struct ere *ere, const char *pattern)
{
    struct compiler compiler = { .ere = ere, .at = (const unsigned char *)pattern };

    ere->count = 0;
    take_alternatives(&compiler);
    if (*compiler.at == ')')
        fail(&compiler, "has a ) without (");
    emit(&compiler, (struct ere_op){ .kind = MATCH });
    return compiler.why;
}

/* --- matching ------------------------------------------------------------------- */

static void add(struct ere_search *search, struct ere_set *set, size_t op)
{
    if (search->marks[op] == search->generation)
        return;
    search->marks[op] = search->generation;
    set->at[set->count++] = (uint16_t)op;
}

/* Follows what takes no character, from OP on; `now` is worklist and result in one. */
static void follow(struct ere_search *search, size_t op, uint32_t point)
{
    const struct ere_op *step = &search->ere->ops[op];

    switch (step->kind) {
    case SPLIT:
        add(search, &search->now, (size_t)((int)op + step->y));
        add(search, &search->now, (size_t)((int)op + step->x));
        break;
    case JUMP:
        add(search, &search->now, (size_t)((int)op + step->x));
        break;
    case LINE_START:
        if (search->line_start)
            add(search, &search->now, op + 1);
        break;
    case LINE_END:
        if (point == '\n' || point == END_OF_TEXT)
            add(search, &search->now, op + 1);
        break;
    case MATCH:
        search->matched = true;
        break;
    default:
        break;
    }
}

static bool in_range(const struct ere_op *range, uint32_t point)
{
    return point >= range->low && point <= range->high;
}

/* Where OP leads over POINT, or 0: the first step is never led to. */
static size_t over(const struct ere *ere, size_t op, uint32_t point)
{
    const struct ere_op *step = &ere->ops[op];

    if (step->kind == RANGE)
        return in_range(step, point) ? op + 1 : 0;
    if (step->kind != SET)
        return 0;
    bool inside = false;
    for (int i = 1; i <= step->x; i++)
        inside = inside || in_range(step + i, point);
    return inside != step->negated ? op + 1 + (size_t)step->x : 0;
}

/* Takes one character, or the end of the text. */
static void take(struct ere_search *search, uint32_t point)
{
    search->generation++;
    search->now.count = 0;
    for (size_t i = 0; i < search->next.count; i++)
        add(search, &search->now, search->next.at[i]);
    add(search, &search->now, 0);
    for (size_t i = 0; i < search->now.count; i++)
        follow(search, search->now.at[i], point);
    search->generation++;
    search->next.count = 0;
    for (size_t i = 0; i < search->now.count; i++) {
        size_t op = over(search->ere, search->now.at[i], point);
        if (op > 0)
            add(search, &search->next, op);
    }
    search->line_start = point == '\n';
}

void ere_begin(struct ere_search *search, const struct ere *ere)
{
    search->ere = ere;
    search->matched = false;
    search->line_start = true;
    search->missing = 0;
    search->generation = 0;
    search->next.count = 0;
    memset(search->marks, 0, sizeof search->marks);
}

/* Takes one byte of a character. What is not UTF-8 is a character that no expression names, but `.` matches. */
static void take_byte(struct ere_search *search, unsigned char byte)
{
    if (search->missing > 0 && (byte & 0xc0) == 0x80) {
        search->point = search->point << 6 | (byte & 0x3fu);
        if (--search->missing == 0)
            take(search, search->point);
        return;
    }
    if (search->missing > 0)
        take(search, NO_BYTE);
    search->missing = utf8_length(byte) - 1;
    search->point = search->missing > 0 ? byte & (0x7fu >> (search->missing + 1)) : byte;
    if (search->missing == 0)
        take(search, byte < 0x80 ? byte : NO_BYTE + byte);
}

bool ere_feed(struct ere_search *search, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && !search->matched; i++)
        take_byte(search, (unsigned char)bytes[i]);
    return search->matched;
}

bool ere_end(struct ere_search *search)
{
    if (!search->matched && search->missing > 0)
        take(search, NO_BYTE);
    if (!search->matched)
        take(search, END_OF_TEXT);
    return search->matched;
}
