/*
 * The two decisions of the gate, with whatever the kernel and the allow file say.
 */
#include "healthcheck/net/gate.c"

#include "healthcheck/target/address.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

enum { ADDRESSES = 3 };

static bool lists, readable, writable;
static size_t size;
static uint16_t asked_port;

/* Any answer of the kernel: it goes by a number that the addresses here have for that. */
bool delivery_is_local(const struct address *address, uint16_t port)
{
    prove(port == asked_port, "the port is the one that is meant");
    return address->scope != 0;
}

void *memory_get(size_t of)
{
    static char memory[ALLOW_SIZE];

    return nondet_bool() ? memory : NULL;
}

void memory_free(void *memory, size_t of)
{
}

bool file_read(const char *path, struct text *out)
{
    readable = nondet_bool();
    out->length = size;
    return readable;
}

bool writable_by_caller(const char *path)
{
    writable = nondet_bool();
    return writable;
}

bool allow_lists(struct span text, const struct allow_query *query, unsigned *bad_line)
{
    prove(readable && !writable, "only a file that its user could not write is looked at");
    prove(text.length <= size, "nothing behind what was read is looked at");
    lists = nondet_bool();
    return lists;
}

/*
 * PROVES   A list of addresses is own only where it has one, and each is loopback or is delivered here.
 * FOR      lists of up to 3 addresses, and every answer of the kernel
 * BREAKS   healthcheck/net/gate.c: return list->count > 0; => return true;
 * BREAKS   healthcheck/net/gate.c: !address_is_loopback(&list->at[i]) && => !address_is_loopback(&list->at[0]) &&
 * WITH     --unwind 17 --unwindset gate_is_own.0:4
 */
void proof_own(void)
{
    struct address_list list;
    uint16_t port;
    size_t at;

    asked_port = port;
    assume(list.count <= ADDRESSES && at < ADDRESSES);
    if (!gate_is_own(&list, port))
        return;
    prove(list.count > 0, "no address is not own");
    if (at < list.count)
        prove(address_is_loopback(&list.at[at]) || list.at[at].scope != 0, "each of an own list is own");
}

/*
 * PROVES   What is not own is allowed only by a file that was read, that its user could not have written, and that
 *          lists it.
 * FOR      every outcome of reading and judging a file of up to 256 KiB, which is not cut
 * ASSUMES  who could write the file is known: system/healthcheck/test_gate.c:
 *          a_list_that_its_user_can_write_is_ignored_whatever_fails
 * ASSUMES  reading puts no more into a buffer than it has room for: unit/test_lib.c:
 *          a_reader_takes_what_has_room_and_appends_it
 * BREAKS   healthcheck/net/gate.c: could have been written by the user who runs this probe: ignored"); return
 *          false; => could have been written by the user who runs this probe: ignored");
 * BREAKS   healthcheck/net/gate.c: text_kept(&text) }, => ALLOW_SIZE },
 * WITH     --unwind 2 --unwindset drop_line.0:1
 */
void proof_allowed(void)
{
    struct allow_query query;

    size = nondet_size();
    assume(size <= ALLOW_MAX);
    bool allowed = gate_is_allowed(&query);
    prove(implies(allowed, readable && !writable && lists), "only what such a file lists is allowed");
}

/*
 * PROVES   Of a file that is cut the whole lines count, and no part of one.
 * FOR      up to 8 bytes
 * BREAKS   healthcheck/net/gate.c: text->start[text->length - 1] != '\n') => text->start[text->length - 1] != '\r')
 * WITH     --unwind 9
 */
void proof_cut(void)
{
    char bytes[8];
    struct text text = { bytes, sizeof bytes, nondet_size() };
    size_t length = text.length, at;

    assume(length <= sizeof bytes && at < length);
    drop_line(&text);
    prove(text.length <= length && (text.length == 0 || bytes[text.length - 1] == '\n'), "what is left ends a line");
    prove(implies(at >= text.length, bytes[at] != '\n'), "no line but the last is gone");
}
