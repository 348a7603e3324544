/* The licence that --license prints. */
#ifndef PITH_LICENSE_H
#define PITH_LICENSE_H

/* The MIT licence as in LICENSE, and where those of linked libraries are found. Ends with a newline. */
extern const char license_text[];

#endif
