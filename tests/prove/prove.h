/*
 * What the proofs share. cbmc follows each function named proof_* for all values that a variable without an initializer
 * may have, and what the functions below return. A function without a body fails the proof, but for those whose name
 * begins with nondet_.
 *
 * The comment above a proof has these lines, which `prove` reads:
 *
 *   PROVES   what holds, one sentence
 *   FOR      the values that are covered, with every bound
 *   ASSUMES  WHAT is taken for granted of the code around: FILE of tests/: NAME of the test in it that holds it
 *   BREAKS   FILE: TEXT => OTHER TEXT, a control: with that mistake in the source the proof has to fail
 *   CUTS     FILE: FUNCTION: FILE of tests/: NAME, calls of that function go to contract_FUNCTION, which the harness
 *            has; the proof or the test of that NAME shows that FUNCTION keeps to it
 *   WITH     further options of cbmc; --no-conversion-check where conversions are meant to cut
 *   SLOW     the proof is left to PROOFS=all
 *
 * A line that begins deeper continues the one above. All but PROVES, FOR and SLOW may come several times. The TEXT of a
 * control stands once in its file, with any white space. A proof without a control is refused.
 */
#ifndef PROVE_PROVE_H
#define PROVE_PROVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define assume(condition)        __CPROVER_assume(condition)
#define prove(condition, reason) __CPROVER_assert(condition, reason)

/* CONSEQUENCE holds wherever CONDITION does. */
#define implies(condition, consequence) (!(condition) || (consequence))

bool nondet_bool(void);
size_t nondet_size(void);

#endif
