/* What hints are made of: any text of the kernel's, and any name. */
#include "fuzz.h"
#include "healthcheck/hint/facts.h"
#include "healthcheck/hint/hint.h"

static bool is_clean(const char *line, size_t length)
{
    for (size_t at = 0, n; at < length; at += n)
        if ((n = text_visible(line + at, length - at)) == 0 || line[at] == '/')
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_bytes(data, size), line[HINT_SIZE];
    struct text out = { line, sizeof line, 0 };
    struct span all = { text, size };
    struct listeners listeners = { .count = 0 };
    struct shortage shortage = { { fact_number(all, "a"), fact_number(all, "b") }, fact_number(all, "c"),
                                 { fact_number(all, "d"), fact_number(all, "e") }, { fact_number(all, ""), 1 },
                                 { 1, fact_number(all, "Max open files") },        size ? text[0] : 0 };
    struct cgroup cgroup;

    if (fact_cgroup(all, "memory", &cgroup))
        assert(cgroup.path.at > text && cgroup.path.at + cgroup.path.length <= text + size);
    for (struct span rest = all; rest.length > 0; span_drop(&rest, rest.length > 0)) {
        struct proc_socket socket;
        if (proc_socket_parse(span_take(&rest, '\n'), &socket))
            listeners_add(&listeners, &socket);
    }
    listeners_name(&listeners, (struct span){ "socket:[7]", 10 }, all);
    listeners_name(&listeners, all, (struct span){ "x", 1 });
    fact_is_init(all);
    listeners_put(&listeners, &out);
    shortage_put(&shortage, &out);
    assert(is_clean(line, text_kept(&out)));
    free(text);
    return 0;
}
