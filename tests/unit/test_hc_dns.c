/* Messages of DNS: what is asked, and what is taken for an answer. */
#include "healthcheck/probes/dnswire.h"
#include "support/test.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *parse(const char *text, struct dns_name *name)
{
    return dns_name_parse(span_of(text), name);
}

static void a_name_is_labels_behind_their_lengths(void **state)
{
    static const struct {
        const char *text, *wire;
    } rows[] = {
        { "example.com", "\7example\3com" },
        { "example.com.", "\7example\3com" },
        { "a", "\1a" },
        { ".", "" },
        { "", "" },
        { "_sip._tcp.EXAMPLE.com", "\4_sip\4_tcp\7EXAMPLE\3com" },
        { "0%2F25.2.0.192.in-addr.arpa", "\4"
                                         "0/25\1"
                                         "2\1"
                                         "0\3"
                                         "192\7in-addr\4arpa" },
        { "%2a.example", "\1*\7example" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct dns_name name;
        assert_null(parse(rows[i].text, &name));
        assert_int_equal(name.length, strlen(rows[i].wire) + 1);
        assert_memory_equal(name.bytes, rows[i].wire, name.length);
    }
}

static void what_is_no_name_is_told(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        { "..", "empty label" },
        { ".a", "empty label" },
        { "a..b", "empty label" },
        { "a..", "empty label" },
        { "a.%", "hexadecimal" },
        { "a%00", "hexadecimal" },
        { "a%20b", "a character" },
        { "a%0Ab", "a character" },
        { "b%C3%BCcher.example", "xn--" },
        { "a%5C046b", "a character" },
        { "b\xc3\xbc"
          "cher",
          "xn--" },
    };
    struct dns_name name;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_has(parse(rows[i].text, &name), rows[i].why);
}

/* Appends labels of 63 letters, four of which are too many, and one of REST letters. */
static const char *parse_long(size_t labels, size_t rest, const char *end, struct dns_name *name)
{
    char text[512], *at = text;

    for (size_t i = 0; i < labels; i++, at += 64) {
        memset(at, 'a', 63);
        at[63] = '.';
    }
    memset(at, 'b', rest);
    strcpy(at + rest, end);
    return parse(text, name);
}

static void a_label_has_63_bytes_at_most_and_a_name_255(void **state)
{
    struct dns_name name;

    (void)state;
    assert_null(parse_long(0, 63, "", &name));
    assert_has(parse_long(0, 64, "", &name), "longer than 63");
    assert_null(parse_long(3, 61, "", &name));
    assert_int_equal(name.length, 255);
    assert_null(parse_long(3, 61, ".", &name));
    assert_int_equal(name.length, 255);
    assert_has(parse_long(3, 62, "", &name), "255 bytes");
    assert_has(parse_long(3, 62, ".", &name), "255 bytes");
    assert_has(parse_long(3, 61, ".c", &name), "255 bytes");
    assert_has(parse_long(7, 10, "", &name), "255 bytes");
}

static void a_type_is_a_name_or_a_number(void **state)
{
    static const struct {
        const char *text;
        unsigned type; /* 0: it is none */
    } rows[] = {
        { "A", 1 },   { "aaaa", 28 },     { "CNAME", 5 }, { "Mx", 15 },    { "NS", 2 },     { "PTR", 12 },
        { "SOA", 6 }, { "SRV", 33 },      { "TXT", 16 },  { "HTTPS", 65 }, { "CAA", 257 },  { "ANY", 255 },
        { "1", 1 },   { "65535", 65535 }, { "028", 28 },  { "0", 0 },      { "65536", 0 },  { "", 0 },
        { "AA", 0 },  { "TYPE65", 0 },    { "-1", 0 },    { "1 ", 0 },     { "000001", 0 }, { "A%41", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint16_t type = 0;
        if (dns_type_parse(span_of(rows[i].text), &type) != (rows[i].type > 0) || type != rows[i].type)
            fail_msg("%s: %u", rows[i].text, type);
    }
}

static struct dns_question question(const char *name, uint16_t type)
{
    struct dns_question made = { .type = type, .id = 0x1234, .recursive = true };

    assert_null(parse(name, &made.name));
    return made;
}

static void a_question_is_written_as_rfc_1035_has_it(void **state)
{
    static const uint8_t wanted[] = "\0\x1d\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\x1c\0\1";
    struct dns_question made = question("example.com", 28);
    uint8_t bytes[DNS_PREFIX + DNS_QUESTION_MAX];

    (void)state;
    assert_int_equal(dns_question_write(&made, bytes), sizeof wanted - 1);
    assert_memory_equal(bytes, wanted, sizeof wanted - 1);
    made.recursive = false;
    dns_question_write(&made, bytes);
    assert_int_equal(bytes[4], 0);
}

struct message {
    uint8_t bytes[512];
    size_t length;
};

/* The header of an answer with one question, and that question: a.b, of type A. FLAGS are its third and fourth byte. */
static struct message begin(unsigned flags, unsigned records)
{
    static const uint8_t asked[] = { 1, 'a', 1, 'b', 0, 0, 1, 0, 1 };
    struct message message = { .bytes = { 0x12, 0x34, (uint8_t)(flags >> 8), (uint8_t)flags, 0, 1,
                                          (uint8_t)(records >> 8), (uint8_t)records },
                               .length = DNS_HEAD + sizeof asked };

    memcpy(message.bytes + DNS_HEAD, asked, sizeof asked);
    return message;
}

static void add(struct message *message, const char *bytes, size_t length)
{
    assert_true(message->length + length <= sizeof message->bytes);
    memcpy(message->bytes + message->length, bytes, length);
    message->length += length;
}

/* A record: its owner, its type, and four bytes of data. */
static void add_record(struct message *message, const char *owner, size_t length, char type)
{
    const char fixed[] = { 0, type, 0, 1, 0, 0, 0, 9, 0, 4, 10, 0, 0, 1 };

    add(message, owner, length);
    add(message, fixed, sizeof fixed);
}

#define RECORD(message, owner, type) add_record(message, owner, sizeof owner - 1, type)

/* Copied, so that a read behind its end is seen by a sanitizer. */
static enum dns_message read_length(const struct message *message, size_t length, struct dns_answer *answer)
{
    const struct dns_question asked = question("a.b", 1);
    uint8_t *exact = malloc(length ? length : 1);

    memcpy(exact, message->bytes, length);
    enum dns_message what = dns_answer_read(&asked, exact, length, answer);
    free(exact);
    return what;
}

static enum dns_message read_message(const struct message *message, struct dns_answer *answer)
{
    return read_length(message, message->length, answer);
}

static void an_answer_tells_its_rcode_and_its_records(void **state)
{
    struct message message = begin(0x8180, 4);
    struct dns_answer answer;

    (void)state;
    RECORD(&message, "\xc0\x0c", 5);    /* a.b is an alias */
    RECORD(&message, "\1c\xc0\x0e", 1); /* of c.b, */
    RECORD(&message, "\xc0\x23", 1);    /* which stands in the second record */
    RECORD(&message, "\1a\1b\0", 46);
    assert_int_equal(read_message(&message, &answer), DNS_ANSWER);
    assert_int_equal(answer.rcode, DNS_NOERROR);
    assert_int_equal(answer.records, 2);
    assert_false(answer.truncated);
    for (unsigned rcode = 0; rcode < 16; rcode++) {
        message = begin(0x8180 | rcode, 0);
        assert_int_equal(read_message(&message, &answer), DNS_ANSWER);
        assert_int_equal(answer.rcode, rcode);
        assert_int_equal(answer.records, 0);
    }
}

static void the_case_of_a_name_does_not_matter(void **state)
{
    struct message message = begin(0x8180, 0);
    struct dns_answer answer;

    (void)state;
    message.bytes[DNS_HEAD + 1] = 'A';
    assert_int_equal(read_message(&message, &answer), DNS_ANSWER);
}

/* What stands in such an answer is cut off anywhere. */
static void a_truncated_answer_is_not_read(void **state)
{
    struct message message = begin(0x8380, 3);
    struct dns_answer answer;

    (void)state;
    add(&message, "\xc0", 1);
    assert_int_equal(read_message(&message, &answer), DNS_ANSWER);
    assert_true(answer.truncated);
}

static void an_error_without_the_question_is_an_answer(void **state)
{
    struct message message = begin(0x8185, 0);
    struct dns_answer answer;

    (void)state;
    assert_int_equal(read_length(&message, DNS_HEAD, &answer), DNS_ANSWER);
    assert_int_equal(answer.rcode, 5);
    message.bytes[5] = 0; /* no question */
    assert_int_equal(read_length(&message, DNS_HEAD, &answer), DNS_ANSWER);
    message.bytes[3] = 0x80;
    assert_int_equal(read_length(&message, DNS_HEAD, &answer), DNS_FOREIGN);
}

static void what_answers_another_question_is_foreign(void **state)
{
    static const struct {
        size_t at;
        uint8_t byte;
    } rows[] = {
        { 0, 0x13 },        { 1, 0x35 },                           /* the id */
        { 2, 0x01 },                                               /* a question */
        { 2, 0x81 | 0x20 },                                        /* another opcode */
        { 5, 0 },           { 5, 2 },     { 4, 1 },                /* so many questions */
        { 12, 2 },          { 13, 'x' },  { 15, 'x' },  { 16, 1 }, /* the name */
        { 18, 28 },         { 17, 1 },                             /* the type */
        { 20, 3 },                                                 /* the class */
        { 12, 0xc0 },       { 12, 0x40 }, { 12, 0x80 },            /* no label, and a pointer to itself */
    };
    struct dns_answer answer;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct message message = begin(0x8180, 0);
        message.bytes[rows[i].at] = rows[i].byte;
        if (read_message(&message, &answer) != DNS_FOREIGN)
            fail_msg("byte %zu: %02x", rows[i].at, rows[i].byte);
    }
}

static void every_cut_is_seen(void **state)
{
    struct message message = begin(0x8180, 2);
    struct dns_answer answer;

    (void)state;
    size_t head = message.length;
    RECORD(&message, "\xc0\x0c", 1);
    RECORD(&message, "\1c\xc0\x0e", 1);
    for (size_t length = 0; length < message.length; length++)
        assert_int_equal(read_length(&message, length, &answer), length < head ? DNS_FOREIGN : DNS_MALFORMED);
    assert_int_equal(read_message(&message, &answer), DNS_ANSWER);
}

static void names_that_lead_nowhere_are_malformed(void **state)
{
    /* the record begins at 21 = 0x15 */
    static const struct {
        const char *owner;
        size_t length;
    } rows[] = {
        { "\xc0\x15", 2 },       /* to itself */
        { "\xc0\x16", 2 },       /* forward */
        { "\xff\xff", 2 },       /* out of the message */
        { "\1c\xc0\x15", 4 },    /* to its own beginning */
        { "\1c\xc0\x17", 4 },    /* into itself */
        { "\1c\1d\xc0\x17", 6 }, /* to a label of its own */
        { "\x40", 1 },           /* extended labels (RFC 6891, 5), which nobody uses */
        { "\x80", 1 },
    };
    struct dns_answer answer;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct message message = begin(0x8180, 1);
        add_record(&message, rows[i].owner, rows[i].length, 1);
        if (read_message(&message, &answer) != DNS_MALFORMED)
            fail_msg("row %zu", i);
    }
}

/* Two names that lead to each other, and a chain of pointers that makes a name too long. */
static void pointers_do_not_loop(void **state)
{
    struct message message = begin(0x8180, 2);
    struct dns_answer answer;

    (void)state;
    RECORD(&message, "\xc0\x25", 1); /* to the second record */
    RECORD(&message, "\xc0\x15", 1); /* to the first one */
    assert_int_equal(read_message(&message, &answer), DNS_MALFORMED);
    message = begin(0x8180, 0);
    for (int i = 1; i <= 9; i++) { /* each name is 31 bytes longer than the one before, the first of which has 5 */
        size_t before = i == 1 ? DNS_HEAD : message.length - 33 - 14;
        char owner[33] = { 30, [31] = (char)(0xc0 | before >> 8), [32] = (char)before };
        memset(owner + 1, 'x', 30);
        add_record(&message, owner, sizeof owner, 1);
        message.bytes[7] = (uint8_t)i;
        assert_int_equal(read_message(&message, &answer), 5 + 31 * i <= DNS_NAME_MAX ? DNS_ANSWER : DNS_MALFORMED);
    }
}

static void rcodes_have_names(void **state)
{
    (void)state;
    assert_string_equal(dns_rcode_name(0), "NOERROR");
    assert_string_equal(dns_rcode_name(2), "SERVFAIL");
    assert_string_equal(dns_rcode_name(3), "NXDOMAIN");
    assert_string_equal(dns_rcode_name(5), "REFUSED");
    assert_string_equal(dns_rcode_name(10), "NOTZONE");
    assert_null(dns_rcode_name(11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_labels_behind_their_lengths),
        cmocka_unit_test(what_is_no_name_is_told),
        cmocka_unit_test(a_label_has_63_bytes_at_most_and_a_name_255),
        cmocka_unit_test(a_type_is_a_name_or_a_number),
        cmocka_unit_test(a_question_is_written_as_rfc_1035_has_it),
        cmocka_unit_test(an_answer_tells_its_rcode_and_its_records),
        cmocka_unit_test(the_case_of_a_name_does_not_matter),
        cmocka_unit_test(a_truncated_answer_is_not_read),
        cmocka_unit_test(an_error_without_the_question_is_an_answer),
        cmocka_unit_test(what_answers_another_question_is_foreign),
        cmocka_unit_test(every_cut_is_seen),
        cmocka_unit_test(names_that_lead_nowhere_are_malformed),
        cmocka_unit_test(pointers_do_not_loop),
        cmocka_unit_test(rcodes_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
