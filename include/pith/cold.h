/* Marks what plain runs do without. */
#ifndef PITH_COLD_H
#define PITH_COLD_H

/*
 * Before a function that a plain run does not call: it is not inlined into what calls it, so that what plain runs do
 * lies on few pages (tools/static.ld) and does not have this function's variables below it on the stack.
 */
#define COLD __attribute__((noinline))

#endif
