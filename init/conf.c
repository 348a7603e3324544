/* What the configuration means for a signal, and for COMMAND's status. */
#include "init/conf.h"

#include "pith/layout.h"

HOT int conf_map_status(const struct init_conf *conf, int status)
{
    return status ^ conf->exit_map[status & 0xff];
}

uint64_t conf_stops(const struct init_conf *conf)
{
    uint64_t set = conf->stop_signals;

    for (int signal = 1; signal < SIGNAL_COUNT; signal++)
        if ((set & SIGNAL_BIT(signal)) && conf_rewrite(conf, signal) == 0)
            set &= ~SIGNAL_BIT(signal);
    return set;
}
