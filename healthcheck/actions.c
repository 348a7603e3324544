/* --help, --version, --license, --list-probes, --install. */
#include "healthcheck/actions.h"

#include "healthcheck/probes/probe.h"
#include "pith/file.h"
#include "pith/install.h"
#include "pith/license.h"
#include "pith/option.h"
#include "pith/version.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The commit that this was built from, where the Makefile knows it. */
#ifdef PITH_REVISION
#define COMMIT " (commit " PITH_REVISION ")"
#else
#define COMMIT ""
#endif

/* What is linked in, a line for each with version and licence, as the Makefile has it of the manifests. libgcc is the
 * compiler's own. */
static const char libraries[] =
#ifdef PITH_LIBRARIES
    PITH_LIBRARIES "  libgcc " __VERSION__ " (GPL-3.0-or-later WITH GCC-exception-3.1), where the processor needs it\n";
#else
    "";
#endif

enum { HELP_SIZE = 16384, SCHEME_COLUMN = 22 };

static int print(const char *bytes, size_t length)
{
    return write_all(STDOUT_FILENO, bytes, length) ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* A line for each kind of target, also for those that this build lacks. */
static void put_kinds(struct text *out, const char *indent)
{
    for (size_t i = 0; i < probe_kinds_count; i++) {
        const struct probe_kind *kind = &probe_kinds[i];
        size_t line = out->length;
        text_string(out, indent);
        text_string(out, kind->scheme);
        if (kind->flags & PROBE_ANYWHERE)
            text_string(out, PITH_TLS ? "[s][+unix]" : "[+unix]");
        text_pad(out, line, SCHEME_COLUMN);
        if (kind->talk)
            text_string(out, kind->more->help);
        else
            text_strings(out, "(", kind->more->lacks, ")", NULL);
        text_char(out, '\n');
    }
}

int action_help(const struct check_conf *conf)
{
    char help[HELP_SIZE];
    struct text out = { help, sizeof help, 0 };

    (void)conf;
    option_help(&check_options, &out);
    put_kinds(&out, "  ");
    return print(help, text_kept(&out));
}

int action_version(const struct check_conf *conf)
{
    static const char version[] = "healthcheck " PITH_VERSION COMMIT "\n";

    (void)conf;
    return print(version, sizeof version - 1) || print(libraries, sizeof libraries - 1);
}

int action_license(const struct check_conf *conf)
{
    static const char linked[] = "\nLinked in, each under a licence of its own, whose text a release has:\n";

    (void)conf;
    return print(license_text, strlen(license_text)) || print(linked, sizeof linked - 1) ||
           print(libraries, sizeof libraries - 1);
}

int action_list_probes(const struct check_conf *conf)
{
    char list[HELP_SIZE];
    struct text out = { list, sizeof list, 0 };

    (void)conf;
    put_kinds(&out, "");
    return print(list, text_kept(&out));
}

int action_install(const struct check_conf *conf)
{
    return install_self(conf->argv[0], "healthcheck", conf->install) ? EXIT_SUCCESS : EXIT_FAILURE;
}
