/* `${file:PATH}`: what is in a file that holds a secret, as engines mount them. */
#ifndef HEALTHCHECK_SECRET_H
#define HEALTHCHECK_SECRET_H

#include "pith/expand.h"

enum { SECRET_MAX = 65536 }; /* bytes of such a file */

/*
 * Readers for expand(). Newlines at the file's end are dropped, and a file that is larger, or has another control
 * character in it, is refused: `put` of a struct expand_files. The second one encodes for a URL what is not a letter, a
 * digit or one of `-._~:`, so that it stays in the part where it stands; the third one only says where files may stand.
 */
bool secret_put(struct expand_files *files, const char *path, size_t length, struct text *out,
                struct expand_error *error);
bool secret_put_encoded(struct expand_files *files, const char *path, size_t length, struct text *out,
                        struct expand_error *error);
bool secret_refuse(struct expand_files *files, const char *path, size_t length, struct text *out,
                   struct expand_error *error);

/* Where a file may stand, for messages. */
extern const char secret_places[];

#endif
