/*
 * The table of options and a setter for each: turns the environment and the command line into a struct check_conf.
 * Values are expanded (${NAME}) before they are set.
 */
#include "healthcheck/conf.h"

#include "healthcheck/actions.h"
#include "healthcheck/features.h"
#include "healthcheck/http/json.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/secret.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/environment.h"
#include "pith/expand.h"
#include "pith/layout.h"
#include "pith/option.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define ABSENT      " (not in this build)"
#define FIELD(name) offsetof(struct check_conf, name)

/* From here on a duration of a probe's parts has to name its unit. */
#define UNITLESS_MAX (100 * NS_PER_S)

extern char **environ;

static const char header_variable[] = "HEALTHCHECK_HEADER";

/* Memory for values that were expanded or split. It is never given back, and spares the probe a heap. */
static struct {
    char bytes[65536];
    size_t used;
} arena;

/* A copy of LENGTH bytes as a C string in the arena, or NULL where there is no room. */
static char *keep(const char *bytes, size_t length)
{
    char *kept = arena.bytes + arena.used;

    if (length >= sizeof arena.bytes - arena.used)
        return NULL;
    memcpy(kept, bytes, length);
    kept[length] = '\0';
    arena.used += length + 1;
    return kept;
}

static size_t count_lines(const char *string)
{
    size_t lines = 0;

    for (; *string; string++)
        lines += *string == '\n';
    return lines;
}

static const char *refuse_value(const char *where, const char *why)
{
    diagf("%s: %s", where, why);
    return NULL;
}

/* The message about a ${NAME} that failed, without its default, which could be a password. Returns NULL. */
static const char *refuse_reference(const char *where, struct expand_error *error)
{
    error->what[text_until(error->what, ':')] = '\0';
    error->what[text_until(error->what, '@')] = '\0';
    diagf("%s: '%s'%s%s", where, error->what, error->why == DIAG_ERRNO ? ": " : " ", error->why);
    return NULL;
}

/* VALUE expanded into the arena, or VALUE itself where it has no `$`. NULL after a message that names WHERE. */
static const char *expand_into(const char *where, const char *value, struct expand_files *files)
{
    struct expand_error error;
    char *start = arena.bytes + arena.used;
    struct text out = { start, sizeof arena.bytes - arena.used, 0 };

    if (!strchr(value, '$'))
        return value;
    if (!expand(value, environ, files, &out, &error))
        return refuse_reference(where, &error);
    text_char(&out, '\0');
    if (out.length > out.size)
        return refuse_value(where, "is too long once expanded");
    /* each line of this variable is a header: an expansion must not bring in another line */
    if (strcmp(where, header_variable) == 0 && count_lines(start) != count_lines(value))
        return refuse_value(where, "has a variable with a control character in it");
    arena.used += out.length;
    return start;
}

/* VALUE of the variable WHERE without the line ends behind it, which YAML's | leaves there. Of a text they may count.
 */
static const char *trim_value(const char *where, const char *value)
{
    size_t length = strlen(value), kept = length;

    while (kept > 0 && (value[kept - 1] == '\n' || value[kept - 1] == '\r'))
        kept--;
    return kept == length || strstr(where, "_BODY_") ? value : keep(value, kept);
}

/* The value of an option. A secret's file only where the value is one itself: others are in messages. */
static const char *expand_value(const char *where, const char *value, bool secret)
{
    struct expand_files files = { .put = PITH_EXTRAS && secret ? secret_put : secret_refuse };

    if (PITH_EXTRAS && *where != '-' && !(value = trim_value(where, value)))
        return refuse_value(where, "is too long");
    return expand_into(where, value, &files);
}

/* Remembers in *USE that OPTION was typed, which is of no use to some targets. A variable may serve several probes. */
static void note(const char **use, const char *option, const struct option_value *value)
{
    if (!value->from_environment)
        *use = option;
}

/* Adds an entry of a list to CONF. NULL, or why not, which follows the quoted value in a message. */
typedef const char *add_entry(struct check_conf *conf, const char *entry);

/* Whether an entry of a list ends at C: at SEPARATOR, and where that is a space also at a line end or tab. */
static bool ends_entry(char c, char separator)
{
    return c == '\0' || c == separator || (separator == ' ' && is_space(c));
}

/* Adds each entry of LIST, which SEPARATOR divides, without the blanks behind it. Empty entries are skipped. */
static const char *add_list(struct check_conf *conf, const char *list, char separator, add_entry *add)
{
    const char *why = NULL;

    for (; !why && *list; list += *list != '\0') {
        size_t length = 0;
        while (!ends_entry(list[length], separator))
            length++;
        if (length == 0)
            continue;
        size_t kept = length;
        while (kept > 0 && is_space(list[kept - 1]))
            kept--;
        const char *entry = keep(list, kept);
        why = entry ? add(conf, entry) : "is too long";
        list += length;
    }
    return why;
}

/* Adds the value of an option that is repeated on the command line, and is a list in its variable. */
static const char *add_repeated(struct check_conf *conf, const struct option_value *value, char separator,
                                add_entry *add)
{
    return value->from_environment ? add_list(conf, value->string, separator, add) : add(conf, value->string);
}

/* Whether NAME is a header that announces a body, which a probe never sends. */
static bool announces_body(struct span name)
{
    return span_is(name, "Content-Length") || span_is(name, "Transfer-Encoding") || span_is(name, "Trailer");
}

static bool has_control(const char *string)
{
    for (; *string; string++)
        if ((unsigned char)*string < ' ' || *string == 0x7f)
            return true;
    return false;
}

static const char *add_header(struct check_conf *conf, const char *header)
{
    struct span name = { header, 0 };

    if (has_control(header))
        return "has a control character in it (a line end?)";
    while (is_token_char(header[name.length]))
        name.length++;
    if (name.length == 0 || header[name.length] != ':')
        return "is not of the form 'Name: value'";
    if (announces_body(name))
        return "announces a body, which a probe does not send";
    if (conf->probe.request.header_count == HEADERS_MAX)
        return "is one header too many (64)";
    conf->probe.request.headers = conf->headers;
    conf->headers[conf->probe.request.header_count++] = header;
    return NULL;
}

static const char *set_header(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->in_header, "--header", value);
    if (value->fresh)
        conf->probe.request.header_count = 0;
    return add_repeated(conf, value, '\n', add_header);
}

/* Takes a status of three digits at *AT. */
static bool take_status(const char **at, uint16_t *status)
{
    const char *digits = *at;

    if (digits[0] < '1' || digits[0] > '9')
        return false;
    for (int i = 1; i < 3; i++)
        if (!is_digit(digits[i]))
            return false;
    *status = (uint16_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
    *at += 3;
    return true;
}

static const char bad_status[] = "is not a list of statuses such as 200-299,401";

static const char *add_range(struct check_conf *conf, const char *entry)
{
    struct status_range range;
    const char *at = entry;

    if (!take_status(&at, &range.from))
        return bad_status;
    range.to = range.from;
    if (*at == '-') {
        at++;
        if (!take_status(&at, &range.to))
            return bad_status;
    }
    if (*at || range.to < range.from)
        return bad_status;
    if (conf->probe.matchers.range_count == RANGES_MAX)
        return "has too many entries (32)";
    conf->probe.matchers.ranges = conf->ranges;
    conf->ranges[conf->probe.matchers.range_count++] = range;
    return NULL;
}

static bool has_empty_entry(const char *list)
{
    size_t length;

    while ((length = text_until(list, ',')) > 0 && list[length])
        list += length + 1;
    return length == 0;
}

static const char *set_status(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->judges_http, "--status", value);
    if (value->fresh)
        conf->probe.matchers.range_count = 0;
    if (PITH_GRPC && !is_digit(*value->string) && !value->from_environment)
        return "is not a list of statuses such as 200-299,401; curl's -s is not needed";
    if (has_empty_entry(value->string))
        return bad_status;
    return add_list(conf, value->string, ',', add_range);
}

static const char *set_contains(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->judges_http, "--body-contains", value);
    if (value->fresh)
        conf->probe.matchers.contains_count = 0;
    if (*value->string == '\0')
        return "is empty";
    if (conf->probe.matchers.contains_count == MATCHERS_MAX)
        return "is one text too many (16)";
    conf->probe.matchers.contains = conf->contains;
    conf->contains[conf->probe.matchers.contains_count++] = value->string;
    return NULL;
}

static const char *set_regex(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->judges_http, "--body-regex", value);
    if (value->fresh)
        conf->probe.matchers.regex_count = 0;
    if (*value->string == '\0')
        return "is empty";
    if (conf->probe.matchers.regex_count == MATCHERS_MAX)
        return "is one expression too many (16)";
    conf->probe.matchers.regexes = conf->regexes;
    conf->regexes[conf->probe.matchers.regex_count++] = value->string;
    return matchers_compile(&conf->probe.matchers);
}

#if !(PITH_EXTRAS && PITH_HOLD && PITH_GRPC)
static const char *lacks_part(void *conf, const struct option_value *value)
{
    (void)conf;
    return value->on ? "needs a part that this build lacks" : NULL;
}
#endif

#if PITH_EXTRAS
static const char *add_json(struct check_conf *conf, const char *entry)
{
    struct json_match *match = &conf->json[conf->probe.matchers.json_count];

    while (is_space(*entry)) /* behind the comma of a list */
        entry++;
    if (conf->probe.matchers.json_count == MATCHERS_MAX)
        return "is one match too many (16)";
    if (!json_split(entry, &match->path, &match->value, &match->differs))
        return "is not of the form PATH=VALUE, such as status=UP or checks[0].ok=true";
    if (match->differs && (*match->value == '"' || strstr(match->value, "|\"")))
        return "would always hold: a string is compared without its quotes";
    conf->probe.matchers.json = conf->json;
    conf->probe.matchers.json_count++;
    return NULL;
}

static const char *set_json(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->judges_http, "--json", value);
    if (value->fresh)
        conf->probe.matchers.json_count = 0;

    const char *why = add_repeated(conf, value, ',', add_json);
    return why || conf->probe.matchers.json_count > 0 ? why : "has no PATH=VALUE in it";
}

static const char *set_follow(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->speaks_http, "--follow", value);
    return option_set_flag(conf, value);
}

static const char *set_proxy_protocol(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->connects, "--proxy-protocol", value);
    return option_set_flag(conf, value);
}
#endif

#if PITH_GRPC
static const char *set_http2(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->speaks_http, "--http2", value);
    conf->probe.http2 = conf->probe.tls.offers_http2 = value->on;
    return NULL;
}
#endif

static const char *set_method(void *conf_, const struct option_value *value)
{
    static const char *const methods[] = { "GET", "HEAD", "OPTIONS" };
    struct check_conf *conf = conf_;

    note(&conf->speaks_http, "--method", value);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(value->string, methods[i]) == 0) {
            conf->probe.request.method = methods[i];
            conf->heads = *methods[i] != 'H' ? NULL : value->from_environment ? "HEALTHCHECK_METHOD" : "--method";
            return NULL;
        }
    return PITH_GRPC && is_digit(*value->string) ? "is none of GET, HEAD, OPTIONS; curl's -m is -t"
                                                 : "is none of GET, HEAD, OPTIONS";
}

static const char *set_user(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    if (!strchr(value->string, ':'))
        return "is not of the form USER:PASSWORD";
    if (has_control(value->string))
        return "has a control character in it (a line end?)";
    note(&conf->in_header, "--user", value);
    conf->probe.request.user = value->string;
    return NULL;
}

/* A duration of at least a millisecond: zero would be no time at all, or a busy loop. 500 was meant in milliseconds. */
static const char *set_span(void *conf, const struct option_value *value)
{
    const char *why = option_set_duration(conf, value);
    const int64_t *ns = value->field;

    if (why)
        return why;
    if (*ns >= UNITLESS_MAX && is_digit(value->string[strlen(value->string) - 1]))
        return "would be seconds, and has no unit: write ms or s behind it";
    return *ns < NS_PER_MS ? "is shorter than 1ms" : NULL;
}

/*
 * --wait or --hold, of which OTHER is the other one. Both at once are a CLASH, but what is typed beats a variable,
 * which may be meant for other probes of the container.
 */
static const char *set_pace(struct check_conf *conf, const struct option_value *value, int64_t *other,
                            const char *clash)
{
    const char *why = option_set_duration(conf, value);

    if (why)
        return why;
    if (*(int64_t *)value->field > 0) {
        if (*other > 0 && (conf->paced || value->from_environment))
            return clash;
        *other = 0;
        conf->paced = !value->from_environment;
    }
    conf->repeats = conf->wait > 0 || conf->hold > 0;
    return NULL;
}

static const char *set_wait(void *conf, const struct option_value *value)
{
    if (*value->string == '%')
        return "is for curl; -s says what is healthy";
    return set_pace(conf, value, &((struct check_conf *)conf)->hold, "does not go with --hold");
}

#if PITH_HOLD
static const char *set_hold(void *conf, const struct option_value *value)
{
    return set_pace(conf, value, &((struct check_conf *)conf)->wait, "does not go with --wait");
}
#endif

static const char *set_family(void *conf_, const struct option_value *value, int family)
{
    struct check_conf *conf = conf_;

    if (value->on)
        conf->probe.family = family;
    return NULL;
}

static const char *set_ipv4(void *conf, const struct option_value *value)
{
    return set_family(conf, value, AF_INET);
}

static const char *set_ipv6(void *conf, const struct option_value *value)
{
    return set_family(conf, value, AF_INET6);
}

static const char *set_output(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    conf->json_output = strcmp(value->string, "json") == 0;
    if (!PITH_EXTRAS && conf->json_output)
        return "needs JSON, which this build lacks";
    if (conf->json_output || strcmp(value->string, "text") == 0)
        return NULL;
    return PITH_GRPC && *value->string == '/' ? "is neither text nor json; curl's -o is not needed"
                                              : "is neither text nor json";
}

#if PITH_TLS
#define TLS_ROW(letter, kind, field, name, help, set)                                                                  \
    {                                                                                                                  \
        letter, kind, field, name "\t" help, set                                                                       \
    }

/* A string of TLS, whose OPTION was typed or stands in a variable. */
static const char *set_tls_string(struct check_conf *conf, const char *option, const struct option_value *value)
{
    note(&conf->needs_tls, option, value);
    return option_set_string(conf, value);
}

static const char *set_cacert(void *conf, const struct option_value *value)
{
    return set_tls_string(conf, "--cacert", value);
}

static const char *set_servername(void *conf, const struct option_value *value)
{
    return set_tls_string(conf, "--servername", value);
}

static const char *set_cert(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    conf->certifies = value->from_environment ? "HEALTHCHECK_CERT" : "--cert";
    return set_tls_string(conf, conf->certifies, value);
}

static const char *set_key(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    conf->keys = value->from_environment ? "HEALTHCHECK_KEY" : "--key";
    return set_tls_string(conf, conf->keys, value);
}

static const char *set_tls_min_days(void *conf_, const struct option_value *value)
{
    struct check_conf *conf = conf_;

    note(&conf->needs_tls, "--tls-min-days", value);
    conf->probe.tls.min_days = number_parse(value->string, 36500);
    return conf->probe.tls.min_days < 0 ? "is not a number of days (0-36500)" : NULL;
}
#else
#define TLS_ROW(letter, kind, field, name, help, set)                                                                  \
    {                                                                                                                  \
        letter, kind, field, name "\t" help ABSENT, lacks_tls                                                          \
    }

static const char *lacks_tls(void *conf, const struct option_value *value)
{
    (void)conf;
    return value->on ? "needs TLS, which this build lacks" : NULL;
}
#endif

/* --help and its like. The last one that is given counts. */
static const char *set_action(struct check_conf *conf, int (*action)(const struct check_conf *), const char *shown)
{
    conf->action = action;
    conf->acts = shown;
    return NULL;
}

#define ACTION(name, shown)                                                                                            \
    static const char *set_##name(void *conf, const struct option_value *value)                                        \
    {                                                                                                                  \
        (void)value;                                                                                                   \
        return set_action(conf, action_##name, shown);                                                                 \
    }
ACTION(help, "--help (-h)")
ACTION(version, "--version (-V)")
ACTION(license, "--license (-l)")
ACTION(list_probes, "--list-probes")

static const char *set_install(void *conf, const struct option_value *value)
{
    set_action(conf, action_install, "--install");
    return option_set_string(conf, value);
}

static const struct option rows[] = {
    { 't', OPTION_VALUE, FIELD(timeout), "timeout DURATION\tdeadline of a try, all of it (2s)", set_span },
    { 'm', OPTION_VALUE, 0, "method METHOD\tGET, HEAD or OPTIONS (GET)", set_method },
    { 'H', OPTION_SECRET, 0, "header 'NAME: VALUE'\tsend this header; repeatable", set_header },
    { 's', OPTION_VALUE, 0, "status LIST\tHTTP statuses that are healthy (200-399)", set_status },
    { 'b', OPTION_VALUE, 0, "body-contains TEXT\tthe body must hold TEXT; repeatable", set_contains },
    { 0, OPTION_VALUE, 0, "body-regex ERE\tthe body must match ERE; repeatable" IF(PITH_REGEX)(, ABSENT), set_regex },
#if PITH_EXTRAS
    { 0, OPTION_VALUE, 0, "json PATH=VALUE\tthe body must be JSON with VALUE (A|B: one) at PATH; repeatable",
      set_json },
    { 0, OPTION_FLAG, FIELD(probe.follow), "follow\tfollow redirects to the same host, 10 at most", set_follow },
    { 0, OPTION_FLAG, FIELD(probe.proxied),
      "proxy-protocol\tbegin each connection as a load balancer does, with PROXY UNKNOWN", set_proxy_protocol },
#else
    { 0, OPTION_VALUE, 0, "json PATH=VALUE\tthe body must be JSON with VALUE at PATH" ABSENT, lacks_part },
    { 0, OPTION_FLAG, 0, "follow\tfollow redirects to the same host" ABSENT, lacks_part },
    { 0, OPTION_FLAG, 0, "proxy-protocol\tbegin connections with PROXY UNKNOWN" ABSENT, lacks_part },
#endif
#if PITH_GRPC
    { 0, OPTION_FLAG, 0, "http2\tspeak HTTP/2 to http, offer it to https (ALPN)", set_http2 },
#else
    { 0, OPTION_FLAG, 0, "http2\tspeak HTTP/2" ABSENT, lacks_part },
#endif
    { 0, OPTION_VALUE, FIELD(probe.max_latency), "max-latency DURATION\ta slower answer is unhealthy", set_span },
    { 0, OPTION_SECRET, 0, "user USER:PASSWORD\tbasic authentication", set_user },
    TLS_ROW('k', OPTION_FLAG, FIELD(probe.tls.insecure), "insecure", "do not verify the certificate", option_set_flag),
    TLS_ROW(0, OPTION_VALUE, FIELD(probe.tls.cacert), "cacert FILE", "trust these CA certificates only", set_cacert),
    TLS_ROW(0, OPTION_VALUE, FIELD(probe.tls.cert), "cert FILE", "client certificate", set_cert),
    TLS_ROW(0, OPTION_VALUE, FIELD(probe.tls.key), "key FILE", "its private key", set_key),
    TLS_ROW(0, OPTION_VALUE, FIELD(probe.tls.servername), "servername NAME", "name to ask for and to verify",
            set_servername),
    TLS_ROW(0, OPTION_VALUE, 0, "tls-min-days N", "the certificate must be valid this long", set_tls_min_days),
    { '4', OPTION_FLAG, 0, "ipv4\tIPv4 only", set_ipv4 },
    { '6', OPTION_FLAG, 0, "ipv6\tIPv6 only", set_ipv6 },
    { 0, OPTION_FLAG, FIELD(any), "any\tone healthy target is enough (all)", option_set_flag },
    { 'w', OPTION_VALUE, FIELD(wait), "wait DURATION\ttry again until healthy or DURATION is over", set_wait },
#if PITH_HOLD
    { 0, OPTION_VALUE, FIELD(hold),
      "hold DURATION\twhen healthy again, stay and try on until unhealthy or DURATION is\n"
      "                              over; the engine's timeout must be longer than DURATION + --timeout",
      set_hold },
    { 0, OPTION_VALUE, FIELD(hold_state), "hold-state DIR\twhere --hold remembers the last run (/dev/shm)",
      option_set_string },
#else
    { 0, OPTION_VALUE, 0, "hold DURATION\tstay while all is healthy" ABSENT, lacks_part },
    { 0, OPTION_VALUE, 0, "hold-state DIR\twhere --hold remembers the last run" ABSENT, lacks_part },
#endif
    { 'i', OPTION_VALUE, FIELD(interval), "interval DURATION\tpause between tries (500ms; --hold: 1s)", set_span },
    { 0, OPTION_FLAG, FIELD(readiness), "readiness\tunhealthy while init starts, drains or stops", option_set_flag },
    { 0, OPTION_FLAG, FIELD(probe.dry_run), "dry-run\tcheck options, targets and the gate, send nothing",
      option_set_flag },
    { 'o', OPTION_VALUE, 0, "output FORMAT\ttext or json (text)", set_output },
    { 'q', OPTION_FLAG, FIELD(quiet), "quiet\tsay nothing when healthy", option_set_flag },
    { 'v', OPTION_FLAG, FIELD(verbose), "verbose\ttell the time of each phase", option_set_flag },
    { 0, OPTION_FLAG, FIELD(no_hints),
      "no-hints\tdo not tell what may be the reason of a failure" IF(PITH_HINTS)(, ABSENT), option_set_flag },
    { 0, OPTION_ACTION_VALUE, FIELD(install), "install DIR\tcopy this binary into DIR and exit", set_install },
    { 0, OPTION_INFORM, 0, "list-probes\tlist the kinds of target this build has", set_list_probes },
    { 'h', OPTION_INFORM, 0, "help\tshow this help", set_help },
    { 'V', OPTION_INFORM, 0, "version\tshow the version", set_version },
    { 'l', OPTION_INFORM, 0, "license\tshow the licence", set_license },
};

/* Counts a target, and keeps it while there is room. options_parse refuses too many: a message here could show a
 * password. */
static HOT const char *add_target(void *conf_, const char *target)
{
    struct check_conf *conf = conf_;

    if (conf->target_count < TARGETS_MAX)
        conf->targets[conf->target_count] = target;
    conf->target_count++;
    return NULL;
}

/* Options of other tools, as people bring them along: whose they are, and what to do without them. */
static const struct {
    const char *options, *instead;
} brought[] = {
    { "-f --fail", "curl and not needed: a status of 400 or more is unhealthy" },
    { "-S --silent --show-error", "curl and not needed: a line a target is all that is printed" },
    { "--noproxy", "curl and not needed: no proxy is asked" },
    { "-L --location", "curl; here it is --follow" },
    { "-X --request", "curl; here it is -m METHOD" },
    { "-I --head", "curl; here it is -m HEAD" },
    { "-A --user-agent", "curl; here it is -H 'User-Agent: NAME'" },
    { "-u", "curl; here it is --user USER:PASSWORD" },
    { "--max-time --connect-timeout", "curl; here it is -t DURATION, for all of a try" },
    { "--retry --retry-delay --retry-connrefused --retry-max-time", "curl; here it is --wait DURATION -i PAUSE" },
    { "--unix-socket", "curl; here it is a target, http+unix://%2FSOCKET/PATH" },
    { "--write-out", "curl; here it is -s LIST, which says what is healthy" },
#if PITH_GRPC /* a build that shall be small does without */
    { "--spider", "wget; here it is -m HEAD" },
    { "-O --output-document", "wget and not needed: a body is never shown" },
    { "--no-check-certificate", "wget; here it is -k" },
    { "--tries", "wget; here it is --wait DURATION -i PAUSE" },
    { "--host --port", "microcheck; here it is a target, HOST:PORT/PATH" },
    { "-a --addr --service", "grpc_health_probe; here it is a target, grpc://HOST:PORT/SERVICE" },
#endif
};

/* Whether WORDS, divided by spaces, have WORD among them. */
static bool has_word(const char *words, const char *word)
{
    size_t length = text_until(words, ' ');

    while (strlen(word) != length || !text_begins(words, word, length)) {
        if (!words[length])
            return false;
        words += length + 1;
        length = text_until(words, ' ');
    }
    return true;
}

/* Writes the message about OPTION where it is another tool's. */
static COLD bool tell_brought(const void *conf, const char *option)
{
    size_t i = 0;

    (void)conf;
    while (i < sizeof brought / sizeof brought[0] && !has_word(brought[i].options, option))
        i++;
    if (i == sizeof brought / sizeof brought[0])
        return false;
    diagf("%s: is an option of %s", option, brought[i].instead);
    return true;
}

HOT_TABLE const struct option_set check_options = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .prefix = "HEALTHCHECK_",
    .usage = "Usage: healthcheck [OPTION...] [TARGET...] [-- COMMAND [ARG...]]\n"
             "Probes every TARGET at once and exits 0 when all are healthy, else 1. Then, with\n"
             "COMMAND, becomes COMMAND. Without TARGET: $HEALTHCHECK_TARGET, or\n"
             "http://localhost:${PORT:-8080}/health.\n\n",
    .epilogue = "\nDURATION: 250ms, 1.5s, 1m30s, 1h or seconds. ${NAME} and ${NAME:-default} expand in\n"
                "targets and values. A name in brackets is the environment variable of the option\n"
                "above it; the command line beats it. Only this container's own addresses are\n"
                "probed" IF(PITH_EXTRAS)(", and what /etc/healthcheck/allow lists", ) ".\n\nTARGETs:\n",
    .operand = add_target,
    .prepare = expand_value,
    .unknown = tell_brought,
};

static const char *add_listed_target(struct check_conf *conf, const char *target)
{
    if (*target == '-')
        return "has an option in it, which takes a variable of its own (see --help)";
    return add_target(conf, target);
}

/* The targets where none is on the command line: $HEALTHCHECK_TARGET, or the default. False after a message. */
static COLD bool default_targets(struct check_conf *conf, char *const environment[])
{
    static const char variable[] = "HEALTHCHECK_TARGET";
    const char *list = environment_get(environment, variable, sizeof variable - 1);
    const char *why = list ? add_list(conf, list, ' ', add_listed_target) : NULL;

    if (why) {
        diagf("%s: %s", variable, why);
        return false;
    }
    if (conf->target_count == 0)
        conf->targets[conf->target_count++] = "http://localhost:${PORT:-8080}/health";
    return true;
}

/* Whether all of FILES in STRING is part of a user and password, which are never shown. False after a message. */
static COLD bool hides_secret(const char *shown, const char *string, const struct expand_files *files)
{
    struct target target;
    struct target_error error;

    if (!target_parse(string, &target, &error)) {
        diagf("%s: %s", shown, error.why);
        return false;
    }
    if (target.userinfo.at) {
        size_t from = (size_t)(target.userinfo.at - string), to = from + target.userinfo.length;
        if (from <= files->from && files->to <= to)
            return true;
    }
    diagf("%s: a secret's file %s", shown, secret_places);
    return false;
}

static COLD const char *expand_target(const char *raw)
{
    char shown[TARGET_SHOWN_MAX];
    struct expand_files files = { .put = PITH_EXTRAS ? secret_put_encoded : secret_refuse };

    target_show_raw(raw, shown);
    const char *string = expand_into(shown, raw, &files);
    return !PITH_EXTRAS || !string || files.to == 0 || hides_secret(shown, string, &files) ? string : NULL;
}

static bool expand_targets(struct check_conf *conf)
{
    for (size_t i = 0; i < conf->target_count; i++) {
        if (!strchr(conf->targets[i], '$'))
            continue;
        conf->targets[i] = expand_target(conf->targets[i]);
        if (!conf->targets[i])
            return false;
    }
    return true;
}

/* Whether WORD can be a COMMAND. A target behind -- would be executed, once the default target is healthy. */
static bool is_command(const char *word)
{
    char shown[TARGET_SHOWN_MAX];
    size_t colon = text_until(word, ':');
    bool has_port = word[colon] && is_digit(word[colon + 1]) && colon < text_until(word, '/');

    if (!has_port && !memmem(word, strlen(word), LITERAL("://")))
        return true;
    target_show_raw(word, shown);
    diagf("%s: is a target: it belongs in front of --", shown);
    return false;
}

/* What is wrong with the command line as a whole: a message, or NULL. Options that contradict each other: check.c. */
static const char *contradiction(const struct check_conf *conf)
{
    if (conf->command && !*conf->command)
        return "COMMAND: missing behind --";
    if (conf->target_count > TARGETS_MAX)
        return "TARGET: there are more than 32";
    return NULL;
}

/* What stays does not become COMMAND. A variable is for other probes of the container. False after a message. */
static COLD bool settle_command(struct check_conf *conf)
{
    if (!is_command(*conf->command))
        return false;
    if (conf->hold > 0 && conf->paced) {
        diagf("--hold: does not go with COMMAND");
        return false;
    }
    conf->hold = 0;
    conf->repeats = conf->wait > 0;
    return true;
}

/* A dry run finds out nothing that changes with time or with what init does, and does not execute COMMAND. */
static COLD void settle_dry_run(struct check_conf *conf)
{
    conf->repeats = false;
    conf->readiness = false;
    conf->command = NULL;
}

/* The lists at the end of CONF are not cleared, so that a plain probe touches less memory. */
static void set_defaults(struct check_conf *conf)
{
    memset(conf, 0, offsetof(struct check_conf, headers));
    conf->timeout = 2 * NS_PER_S;
    conf->probe.max_latency = TIME_NEVER;
    conf->probe.request.method = HOT_STRING("GET");
    conf->probe.tls.min_days = -1;
    conf->probe.family = AF_UNSPEC;
}

bool options_parse(struct check_conf *conf, int argc, char *const argv[], char *const environment[])
{
    bool dashes;

    set_defaults(conf);
    conf->argv = argv;
    if (option_environment(&check_options, conf, environment) < 0)
        return false;
    int first = option_parse(&check_options, conf, argc, argv, &dashes);
    if (first < 0)
        return false;
    if (conf->action && conf->target_count > 0) {
        diagf("%s: probes no TARGET; leave one of the two out", conf->acts);
        return false;
    }
    if (conf->action)
        return true;
    conf->command = dashes ? argv + first : NULL;
    conf->probe.timed = conf->verbose || conf->json_output;
    if (conf->target_count == 0 && !default_targets(conf, environment))
        return false;
    const char *wrong = contradiction(conf);
    if (wrong) {
        diagf("%s", wrong);
        return false;
    }
    if (conf->command && !settle_command(conf))
        return false;
    if (conf->probe.dry_run)
        settle_dry_run(conf);
    return expand_targets(conf);
}
