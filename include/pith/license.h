/* The licence that --license prints. */
#ifndef PITH_LICENSE_H
#define PITH_LICENSE_H

/* The text of the file LICENSE. Ends with a newline. */
extern const char license_text[];

#endif
