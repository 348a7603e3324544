/* Takes apart what the kernel says of a container, and puts what is out of the ordinary into a line. */
#include "healthcheck/hint/facts.h"

#include "healthcheck/target/lines.h"

#include <string.h>

/* From which part of a limit, and of the periods, on it is told; of fewer periods a part says nothing. */
enum { PERCENT = 100, NEAR = 90, THROTTLED = 25, PERIODS_LEAST = 10, KIB = 1 << 10, MIB = 1 << 20 };

/* What is above is no limit; nothing below overflows when it is multiplied by PERCENT. */
static const int64_t number_max = INT64_MAX / 128;

/* --- numbers ----------------------------------------------------------------------------------- */

/* Takes the next line. False when there is none left. A path in it may hold a `#`, which take_line would cut off. */
static bool take_whole_line(struct span *text, struct span *line)
{
    if (text->length == 0)
        return false;
    *line = span_take(text, '\n');
    span_drop(text, text->length > 0);
    return true;
}

/* The number that WORD is, or -1. */
static int64_t number_of(struct span word)
{
    char digits[NUMBER_SIZE];

    return word.length < sizeof digits
               ? number_parse(text_copy(digits, sizeof digits, word.at, word.length), number_max)
               : -1;
}

int64_t fact_number(struct span text, const char *key)
{
    size_t length = strlen(key);
    struct span line, word;

    while (take_whole_line(&text, &line)) {
        if (!span_begins(line, key))
            continue;
        span_drop(&line, length);
        if (length == 0 || (line.length > 0 && is_blank(*line.at)))
            return take_word(&line, &word) ? number_of(word) : -1;
    }
    return -1;
}

bool share_is_near(struct share share)
{
    return share.used >= 0 && share.limit > 0 && share.used * PERCENT >= share.limit * NEAR;
}

/* --- what is short ----------------------------------------------------------------------------- */

void shortage_init(struct shortage *shortage)
{
    const struct share unknown = { -1, -1 };

    *shortage = (struct shortage){ unknown, -1, unknown, unknown, unknown, 0 };
}

/* Puts what stands between two facts: nothing in front of the first one. */
static void put_separator(struct text *out, const char *separator)
{
    text_string(out, out->length > 0 ? separator : "");
}

static void put_share(struct share share, int64_t unit, struct text *out)
{
    text_number(out, (uint64_t)(share.used / unit));
    text_literal(out, " of ");
    text_number(out, (uint64_t)(share.limit / unit));
}

static void put_memory(const struct shortage *shortage, struct text *out)
{
    bool large = shortage->memory.limit >= MIB;

    if (share_is_near(shortage->memory)) {
        text_literal(out, "memory ");
        put_share(shortage->memory, large ? MIB : KIB, out);
        text_string(out, large ? " MiB" : " KiB");
    }
    if (shortage->oom_kills > 0) {
        put_separator(out, ", ");
        text_number(out, (uint64_t)shortage->oom_kills);
        text_string(out, shortage->oom_kills == 1 ? " OOM kill" : " OOM kills");
    }
}

static void put_throttled(struct share throttled, struct text *out)
{
    if (throttled.limit < PERIODS_LEAST || throttled.used * PERCENT < throttled.limit * THROTTLED)
        return;
    put_separator(out, "; ");
    text_literal(out, "CPU throttled in ");
    text_number(out, (uint64_t)(throttled.used * PERCENT / throttled.limit));
    text_literal(out, " % of its periods");
}

/* What a state of COMMAND is called, where it is one in which nothing is done. */
static const char *state_name(char state)
{
    switch (state) {
    case 'T':
        return "COMMAND is stopped (T)";
    case 't':
        return "COMMAND is stopped by a debugger (t)";
    case 'D':
        return "COMMAND waits for the kernel (D)";
    case 'Z':
    case 'X':
        return "COMMAND is a zombie (Z)";
    default:
        return NULL;
    }
}

static void put_state(char state, struct text *out)
{
    const char *name = state_name(state);

    if (!name)
        return;
    put_separator(out, "; ");
    text_string(out, name);
}

void shortage_put(const struct shortage *shortage, struct text *out)
{
    put_memory(shortage, out);
    put_throttled(shortage->throttled, out);
    if (share_is_near(shortage->pids)) {
        put_separator(out, "; ");
        text_literal(out, "pids ");
        put_share(shortage->pids, 1, out);
    }
    put_state(shortage->state, out);
    if (share_is_near(shortage->descriptors)) {
        put_separator(out, "; ");
        text_literal(out, "COMMAND has ");
        put_share(shortage->descriptors, 1, out);
        text_literal(out, " descriptors open");
    }
}

/* --- who listens ------------------------------------------------------------------------------- */

void listeners_add(struct listeners *listeners, const struct proc_socket *socket)
{
    if (socket->state != SOCKET_LISTENS)
        return;
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->at[i].port == socket->port && address_equal(&listeners->at[i].address, &socket->address))
            return;
    if (listeners->count == LISTENERS_MAX) {
        listeners->more++;
        return;
    }
    listeners->at[listeners->count++] =
        (struct listener){ .address = socket->address, .port = socket->port, .inode = socket->inode };
}

size_t listeners_unnamed(const struct listeners *listeners)
{
    size_t unnamed = 0;

    for (size_t i = 0; i < listeners->count; i++)
        unnamed += listeners->at[i].length == 0;
    return unnamed;
}

void listeners_name(struct listeners *listeners, struct span link, struct span program)
{
    static const char start[] = "socket:[";
    const size_t skip = sizeof start - 1;

    if (!span_begins(link, start))
        return;
    span_drop(&link, skip);
    int64_t inode = number_of(span_take(&link, ']'));
    size_t length = program.length < PROGRAM_NAME_MAX ? program.length : PROGRAM_NAME_MAX;
    for (size_t i = 0; i < listeners->count && inode > 0; i++) {
        struct listener *listener = &listeners->at[i];
        if (listener->inode != (uint64_t)inode || listener->length > 0)
            continue;
        memcpy(listener->program, program.at, length);
        listener->length = length;
    }
}

/* Puts a name that anybody may have given: what is not seen, could be a path or ends what it stands in becomes `?`. */
static void put_program(const char *name, size_t length, struct text *out)
{
    for (size_t at = 0, n; at < length; at += n ? n : 1) {
        n = text_visible(name + at, length - at);
        bool plain = n > 0 && !strchr("/\\(),;\"", name[at]);
        text_bytes(out, plain ? name + at : "?", plain ? n : 1);
    }
}

/* The name server that Docker puts into a container listens there, and its process is not seen. */
static bool is_engines(const struct listener *listener)
{
    static const struct address resolver = { .family = AF_INET, .bytes = { 127, 0, 0, 11 } };

    return listener->length == 0 && address_equal(&listener->address, &resolver);
}

static void put_listener(const struct listener *listener, struct text *out)
{
    bool brackets = listener->address.family == AF_INET6;

    text_string(out, brackets ? "[" : "");
    address_show(&listener->address, out);
    text_string(out, brackets ? "]:" : ":");
    text_number(out, listener->port);
    if (listener->length == 0)
        return;
    text_literal(out, " (");
    put_program(listener->program, listener->length, out);
    text_char(out, ')');
}

void listeners_put(const struct listeners *listeners, struct text *out)
{
    size_t start = out->length;

    for (size_t i = 0; i < listeners->count; i++) {
        if (is_engines(&listeners->at[i]))
            continue;
        text_string(out, out->length == start ? "here listen: " : ", ");
        put_listener(&listeners->at[i], out);
    }
    if (listeners->more == 0 || out->length == start)
        return;
    text_literal(out, ", and ");
    text_number(out, listeners->more);
    text_literal(out, " more");
}

/* --- whose facts they are ---------------------------------------------------------------------- */

static bool has_controller(struct span list, const char *controller)
{
    while (list.length > 0) {
        struct span one = span_take(&list, ',');
        if (span_is(one, controller))
            return true;
        span_drop(&list, list.length > 0);
    }
    return false;
}

/* NUMBER:CONTROLLERS:PATH, where version 2 has no controllers. */
bool fact_cgroup(struct span text, const char *controller, struct cgroup *cgroup)
{
    struct span line;
    bool found = false;

    while (take_whole_line(&text, &line)) {
        span_take(&line, ':');
        span_drop(&line, line.length > 0);
        struct span controllers = span_take(&line, ':');
        if (line.length < 2 || (controllers.length > 0 && !has_controller(controllers, controller)))
            continue;
        span_drop(&line, 1);
        *cgroup = (struct cgroup){ controllers.length == 0, line };
        found = true;
        if (!cgroup->unified)
            return true;
    }
    return found;
}

bool fact_is_init(struct span name)
{
    static const char *const names[] = { "init", "tini", "docker-init", "podman-init", "dumb-init", "catatonit" };
    static const char titled[] = "init: ";

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (span_equal(name, span_of(names[i])))
            return true;
    return name.length > sizeof titled - 1 && span_begins(name, titled);
}
