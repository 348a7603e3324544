/* --render: writes files from templates. */
#include "init/place.h"
#include "init/steps/files.h"
#include "pith/diag.h"
#include "pith/entries.h"
#include "pith/expand.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TEMPLATE_MAX = 1 << 20 };

/* One file to write. */
struct rendering {
    const struct step *step;
    const struct owner *owner;
    const char *from, *to;
    mode_t mode;      /* of the template */
    struct text text; /* what is to be written */
};

static bool render_failed(const struct rendering *rendering, const char *path, const char *why)
{
    return file_step_failed(rendering->step, path, why);
}

/* --- the template ------------------------------------------------------------------------------ */

/* Opens what is at PATH; -1 after a message. */
static int open_from(const struct rendering *rendering, const char *path)
{
    const char *why;
    int fd = place_read(path, rendering->owner->conf, &why);

    if (fd < 0)
        render_failed(rendering, path, why);
    return fd;
}

/* The text of the template that FD is, which is closed; NULL after a message. */
static const char *read_template(struct rendering *rendering, int fd, struct arena *arena)
{
    struct text text = arena_text(arena);
    struct file_status status;
    const char *why = NULL;

    if (text.size > TEMPLATE_MAX + 1)
        text.size = TEMPLATE_MAX + 1;
    if (!file_look(fd, &status) || !arena_read(fd, &text))
        why = errno == E2BIG ? "is larger than 1 MiB" : DIAG_ERRNO;
    close(fd);
    rendering->mode = status.mode & 0777;
    text_end(&text);
    if (!why && strlen(text.start) != text.length)
        why = "has a NUL byte";
    text_char(&text, '\0');
    if (why)
        render_failed(rendering, rendering->from, why);
    return why ? NULL : arena_keep(arena, &text);
}

static bool expand_template(struct rendering *rendering, const char *template, char *const environment[],
                            struct arena *arena)
{
    struct expand_error error;

    rendering->text = arena_text(arena);
    if (!expand(template, environment, NULL, &rendering->text, &error)) {
        diagf("%s: '%s': %s %s", step_option(STEP_RENDER), rendering->from, error.what, error.why);
        return false;
    }
    errno = EFBIG;
    return rendering->text.length <= rendering->text.size || render_failed(rendering, rendering->to, DIAG_ERRNO);
}

/* --- the file ---------------------------------------------------------------------------------- */

static bool fill(const struct rendering *rendering, int fd)
{
    bool good = write_all(fd, rendering->text.start, rendering->text.length) &&
                syscall(SYS_fchmod, fd, rendering->mode) == 0 &&
                file_give(fd, rendering->owner->uid, rendering->owner->gid);

    return (close(fd) == 0) & good;
}

static bool replace(const struct rendering *rendering, const struct place *place)
{
    char temporary[FILE_TEMPORARY_SIZE];
    int fd = file_temporary(place->folder, temporary, 0600);

    if (fd < 0)
        return false;
    if (fill(rendering, fd) && renameat(place->folder, temporary, place->folder, place->name) == 0)
        return true;
    int why = errno;
    syscall(SYS_unlinkat, place->folder, temporary, 0);
    errno = why;
    return false;
}

static bool write_file(const struct rendering *rendering)
{
    struct place place;
    const char *why = place_find(&place, rendering->to, &place_plain);

    if (!why && (place.descriptor >= 0 || (place.mode && !S_ISREG(place.mode))))
        why = "is there and is no regular file";
    if (!why && !replace(rendering, &place))
        why = DIAG_ERRNO;
    place_close(&place);
    return !why || render_failed(rendering, rendering->to, why);
}

/* FD is the template, which is closed. The texts are dropped when this returns: the arena is a copy. */
static bool render_file(struct rendering *rendering, int fd, char *const environment[], struct arena arena)
{
    const char *template = read_template(rendering, fd, &arena);

    return template && expand_template(rendering, template, environment, &arena) && write_file(rendering);
}

/* --- folders ----------------------------------------------------------------------------------- */

static char *join(struct arena *arena, const char *folder, const char *name, size_t length)
{
    struct text out = arena_text(arena);

    text_format(&out, "%s/%.*s", folder, (int)length, name);
    text_char(&out, '\0');
    return arena_keep(arena, &out);
}

/* Renders NAME of the two folders, where it ends in `.template`. */
static bool render_entry(const struct rendering *folder, const char *name, char *const environment[],
                         struct arena arena)
{
    static const char suffix[] = ".template";
    size_t length = strlen(name), base = length - strlen(suffix);
    struct rendering file = *folder;

    if (length <= strlen(suffix) || strcmp(name + base, suffix) != 0)
        return true;
    if (!(file.from = join(&arena, folder->from, name, length)) || !(file.to = join(&arena, folder->to, name, base)))
        return render_failed(folder, name, DIAG_ERRNO);
    int fd = open_from(&file, file.from);
    return fd >= 0 && render_file(&file, fd, environment, arena);
}

static bool render_folder(const struct rendering *folder, int fd, char *const environment[], struct arena arena)
{
    struct entries entries = { .folder = fd };
    bool good = true;
    const char *name;

    while (good && (name = entries_next(&entries)))
        good = render_entry(folder, name, environment, arena);
    if (good && entries.length < 0)
        good = render_failed(folder, folder->from, DIAG_ERRNO);
    close(fd);
    return good;
}

COLD bool render(const struct step *step, const struct owner *owner, char *const environment[], struct arena *arena)
{
    struct rendering rendering = { .step = step, .owner = owner, .from = step->path, .to = step->to };
    struct file_status status;
    int fd = open_from(&rendering, step->path);

    if (fd < 0)
        return false;
    return file_look(fd, &status) && S_ISDIR(status.mode) ? render_folder(&rendering, fd, environment, *arena)
                                                          : render_file(&rendering, fd, environment, *arena);
}
