/*
 * Targets: the query of one, and its login.
 */
#include "healthcheck/target/target.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { QUERY = 5, LOGIN = 4 };

/*
 * PROVES   A pair of a query is within it, its key has no `=` and no `&` in it, its value no `&`, and something is
 *          taken: so every walk over a query ends.
 * FOR      queries of up to 5 bytes
 * BREAKS   healthcheck/target/target.c: if (value->length > 0) span_drop(value, 1); else => span_drop(value, 1); if
 *          (false)
 * BREAKS   healthcheck/target/target.c: *value = span_take(query, '&'); => *value = span_take(query, '=');
 * WITH     --unwind 7
 */
void proof_pair(void)
{
    char room[QUERY];
    struct span all = { NULL, nondet_size() }, key, value;
    size_t at;

    assume(all.length >= 1 && all.length <= QUERY);
    all.at = room + QUERY - all.length;
    struct span rest = all;
    take_pair(&rest, &key, &value);
    prove(rest.length < all.length && rest.at + rest.length == room + QUERY, "something is taken");
    prove(key.at == all.at && key.at + key.length <= room + QUERY, "the key is within");
    prove(value.at ? value.at == key.at + key.length + 1 && value.at[-1] == '=' : value.length == 0, "so is the value");
    const char *end = value.at ? value.at + value.length : key.at + key.length;
    prove(end == room + QUERY ? rest.length == 0 : *end == '&' && rest.at == end + 1, "the rest is behind its &");
    assume(at < QUERY);
    prove(implies(at < key.length, key.at[at] != '=' && key.at[at] != '&'), "no key has a = or & in it");
    prove(implies(at < value.length, value.at[at] != '&'), "no value has an & in it");
}

/*
 * PROVES   User and password are all of a login but the first `:`, which stands between them.
 * FOR      logins of up to 4 bytes
 * BREAKS   healthcheck/target/target.c: if (rest.length > 0) span_drop(&rest, 1); return rest; => return rest;
 * WITH     --unwind 6
 */
void proof_login(void)
{
    char room[LOGIN];
    struct target target;
    size_t at;

    target.userinfo = (struct span){ NULL, nondet_size() };
    assume(target.userinfo.length >= 1 && target.userinfo.length <= LOGIN);
    target.userinfo.at = room + LOGIN - target.userinfo.length;
    struct span user = target_user(&target), password = target_password(&target);
    bool colon = memchr(target.userinfo.at, ':', target.userinfo.length);
    prove(user.at == target.userinfo.at, "the user comes first");
    prove(user.length + colon + password.length == target.userinfo.length, "both are all of it");
    prove(implies(colon, password.at == user.at + user.length + 1 && password.at[-1] == ':'), "a colon is between");
    assume(at < user.length);
    prove(user.at[at] != ':', "it is the first");
}
