/* memcached: its version. */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum reply memcached_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    static const char no_login[] = "CLIENT_ERROR unauthenticated";
    ptrdiff_t line = reply_line(bytes, length);
    char word[REPLY_WORD_SIZE];

    reply_word(bytes, length, word);
    if (!word[0])
        return REPLY_BAD;
    if (line < 0)
        return REPLY_PARTIAL;
    if (strcmp(word, "VERSION") == 0 && line > 8 && bytes[7] == ' ')
        return reply_version(bytes + 8, (size_t)line - 8, result);
    if (line == sizeof no_login - 1 && memcmp(bytes, no_login, sizeof no_login - 1) == 0)
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
