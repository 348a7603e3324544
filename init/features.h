/* What `make STEPS=0` leaves out of init: the steps before COMMAND, and arguments that become a variable's words. */
#ifndef INIT_FEATURES_H
#define INIT_FEATURES_H

#ifndef PITH_STEPS
#define PITH_STEPS 1
#endif

#endif
