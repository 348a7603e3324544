/* Answers of DNS, and names and types in a URL: any bytes. What is written is read again. */
#include "fuzz.h"
#include "healthcheck/probes/dnswire.h"

/* The first bytes choose how much of the rest is the name, and the type. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dns_question question = { .id = 0x1234, .recursive = true };
    struct dns_answer answer = { .rcode = 99 };
    uint8_t written[DNS_PREFIX + DNS_QUESTION_MAX];

    if (size < 2 || data[0] > size - 2)
        return 0;
    size_t name_length = data[0];
    char *name = fuzz_bytes(data + 2, name_length), *rest = fuzz_bytes(data + 2 + name_length, size - 2 - name_length);
    struct span all = { rest, size - 2 - name_length };
    question.type = data[1] ? data[1] : 1;
    assert(!dns_type_parse(all, &question.type) || question.type > 0);
    if (!dns_name_parse((struct span){ name, name_length }, &question.name)) {
        size_t length = dns_question_write(&question, written) - DNS_PREFIX;
        assert(length <= DNS_QUESTION_MAX && question.name.length <= DNS_NAME_MAX);
        assert(dns_answer_read(&question, written + DNS_PREFIX, length, &answer) == DNS_FOREIGN);
        written[DNS_PREFIX + 2] |= 0x80;
        assert(dns_answer_read(&question, written + DNS_PREFIX, length, &answer) == DNS_ANSWER);
        assert(answer.rcode == DNS_NOERROR && answer.records == 0 && !answer.truncated);
        if (dns_answer_read(&question, (uint8_t *)rest, all.length, &answer) == DNS_ANSWER)
            assert(answer.rcode < 16 && answer.records < size);
    }
    free(name);
    free(rest);
    return 0;
}
