/* The part of init that `make STEPS=0` leaves out: the steps before COMMAND, and words of a variable in its arguments.
 */
#ifndef INIT_FEATURES_H
#define INIT_FEATURES_H

#ifndef PITH_STEPS
#define PITH_STEPS 1
#endif

#endif
