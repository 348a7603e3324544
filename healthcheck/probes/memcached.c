/* memcached: whether the server tells its version. */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum reply memcached_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    static const char version[] = "VERSION ";
    const size_t skip = sizeof version - 1;
    ptrdiff_t line = reply_line(bytes, length);
    char word[REPLY_WORD_SIZE];

    reply_word(bytes, length, word);
    if (!word[0])
        return REPLY_BAD;
    if (line < 0)
        return REPLY_PARTIAL;
    struct span answer = { (const char *)bytes, (size_t)line };
    if (answer.length > skip && span_begins(answer, version))
        return reply_version(bytes + skip, answer.length - skip, result);
    if (span_equal(answer, (struct span){ LITERAL("CLIENT_ERROR unauthenticated") }))
        result_ok(result, "wants a login", NULL);
    else if (strstr(word, "ERROR"))
        result_fail(result, "answered ", word, NULL);
    else
        return REPLY_BAD;
    return REPLY_COMPLETE;
}

void probe_memcached(struct probe *probe)
{
    static const char version[] = "version\r\nquit\r\n";
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    conn_phase(&probe->conn, "waiting for the version");
    if (dialogue_ask(&dialogue, version, sizeof version - 1, memcached_judge))
        dialogue_leave(&dialogue, NULL, 0);
}
