/* Looks a name up in the text of /etc/hosts. */
#include "healthcheck/net/hosts.h"

#include "healthcheck/target/lines.h"

static bool has_name(struct span line, struct span name)
{
    struct span word;

    while (take_word(&line, &word))
        if (span_same(word, name))
            return true;
    return false;
}

void hosts_look_up(struct span text, struct span name, hosts_set_scope *set_scope, struct address_list *list)
{
    struct span line, word, zone;
    struct address address;

    name = span_undot(name);
    while (take_line(&text, &line))
        if (take_word(&line, &word) && has_name(line, name) && address_parse(word, &address, &zone) &&
            !set_scope(&address, zone)) {
            address_settle(&address);
            address_add(list, &address);
        }
}
