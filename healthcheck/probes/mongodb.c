/*
 * mongodb: MongoDB, and what speaks its protocol. A server that answers the command `hello` by ok: 1 is healthy,
 * whether it is a primary or not.
 *
 * `hello` needs no login, and it is the command by which drivers ask whether a server is there. A message (OP_MSG) is a
 * head and a document of BSON (bsonspec.org). All numbers have the least significant byte first.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum {
    ID = 8,        /* where a message says which id it answers; in front of it are its length (4) and its own id (4) */
    OPCODE = 12,   /* where the opcode is (4) */
    FLAGS = 16,    /* where the flags are (4) */
    SECTION = 20,  /* where the kind of the section is: 0 for a document, which follows */
    DOCUMENT = 21, /* where that begins */
    OP_MSG = 2013,
    HAS_CHECKSUM = 1, /* a flag: CHECKSUM bytes stand behind the document */
    CHECKSUM = 4,
    DOCUMENT_MIN = 5,  /* bytes: the length of the document (4), and the NUL at its end */
    DATABASE_MAX = 63, /* bytes of a database's name */
    TOO_LONG = ANSWER_MAX + 1,
    /* types of BSON */
    DOUBLE = 0x01,
    STRING = 0x02,
    BOOLEAN = 0x08,
    INT32 = 0x10,
    INT64 = 0x12,
};

/* The bytes from `at` to `end` are still to be read. */
struct bson {
    const uint8_t *at, *end;
};

/* A member of a document. */
struct member {
    uint8_t type;
    const char *name;     /* a C string */
    const uint8_t *value; /* SIZE bytes */
    size_t size;
};

/* What the answer says. */
struct hello {
    bool has_ok, ok, writable, secondary;
    uint32_t code;      /* of an error */
    char code_name[40]; /* the letters that it begins with, a C string */
};

static size_t bson_left(const struct bson *bson)
{
    return (size_t)(bson->end - bson->at);
}

/* The length of the C string at the front, with its NUL; TOO_LONG where it has no end. */
static size_t cstring_size(const struct bson *bson)
{
    const uint8_t *nul = memchr(bson->at, '\0', bson_left(bson));

    return nul ? (size_t)(nul - bson->at) + 1 : TOO_LONG;
}

/* The length that a value begins with, LEAST at the least, and EXTRA bytes. */
static size_t counted_size(const struct bson *bson, uint32_t least, size_t extra)
{
    uint32_t size = bson_left(bson) < 4 ? TOO_LONG : reply_le(bson->at, 4);

    return size < least || size > ANSWER_MAX ? TOO_LONG : size + extra;
}

/* The length of a regular expression, which is two C strings. */
static size_t regex_size(struct bson bson)
{
    size_t first = cstring_size(&bson);

    if (first == TOO_LONG)
        return TOO_LONG;
    bson.at += first;
    return first + cstring_size(&bson);
}

/* How long the value at the front is, by its TYPE. TOO_LONG, or more, where it cannot be. */
static size_t value_size(uint8_t type, const struct bson *bson)
{
    switch (type) {
    case 0x06: /* undefined */
    case 0x0a: /* null */
    case 0x7f: /* the greatest key */
    case 0xff: /* the least key */
        return 0;
    case BOOLEAN:
        return 1;
    case INT32:
        return 4;
    case DOUBLE:
    case INT64:
    case 0x09: /* a date */
    case 0x11: /* a timestamp */
        return 8;
    case 0x07: /* an object's id */
        return 12;
    case 0x13: /* a decimal */
        return 16;
    case STRING:
    case 0x0d: /* JavaScript */
    case 0x0e: /* a symbol */
        return counted_size(bson, 1, 4);
    case 0x0c: /* a pointer: a string and an object's id */
        return counted_size(bson, 1, 4 + 12);
    case 0x05: /* bytes, behind their length and their kind */
        return counted_size(bson, 0, 4 + 1);
    case 0x03: /* a document */
    case 0x04: /* an array */
    case 0x0f: /* JavaScript and its scope */
        return counted_size(bson, DOCUMENT_MIN, 0);
    case 0x0b:
        return regex_size(*bson);
    default:
        return TOO_LONG;
    }
}

/* Takes a member off the front. False where it is malformed. What is in a document in it is not looked at. */
static bool take_member(struct bson *bson, struct member *member)
{
    member->type = *bson->at++;
    member->name = (const char *)bson->at;
    size_t size = cstring_size(bson);
    if (size > bson_left(bson))
        return false;
    bson->at += size;
    member->value = bson->at;
    member->size = value_size(member->type, bson);
    if (member->size > bson_left(bson))
        return false;
    bson->at += member->size;
    return true;
}

/* Whether a number or truth value is 1. */
static bool is_one(const struct member *member)
{
    static const uint8_t one[] = { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f }; /* a double */

    switch (member->type) {
    case DOUBLE:
        return memcmp(member->value, one, sizeof one) == 0;
    case INT64:
        return reply_le(member->value, 4) == 1 && reply_le(member->value + 4, 4) == 0;
    case INT32:
    case BOOLEAN:
        return reply_le(member->value, member->size) == 1;
    default:
        return false;
    }
}

static void copy_letters(const struct member *member, char *out, size_t size)
{
    size_t n = 0;

    for (; n + 1 < size && 4 + n < member->size && is_letter((char)member->value[4 + n]); n++)
        out[n] = (char)member->value[4 + n];
    out[n] = '\0';
}

static void heed_member(const struct member *member, struct hello *hello)
{
    if (strcmp(member->name, "ok") == 0) {
        hello->has_ok = true;
        hello->ok = is_one(member);
    } else if (strcmp(member->name, "isWritablePrimary") == 0) {
        hello->writable = is_one(member);
    } else if (strcmp(member->name, "secondary") == 0) {
        hello->secondary = is_one(member);
    } else if (strcmp(member->name, "code") == 0 && member->type == INT32) {
        hello->code = reply_le(member->value, 4);
    } else if (strcmp(member->name, "codeName") == 0 && member->type == STRING) {
        copy_letters(member, hello->code_name, sizeof hello->code_name);
    }
}

/* Reads the document of SIZE bytes, DOCUMENT_MIN at least. False where it is malformed. */
static bool read_hello(const uint8_t *document, size_t size, struct hello *hello)
{
    struct bson bson = { document + 4, document + size - 1 };
    struct member member;

    if (reply_le(document, 4) != size || *bson.end != '\0')
        return false;
    while (bson_left(&bson) > 0) {
        if (!take_member(&bson, &member))
            return false;
        heed_member(&member, hello);
    }
    return hello->has_ok;
}

static enum reply judge_hello(const struct hello *hello, struct result *result)
{
    if (!hello->ok && hello->code == 0)
        result_fail(result, "answered hello without ok: 1", NULL);
    else if (!hello->ok)
        reply_number(result, "error", hello->code, hello->code_name[0] ? hello->code_name : NULL);
    else
        result_ok(result,
                  hello->writable    ? "primary"
                  : hello->secondary ? "secondary"
                                     : "neither primary nor secondary",
                  NULL);
    return REPLY_COMPLETE;
}

enum reply mongodb_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    struct hello hello = { .ok = false };

    if (length < 4)
        return REPLY_PARTIAL;
    size_t size = reply_le(bytes, 4);
    if (size < DOCUMENT + DOCUMENT_MIN + CHECKSUM || size > ANSWER_MAX)
        return REPLY_BAD;
    if (length < size)
        return REPLY_PARTIAL;
    if (memcmp(bytes + ID, "PITH", 4) != 0 || reply_le(bytes + OPCODE, 4) != OP_MSG || bytes[SECTION] != 0)
        return REPLY_BAD;
    size -= bytes[FLAGS] & HAS_CHECKSUM ? CHECKSUM : 0;
    if (!read_hello(bytes + DOCUMENT, size - DOCUMENT, &hello))
        return REPLY_BAD;
    return judge_hello(&hello, result);
}

/* Honours `tls`. */
static const char *check_tls(struct target *target, struct span value)
{
    bool on = span_is(value, "true");

    if (!on && !span_is(value, "false"))
        return "is neither true nor false";
    if (!on && target->tls)
        return "contradicts the scheme";
    if (on && !PITH_TLS)
        return "needs TLS, which this build lacks";
    target->tls = on;
    return NULL;
}

const char *mongodb_check(struct target *target, struct span *what)
{
    struct text length = { NULL, 0, 0 };

    *what = target_path_name(target);
    span_decode(*what, &length);
    if (length.length > DATABASE_MAX)
        return "is longer than a database's name can be";
    if (target_query(target, "directConnection", what) && !span_is(*what, "true"))
        return "is not true: a probe asks the server that is named, and no other";
    return target_query(target, "tls", what) ? check_tls(target, *what) : NULL;
}

static void put_le(struct text *out, size_t value)
{
    for (size_t i = 0; i < 4; i++)
        text_char(out, (char)(value >> 8 * i));
}

/* Appends a message with the document { hello: 1, $db: DATABASE }, and apiVersion: "1" in it where VERSIONED. */
static void put_hello(struct text *out, const struct text *database, bool versioned)
{
    /* the ids, the opcode, the flags, and the kind of the section; then members of the document */
    static const char head[] = "PITH\0\0\0\0\xdd\7\0\0\0\0\0\0", hello[] = "\x10hello\0\1\0\0\0\2$db",
                      version[] = "\2apiVersion\0\2\0\0\0001";
    size_t document = 4 + sizeof hello + 4 + database->length + 1 + (versioned ? sizeof version : 0) + 1;

    put_le(out, DOCUMENT + document);
    text_bytes(out, head, sizeof head);
    put_le(out, document);
    text_bytes(out, hello, sizeof hello);
    put_le(out, database->length + 1);
    text_bytes(out, database->start, database->length);
    text_char(out, '\0');
    text_bytes(out, version, versioned ? sizeof version : 0);
    text_char(out, '\0');
}

static bool ask_hello(struct dialogue *dialogue, const struct text *database, bool versioned)
{
    char message[DOCUMENT + DATABASE_MAX + 64];
    struct text request = { message, sizeof message, 0 };

    put_hello(&request, database, versioned);
    return dialogue_ask(dialogue, message, request.length, mongodb_judge);
}

/* Whether the last answer is the error of a server that is started with requireApiVersion: 498870. */
static bool wants_version(const struct dialogue *dialogue)
{
    static const char code[] = "\x10"
                               "code\0\xb6\x9c\7";

    return memmem(dialogue->bytes, dialogue->length, code, sizeof code) != NULL;
}

void probe_mongodb(struct probe *probe)
{
    char name[DATABASE_MAX];
    struct text database = { name, sizeof name, 0 };
    struct dialogue dialogue;

    span_decode(target_path_name(probe->target), &database);
    if (database.length == 0)
        text_string(&database, "admin");
    dialogue_begin(&dialogue, probe);
    conn_phase(&probe->conn, "waiting for the answer to hello");
    /* Servers before 5.0 know no versions, so none is sent unasked. */
    if (ask_hello(&dialogue, &database, false) && !probe->result->healthy && wants_version(&dialogue))
        ask_hello(&dialogue, &database, true);
}
