/* Says where code and tables lie in the file, beside what they are. */
#ifndef PITH_LAYOUT_H
#define PITH_LAYOUT_H

/*
 * Plain runs (`init -- COMMAND`, a GET over loopback) need a tenth of the code. That tenth lies in a segment of its own
 * (tools/static.ld): at a page fault the kernel maps up to 16 neighbouring pages, but none of another segment. `make
 * hot` names what plain runs touch and the marks leave out.
 *
 * HOT         before a function that plain runs call: it and its strings go to that segment
 * HOT_TABLE   before a constant that plain runs read: the same
 * HOT_STRING  around a string of such a function that others use too: the compiler makes one of the two, anywhere
 * HOT_STATE   before a variable, zero at start, that plain runs read or write: all of these share one page
 * COLD        before a function that plain runs do not call: it is not inlined into one that they do, so that neither
 *             its code nor its variables on the stack come with it
 */
#ifndef __PIE__ /* as the unit tests are, where a table of pointers is relocated and so cannot be read-only */
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
