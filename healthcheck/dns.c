/* Writes and reads DNS messages; reads resolv.conf. */
#include "healthcheck/dns.h"

#include "healthcheck/lines.h"

#include <string.h>

enum {
    HEADER_SIZE = 12,
    LABEL_MAX = 63,
    CLASS_IN = 1,
    FLAG_ANSWER = 0x80,
    CODE_OK = 0,
    CODE_NO_NAME = 3,
    DOTS_MAX = 15,
};

static void put16(struct text *out, unsigned value)
{
    text_char(out, (char)(value >> 8));
    text_char(out, (char)value);
}

bool dns_query_put(struct text *out, uint16_t id, struct span name, uint16_t type)
{
    if (name.length > 0 && name.at[name.length - 1] == '.')
        name.length--;
    if (name.length == 0 || name.length > DNS_NAME_MAX)
        return false;
    put16(out, id);
    put16(out, 0x0100); /* recursion desired */
    put16(out, 1);
    for (int i = 0; i < 3; i++)
        put16(out, 0);
    while (name.length > 0) {
        const char *dot = memchr(name.at, '.', name.length);
        size_t label = dot ? (size_t)(dot - name.at) : name.length;
        if (label == 0 || label > LABEL_MAX)
            return false;
        text_char(out, (char)label);
        text_bytes(out, name.at, label);
        name.at += label + (dot != NULL);
        name.length -= label + (dot != NULL);
    }
    text_char(out, '\0');
    put16(out, type);
    put16(out, CLASS_IN);
    return true;
}

/* A message that is being read. Reading behind its end makes it broken, and gives zeros. */
struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool broken;
};

static const uint8_t *take(struct reader *reader, size_t n)
{
    const uint8_t *at = reader->at;

    if (reader->broken || (size_t)(reader->end - at) < n) {
        reader->broken = true;
        return NULL;
    }
    reader->at += n;
    return at;
}

static unsigned take16(struct reader *reader)
{
    const uint8_t *at = take(reader, 2);

    return at ? (unsigned)at[0] << 8 | at[1] : 0;
}

/* Skips a name: labels, and a pointer or the root at its end. */
static void skip_name(struct reader *reader)
{
    for (;;) {
        const uint8_t *length = take(reader, 1);
        if (!length || *length == 0)
            return;
        if (*length > LABEL_MAX) {
            take(reader, 1);
            return;
        }
        take(reader, *length);
    }
}

/* Reads one record; adds its address where it is of TYPE. */
static void read_record(struct reader *reader, uint16_t type, struct address_list *list)
{
    struct address address = { .family = type == DNS_TYPE_A ? AF_INET : AF_INET6 };
    size_t wanted = type == DNS_TYPE_A ? 4 : 16;

    skip_name(reader);
    unsigned is = take16(reader), class = take16(reader);
    take(reader, 4); /* time to live */
    unsigned length = take16(reader);
    const uint8_t *data = take(reader, length);
    if (!data || is != type || class != CLASS_IN || length != wanted)
        return;
    memcpy(address.bytes, data, wanted);
    address_add(list, &address);
}

enum dns_answer dns_answer_read(const uint8_t *bytes, size_t length, uint16_t id, uint16_t type,
                                struct address_list *list)
{
    struct reader reader = { bytes, bytes + length, false };
    size_t before = list->count;

    if (length < HEADER_SIZE || take16(&reader) != id || !(bytes[2] & FLAG_ANSWER))
        return DNS_ALIEN;
    unsigned code = take16(&reader) & 0x0f, questions = take16(&reader), answers = take16(&reader);
    take(&reader, 4);
    if (questions != 1)
        return DNS_ALIEN;
    skip_name(&reader);
    if (take16(&reader) != type || take16(&reader) != CLASS_IN || reader.broken)
        return DNS_ALIEN;
    if (code == CODE_NO_NAME)
        return DNS_NOTHING;
    if (code != CODE_OK)
        return DNS_FAILED;
    while (answers-- > 0 && !reader.broken)
        read_record(&reader, type, list);
    return list->count > before ? DNS_FOUND : DNS_NOTHING;
}

/* `ndots:N` among the options. */
static void read_option(struct span word, struct dns_conf *conf)
{
    static const char dots[] = "ndots:";
    size_t n = sizeof dots - 1;
    unsigned value = 0;

    if (word.length <= n || memcmp(word.at, dots, n) != 0)
        return;
    for (; n < word.length && word.at[n] >= '0' && word.at[n] <= '9' && value <= DOTS_MAX; n++)
        value = value * 10 + (unsigned)(word.at[n] - '0');
    conf->dots = value < DOTS_MAX ? value : DOTS_MAX;
}

static void read_server(struct span word, struct dns_conf *conf)
{
    struct span zone;

    if (conf->server_count < DNS_SERVERS_MAX && address_parse(word, &conf->servers[conf->server_count], &zone))
        conf->server_count++;
}

void dns_conf_read(struct span text, struct dns_conf *conf)
{
    struct span line, word;

    *conf = (struct dns_conf){ .dots = 1 };
    while (take_line(&text, &line)) {
        if (!take_word(&line, &word))
            continue;
        if (span_is(word, "search") || span_is(word, "domain"))
            conf->search = line;
        else if (span_is(word, "nameserver") && take_word(&line, &word))
            read_server(word, conf);
        else if (span_is(word, "options"))
            while (take_word(&line, &word))
                read_option(word, conf);
    }
    if (conf->server_count == 0)
        conf->servers[conf->server_count++] = address_loopback4;
}

static bool is_alone_first(const struct dns_conf *conf, struct span name)
{
    unsigned dots = 0;

    for (size_t i = 0; i < name.length; i++)
        dots += name.at[i] == '.';
    return dots >= conf->dots;
}

bool dns_candidate(const struct dns_conf *conf, struct span name, size_t attempt, struct text *out)
{
    struct span search = conf->search, domain;
    size_t index = 0;
    bool absolute = name.length > 0 && name.at[name.length - 1] == '.', first = is_alone_first(conf, name);

    text_bytes(out, name.at, name.length);
    if (absolute || (first && attempt == 0))
        return attempt == 0;
    attempt -= first;
    while (take_word(&search, &domain))
        if (index++ == attempt) {
            text_char(out, '.');
            text_bytes(out, domain.at, domain.length);
            return true;
        }
    return !first && index == attempt;
}
