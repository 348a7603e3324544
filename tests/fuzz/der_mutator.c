/*
 * How libFuzzer changes DER here. A change of bytes alone leaves lengths that fit no more, and nothing beneath them is
 * read. So three of four changes are of a whole element: it is dropped, doubled, replaced by another one or a part of
 * it is changed, and the lengths of all that it lies in are written anew. What lies in strings of bytes or bits counts
 * as elements too, as extensions and keys are written so.
 */
#include "fuzz.h"

#include <stdbool.h>

enum { ELEMENTS_MAX = 1024, BYTES_MAX = 1 << 16 };

/* Of the fuzzer: how many bytes of the input come before the DER. */
extern const size_t der_from;

/* From libFuzzer: what it does by itself. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

/* Places in the input: `inner` is where elements within may begin, or `end`. */
struct element {
    size_t start, contents, inner, end;
};

static struct element elements[ELEMENTS_MAX];
static size_t count;

/* --- reading ---------------------------------------------------------------------------------------- */

/* Looks at what begins at START; false: no element that ends before END. */
static bool look(const uint8_t *bytes, size_t start, size_t end, struct element *element)
{
    size_t at = start + 2, length;

    if (at > end)
        return false;
    length = bytes[start + 1];
    if (length & 0x80) {
        size_t more = length & 0x7f;
        if (more < 1 || more > 3 || more > end - at)
            return false;
        for (length = 0; more > 0; more--)
            length = length << 8 | bytes[at++];
    }
    if (length > end - at)
        return false;
    *element = (struct element){ start, at, at + length, at + length };
    if ((bytes[start] & 0x20) || bytes[start] == 0x04)
        element->inner = at;
    else if (bytes[start] == 0x03 && length > 0)
        element->inner = at + 1;
    return true;
}

static void collect(const uint8_t *bytes, size_t start, size_t end)
{
    struct element element;

    while (count < ELEMENTS_MAX && look(bytes, start, end, &element)) {
        elements[count++] = element;
        collect(bytes, element.inner, element.end);
        start = element.end;
    }
}

/* --- writing ---------------------------------------------------------------------------------------- */

struct bytes {
    uint8_t at[BYTES_MAX];
    size_t length;
};

static void put(struct bytes *out, const uint8_t *bytes, size_t length)
{
    if (length > BYTES_MAX - out->length)
        length = BYTES_MAX - out->length;
    memcpy(out->at + out->length, bytes, length);
    out->length += length;
}

static void put_length(struct bytes *out, size_t length)
{
    const uint8_t head[] = { 0x83, (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length };
    size_t skip = length > 0xffff ? 0 : length > 0xff ? 1 : length > 0x7f ? 2 : 3;
    uint8_t first = (uint8_t)(0x83 - skip);

    if (skip < 3)
        put(out, &first, 1);
    put(out, head + 1 + skip, 3 - skip);
}

/* Puts what stands from START to END, with NEW in place of OLD, and the lengths of what OLD lies in as they are then.
 */
static void rewrite(struct bytes *out, const uint8_t *bytes, size_t start, size_t end, const struct element *old,
                    const struct bytes *new)
{
    struct element element;

    for (; look(bytes, start, end, &element); start = element.end) {
        if (element.start == old->start && element.end == old->end) {
            put(out, new->at, new->length);
        } else if (element.inner <= old->start && old->end <= element.end) {
            struct bytes *within = calloc(1, sizeof *within);
            assert(within);
            put(within, bytes + element.contents, element.inner - element.contents);
            rewrite(within, bytes, element.inner, element.end, old, new);
            put(out, bytes + element.start, 1);
            put_length(out, within->length);
            put(out, within->at, within->length);
            free(within);
        } else {
            put(out, bytes + element.start, element.end - element.start);
        }
    }
    put(out, bytes + start, end - start);
}

/* --- changing --------------------------------------------------------------------------------------- */

static unsigned number;

/* A number below LIMIT (xorshift). */
static size_t below(size_t limit)
{
    number ^= number << 13;
    number ^= number >> 17;
    number ^= number << 5;
    return number % limit;
}

static void put_element(struct bytes *out, const uint8_t *bytes, const struct element *element)
{
    put(out, bytes + element->start, element->end - element->start);
}

/* ELEMENT with other contents, which libFuzzer makes of them. */
static void put_changed(struct bytes *out, const uint8_t *bytes, const struct element *element)
{
    uint8_t contents[256];
    size_t length = element->end - element->contents;

    if (length > sizeof contents / 2)
        length = sizeof contents / 2;
    memcpy(contents, bytes + element->contents, length);
    length = LLVMFuzzerMutate(contents, length, sizeof contents);
    put(out, bytes + element->start, 1);
    put_length(out, length);
    put(out, contents, length);
}

/* Tags that certificates have, so that one is taken for another. */
static uint8_t other_tag(void)
{
    static const uint8_t tags[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e,
                                    0x30, 0x31, 0x80, 0x81, 0x82, 0x86, 0x87, 0xa0, 0xa1, 0xa3, 0xa4 };

    return tags[below(sizeof tags)];
}

static void change(struct bytes *out, const uint8_t *bytes, const struct element *element)
{
    const struct element *other = &elements[below(count)];

    switch (below(8)) {
    case 0: /* it is dropped */
        break;
    case 1: /* it is there twice */
        put_element(out, bytes, element);
        put_element(out, bytes, element);
        break;
    case 2: /* another one is beside it */
        put_element(out, bytes, other);
        put_element(out, bytes, element);
        break;
    case 3: /* or in its place */
        put_element(out, bytes, other);
        break;
    case 4:
        put_element(out, bytes, element);
        out->at[0] = other_tag();
        break;
    default:
        put_changed(out, bytes, element);
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static struct bytes new, all;

    number = seed | 1;
    count = 0;
    if (size > der_from)
        collect(data, der_from, size);
    if (count == 0 || below(4) == 0)
        return LLVMFuzzerMutate(data, size, max);
    const struct element *element = &elements[below(count)];
    new.length = all.length = 0;
    put(&all, data, der_from);
    change(&new, data, element);
    rewrite(&all, data, der_from, size, element, &new);
    if (all.length > max)
        return LLVMFuzzerMutate(data, size, max);
    memcpy(data, all.at, all.length);
    return all.length;
}
