/*
 * --remove, --mkdir, --chown, --render: the steps that change files, by init with its own ids.
 *
 * init may be root, and COMMAND's user may be at work already, as where a container starts again beside others on the
 * same volume. So none of them resolves a path that this user could lead elsewhere (place.h).
 */
#include "init/steps/files.h"

#include "init/place.h"
#include "init/steps/steps.h"
#include "pith/diag.h"
#include "pith/layout.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

COLD bool file_step_failed(const struct step *step, const char *path, const char *why)
{
    diagf("%s: '%s': %s", step_option(step->kind), path, why);
    return false;
}

static bool remove_file(const struct step *step)
{
    struct place place;
    const char *why = place_find(&place, step->path, &(struct place_how){ .keeps_link = true });
    if (!why && place.name && !*place.name) {
        errno = EISDIR; /* the root of all folders */
        why = DIAG_ERRNO;
    }
    bool gone = why ? why == DIAG_ERRNO && (errno == ENOENT || errno == ENOTDIR)
                    : place.mode == 0 || syscall(SYS_unlinkat, place.folder, place.name, 0) == 0 || errno == ENOENT;

    place_close(&place);
    return gone || file_step_failed(step, step->path, why ? why : DIAG_ERRNO);
}

static mode_t parse_mode(const char *digits)
{
    mode_t mode = 0;

    for (; digits && *digits; digits++)
        mode = mode * 8 + (mode_t)(*digits - '0');
    return mode;
}

static bool make_folders(const struct step *step, const struct owner *owner)
{
    struct place_how how = {
        .makes = true, .mode = step->to ? parse_mode(step->to) : 0755, .uid = owner->uid, .gid = owner->gid
    };
    struct place place;
    const char *why = place_find(&place, step->path, &how);

    place_close(&place);
    if (!why && (place.descriptor >= 0 || (*place.name && !S_ISDIR(place.mode))))
        why = "is there and is no folder";
    return !why || file_step_failed(step, step->path, why);
}

static bool do_step(const struct step *step, const struct owner *owner, char *const environment[], struct arena arena)
{
    switch (step->kind) {
    case STEP_REMOVE:
        return remove_file(step);
    case STEP_MKDIR:
        return make_folders(step, owner);
    case STEP_CHOWN:
        return hand_over(step, owner);
    default:
        return render(step, owner, environment, &arena);
    }
}

COLD bool steps_files(const struct init_conf *conf, char *const environment[])
{
    struct arena arena = { 0 };
    const struct owner owner = { conf->has_user ? conf->uid : geteuid(), conf->has_user ? conf->gid : getegid(), conf,
                                 conf_stops(conf) };

    if (!arena_open(&arena)) {
        diagf("cannot prepare files: %s", DIAG_ERRNO);
        return false;
    }
    for (enum step_kind kind = STEP_REMOVE; kind <= STEP_RENDER; kind++)
        for (size_t i = 0; i < conf->step_count; i++) {
            if (conf->steps[i].kind != kind)
                continue;
            if (signals_are_pending(owner.stops))
                return true;
            if (!do_step(&conf->steps[i], &owner, environment, arena))
                return false;
        }
    return true;
}
