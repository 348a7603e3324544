/*
 * Marks that say where in the file a function, a constant or a variable lies.
 *
 * Plain runs (`init -- COMMAND`, a GET over loopback) execute a tenth of the code. The marks put that tenth into a
 * segment of its own (tools/static.ld). At a page fault the kernel maps up to 16 neighbouring pages, but none of
 * another segment, so a plain run maps little of what it does not need. `make hot` names what plain runs touch without
 * a mark.
 */
#ifndef PITH_LAYOUT_H
#define PITH_LAYOUT_H

/*
 * HOT         before a function that plain runs call: its code and its strings go to that segment.
 * HOT_TABLE   before a constant that plain runs read: it goes to that segment.
 * HOT_STRING  around a string of a HOT function that another function has, too. The compiler merges equal strings, and
 *             the one that remains could lie anywhere; this one is not merged.
 * HOT_STATE   before a variable that is zero at the start and that plain runs read or write: all of these share a page.
 * COLD        before a function that plain runs do not call. It is not inlined into one that they call, which would
 *             bring along its code and its variables on the stack.
 *
 * Unit tests are position-independent (__PIE__). There a table of pointers has to be relocated, so it cannot be
 * read-only, and the marks are empty.
 */
#ifndef __PIE__
#define HOT       __attribute__((section(".text.hot")))
#define HOT_TABLE __attribute__((section(".rodata.hot")))
#define HOT_STATE __attribute__((section(".bss.hot")))
#else
#define HOT
#define HOT_TABLE
#define HOT_STATE
#endif
#define HOT_STRING(string)                                                                                             \
    __extension__({                                                                                                    \
        static HOT_TABLE const char string_[] = string;                                                                \
        string_;                                                                                                       \
    })
#define COLD __attribute__((noinline))

#endif
