/* Writes and reads the messages of gRPC's health protocol, which are in the wire format of Protocol Buffers. */
#include "healthcheck/grpc/health.h"

#include "pith/duration.h"

enum {
    FRAME_SIZE = 5,    /* gRPC's head of a message: a flag (compressed), and four bytes of length */
    SERVICE_FIELD = 1, /* the number of the field in HealthCheckRequest */
    STATUS_FIELD = 1,  /* and in HealthCheckResponse */
};

/* The wire types of Protocol Buffers, which say how long a field is. */
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static void put_varint(struct text *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        text_char(out, (char)((number & 0x7f) | 0x80));
    text_char(out, (char)number);
}

static void put_message(struct text *out, const char *service, size_t length)
{
    if (length == 0)
        return;
    put_varint(out, SERVICE_FIELD << 3 | WIRE_BYTES);
    put_varint(out, length);
    text_bytes(out, service, length);
}

void grpc_put_request(struct text *out, const char *service, size_t length)
{
    struct text measured = { NULL, 0, 0 };

    put_message(&measured, service, length);
    text_char(out, 0);
    for (int shift = 24; shift >= 0; shift -= 8)
        text_char(out, (char)(measured.length >> shift & 0xff));
    put_message(out, service, length);
}

/* What is left of a message that is being read. */
struct wire {
    const uint8_t *at, *end;
};

static bool take_varint(struct wire *wire, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; shift < 64 && wire->at < wire->end; shift += 7) {
        uint8_t byte = *wire->at++;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool skip_bytes(struct wire *wire, uint64_t count)
{
    if (count > (uint64_t)(wire->end - wire->at))
        return false;
    wire->at += count;
    return true;
}

static bool skip_field(struct wire *wire, unsigned type)
{
    uint64_t number;

    switch (type) {
    case WIRE_VARINT:
        return take_varint(wire, &number);
    case WIRE_64:
        return skip_bytes(wire, 8);
    case WIRE_BYTES:
        return take_varint(wire, &number) && skip_bytes(wire, number);
    case WIRE_32:
        return skip_bytes(wire, 4);
    default:
        return false;
    }
}

/* Reads all fields. Where the status is there twice, the last one counts; where it is missing, it is 0 (proto3). */
static bool take_fields(struct wire *wire, uint32_t *status)
{
    uint64_t key, number;

    *status = HEALTH_UNKNOWN;
    while (wire->at < wire->end) {
        if (!take_varint(wire, &key) || key >> 3 == 0 || key > UINT32_MAX)
            return false;
        if (key != (STATUS_FIELD << 3 | WIRE_VARINT)) {
            if (!skip_field(wire, key & 7))
                return false;
            continue;
        }
        if (!take_varint(wire, &number))
            return false;
        *status = (uint32_t)number;
    }
    return true;
}

enum grpc_verdict grpc_parse_response(const uint8_t *bytes, size_t length, uint32_t *status)
{
    if (length == 0)
        return GRPC_EMPTY;
    if (bytes[0] == 1)
        return GRPC_COMPRESSED;
    if (bytes[0] != 0 || length < FRAME_SIZE)
        return GRPC_BAD;
    uint32_t size = (uint32_t)bytes[1] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 8 | bytes[4];
    struct wire wire = { bytes + FRAME_SIZE, bytes + length };
    return size == length - FRAME_SIZE && take_fields(&wire, status) ? GRPC_GOOD : GRPC_BAD;
}

const char *health_status_name(uint32_t status)
{
    static const char *const names[] = {
        [HEALTH_UNKNOWN] = "UNKNOWN",
        [HEALTH_SERVING] = "SERVING",
        [HEALTH_NOT_SERVING] = "NOT_SERVING",
        [HEALTH_SERVICE_UNKNOWN] = "SERVICE_UNKNOWN",
    };

    return status < sizeof names / sizeof names[0] ? names[status] : NULL;
}

const char *grpc_code_name(uint32_t code)
{
    static const char *const names[] = {
        "OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
        "NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED",
    };

    return code < sizeof names / sizeof names[0] ? names[code] : NULL;
}

void grpc_put_timeout(struct text *out, int64_t ns)
{
    static const struct {
        int64_t ns;
        char name;
    } units[] = { { 1000, 'u' }, { NS_PER_MS, 'm' }, { NS_PER_S, 'S' } };
    const int64_t most = 99999999;
    size_t i = 0;

    while (i + 1 < sizeof units / sizeof units[0] && ns / units[i].ns > most)
        i++;
    int64_t number = ns / units[i].ns;
    text_number(out, (uint64_t)(number < 1 ? 1 : number > most ? most : number));
    text_char(out, units[i].name);
}
