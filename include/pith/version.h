/* The one place that holds the version of both binaries. */
#ifndef PITH_VERSION_H
#define PITH_VERSION_H

#define PITH_VERSION "0.2.0-dev"

#endif
