/* Writes and reads messages of DNS. */
#include "healthcheck/probes/dnswire.h"

#include "pith/text.h"

#include <string.h>

enum {
    CLASS_IN = 1,
    TYPE_ANY = 255,
    LABEL_MAX = 63,
    LENGTH_BITS = 0xc0, /* of a label's first byte: none of them is set in a length, both are in a pointer */
    TYPE_DIGITS = 5,
};

/* Flags of a header, in its third and fourth byte. */
enum { IS_ANSWER = 0x80, OPCODE = 0x78, TRUNCATED = 0x02, RECURSIVE = 0x01, RCODE = 0x0f };

/* Where the counts of the sections stand in a header. */
enum { QUESTIONS_AT = 4, ANSWERS_AT = 6 };

/* --- names and types --------------------------------------------------------------------------- */

/* Appends a label. Returns what is wrong with it, or NULL. */
static const char *add_label(struct dns_name *name, struct span label)
{
    if (label.length == 0)
        return "has an empty label (two dots)";
    if (label.length > LABEL_MAX)
        return "has a label that is longer than 63 bytes";
    if (name->length + 1 + label.length >= DNS_NAME_MAX)
        return "is longer than a name can be (255 bytes)";
    name->bytes[name->length] = (uint8_t)label.length;
    memcpy(name->bytes + name->length + 1, label.at, label.length);
    name->length += 1 + label.length;
    return NULL;
}

/* A backslash is how zone files write a byte as a number, which is not read here. */
static bool is_label_char(char c)
{
    return c > ' ' && c <= '~' && c != '\\';
}

const char *dns_name_parse(struct span text, struct dns_name *name)
{
    char bytes[DNS_NAME_MAX]; /* what has no room in it is too long by its labels, too */
    struct text out = { bytes, sizeof bytes, 0 };
    const char *wrong = NULL;

    name->length = 0;
    if (!span_decode(text, &out))
        return "has a % without two hexadecimal digits (or %00)";
    for (size_t i = 0; i < text_kept(&out); i++)
        if (!is_label_char(bytes[i]))
            return "has a character that no name has here (other alphabets are written xn--)";
    struct span rest = { bytes, span_is((struct span){ bytes, text_kept(&out) }, ".") ? 0 : text_kept(&out) };
    while (rest.length > 0 && !wrong) {
        wrong = add_label(name, span_take(&rest, '.'));
        span_drop(&rest, rest.length > 0); /* the dot, with which a name may end */
    }
    name->bytes[name->length++] = 0;
    return wrong;
}

static const struct {
    uint16_t number;
    char name[10];
} types[] = {
    { 1, "A" },      { 2, "NS" },     { 5, "CNAME" },  { 6, "SOA" },        { 12, "PTR" },
    { 13, "HINFO" }, { 15, "MX" },    { 16, "TXT" },   { 28, "AAAA" },      { 33, "SRV" },
    { 35, "NAPTR" }, { 39, "DNAME" }, { 43, "DS" },    { 44, "SSHFP" },     { 48, "DNSKEY" },
    { 52, "TLSA" },  { 64, "SVCB" },  { 65, "HTTPS" }, { TYPE_ANY, "ANY" }, { 257, "CAA" },
};

bool dns_type_parse(struct span text, uint16_t *type)
{
    unsigned number;

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (span_is(text, types[i].name)) {
            *type = types[i].number;
            return true;
        }
    bool good = text.length <= TYPE_DIGITS && span_number(text, UINT16_MAX, &number) && number > 0;
    if (good)
        *type = (uint16_t)number;
    return good;
}

const char *dns_rcode_name(unsigned rcode)
{
    static const char names[][9] = { "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                     "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE" };

    return rcode < sizeof names / sizeof names[0] ? names[rcode] : NULL;
}

/* --- messages ---------------------------------------------------------------------------------- */

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

size_t dns_question_write(const struct dns_question *question, uint8_t bytes[DNS_PREFIX + DNS_QUESTION_MAX])
{
    size_t length = DNS_HEAD + question->name.length + 4;
    uint8_t *head = bytes + DNS_PREFIX, *behind = head + DNS_HEAD + question->name.length;

    put16(bytes, (unsigned)length);
    memset(head, 0, DNS_HEAD);
    put16(head, question->id);
    head[2] = question->recursive ? RECURSIVE : 0;
    put16(head + QUESTIONS_AT, 1);
    memcpy(head + DNS_HEAD, question->name.bytes, question->name.length);
    put16(behind, question->type);
    put16(behind + 2, CLASS_IN);
    return DNS_PREFIX + length;
}

/* A message that is being read. */
struct reader {
    const uint8_t *bytes;
    size_t length;
    size_t at; /* what was read ends here */
};

/*
 * Reads a name, and goes behind it. A pointer leads to labels that stand in front of all that was read of the name so
 * far, as every server writes it. So there can be no loop.
 */
static bool read_name(struct reader *reader, struct dns_name *name)
{
    size_t at = reader->at, begin = at;
    bool jumped = false;

    name->length = 0;
    while (at < reader->length) {
        size_t size = reader->bytes[at];
        if ((size & LENGTH_BITS) == LENGTH_BITS) {
            if (at + 2 > reader->length)
                return false;
            size_t target = get16(reader->bytes + at) & 0x3fff;
            reader->at = jumped ? reader->at : at + 2;
            jumped = true;
            if (target >= begin)
                return false;
            at = begin = target;
            continue;
        }
        if (size > LABEL_MAX || size >= reader->length - at || name->length + 1 + size > DNS_NAME_MAX)
            return false;
        memcpy(name->bytes + name->length, reader->bytes + at, 1 + size);
        name->length += 1 + size;
        at += 1 + size;
        if (size == 0) {
            reader->at = jumped ? reader->at : at;
            return true;
        }
    }
    return false;
}

/* Whether both names are the same. The case of letters does not matter; a length of a label is none. */
static bool is_same_name(const struct dns_name *a, const struct dns_name *b)
{
    return span_same((struct span){ (const char *)a->bytes, a->length },
                     (struct span){ (const char *)b->bytes, b->length });
}

/* Reads the question that a server repeats, and tells whether it is QUESTION. */
static bool read_question(struct reader *reader, const struct dns_question *question)
{
    struct dns_name name;

    if (!read_name(reader, &name) || reader->length - reader->at < 4)
        return false;
    unsigned type = get16(reader->bytes + reader->at), class = get16(reader->bytes + reader->at + 2);
    reader->at += 4;
    return is_same_name(&name, &question->name) && type == question->type && class == CLASS_IN;
}

/* Reads a record, and sets *TYPE. What it holds is passed over. */
static bool read_record(struct reader *reader, unsigned *type)
{
    enum { TYPE_CLASS_TTL = 8, BEFORE_DATA = TYPE_CLASS_TTL + 2 };
    struct dns_name owner;

    if (!read_name(reader, &owner) || reader->length - reader->at < BEFORE_DATA)
        return false;
    const uint8_t *fixed = reader->bytes + reader->at;
    size_t data = get16(fixed + TYPE_CLASS_TTL);
    reader->at += BEFORE_DATA;
    if (reader->length - reader->at < data)
        return false;
    reader->at += data;
    *type = get16(fixed);
    return true;
}

/*
 * Whether the header is that of an answer to QUESTION, and the question in it is the same. Where a server does not
 * understand or want a question it may leave it out: then only the header, with an error, is left to judge by.
 */
static bool is_to_question(struct reader *reader, const struct dns_question *question)
{
    const uint8_t *head = reader->bytes;

    if (reader->length < DNS_HEAD || get16(head) != question->id || !(head[2] & IS_ANSWER) || (head[2] & OPCODE))
        return false;
    reader->at = DNS_HEAD;
    unsigned questions = get16(head + QUESTIONS_AT);
    if (questions == 0 || reader->length == DNS_HEAD)
        return (head[3] & RCODE) != DNS_NOERROR;
    return questions == 1 && read_question(reader, question);
}

enum dns_message dns_answer_read(const struct dns_question *question, const uint8_t *bytes, size_t length,
                                 struct dns_answer *answer)
{
    struct reader reader = { bytes, length, 0 };
    unsigned records = 0, type;

    if (!is_to_question(&reader, question))
        return DNS_FOREIGN;
    bool truncated = bytes[2] & TRUNCATED;
    unsigned count = truncated || reader.at == DNS_HEAD ? 0 : get16(bytes + ANSWERS_AT);
    for (unsigned i = 0; i < count; i++) {
        if (!read_record(&reader, &type))
            return DNS_MALFORMED;
        records += type == question->type || question->type == TYPE_ANY;
    }
    *answer = (struct dns_answer){ bytes[3] & RCODE, truncated, records };
    return DNS_ANSWER;
}
