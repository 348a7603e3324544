/*
 * What package both binaries are from, for scanners of images and for core dumps: an ELF note as
 * https://systemd.io/ELF_PACKAGE_METADATA/ has it. PITH_ARCHITECTURE and PITH_REVISION, the commit, come from the Makefile.
 */
#include "pith/version.h"

    .section .note.package, "a", %note
    .balign 4
    .long 2f - 1f
    .long 4f - 3f
    .long 0xcafe1a7e
1:  .asciz "FDO"
2:  .balign 4
3:  .ascii "{\"type\":\"generic\",\"name\":\"pith\",\"version\":\"", PITH_VERSION, "\""
    .ascii ",\"architecture\":\"", PITH_ARCHITECTURE, "\""
    .ascii ",\"purl\":\"pkg:generic/pith@", PITH_VERSION, "\""
#ifdef PITH_REVISION
    .ascii ",\"commit\":\"", PITH_REVISION, "\""
#endif
    .asciz "}"
4:  .balign 4

    .section .note.GNU-stack, "", %progbits
