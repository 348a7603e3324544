# shellcheck shell=sh
# What a held probe spares an engine in an hour: sourced by the script of each engine, it gives `held`. The script gives
#
#     run_with N none|plain|stays  starts N containers with no probe, with one a second, or with one that stays for an hour; what
#                                  they log of each request would cost the engine, too, and is off
#     end                          ends them
#     engine_cpu                   hundredths of a second on a CPU, so far, of daemons, shims, and all that they reaped
#     mark, started_since MARK     how many probes of these containers the engine has started since then

# An engine's own work differs from one minute to the next by far more than a held probe takes, which is next to nothing: so
# many of them are looked at together.
TOGETHER=20

# over SECONDS N PROBE: hundredths of a second that the engine takes in so many, and how many probes it starts meanwhile.
over() {
    run_with "$2" "$3"
    sleep 60 # from its second probe on a held one stays; meanwhile the engine tidies up behind the starts
    before=$(engine_cpu)
    from=$(mark)
    sleep "$1"
    after=$(engine_cpu)
    started=$(started_since "$from")
    end
    echo "$((after - before)) $started"
}

# held HOLD SECONDS PLAIN: what the engine takes in an hour for one container with no probe and with a plain one a second, both
# looked at for PLAIN seconds, and with one that stays for HOLD seconds. That one is many containers whose probe stays against
# as many without, each looked at for SECONDS in two halves; its starts are added at the price of plain ones. What the probe
# itself takes is not the engine's.
held() {
    half=$(($2 / 2))
    # shellcheck disable=SC2046 # two words each
    set -- "$1" "$half" "$3" $(over "$3" 1 none) $(over "$3" 1 plain) $(over $half $TOGETHER none) \
        $(over $half $TOGETHER stays) $(over $half $TOGETHER stays) $(over $half $TOGETHER none)
    [ $((${11} + ${13})) -eq 0 ] || { echo "A held probe did not stay."; exit 1; }
    awk -v hold="$1" -v half="$2" -v seconds="$3" -v idle="$4" -v plain="$6" -v started="$7" -v many=$TOGETHER \
        -v none=$(($8 + ${14})) -v stays=$((${10} + ${12})) 'BEGIN {
        idle = idle * 36 / seconds
        plain = plain * 36 / seconds - idle
        starts = 3600 / (hold + 1)
        starting = starts * plain / (started * 3600 / seconds)
        staying = (stays - none) * 36 / (2 * half) / many
        held = starting + staying
        print "| | CPU of the engine, s | without its idle share, s | of the plain probe | processes started |"
        print "|---|---:|---:|---:|---:|"
        printf "| no probe | %.1f | | | 0 |\n", idle
        printf "| plain | %.1f | %.1f | 1 | %d |\n", idle + plain, plain, started * 3600 / seconds
        printf "| --hold %ds | %.1f | %.1f | %.4f | %d |\n", hold, idle + held, held, held / plain, starts + 0.5
        printf "\nThe first two rows are of one container, watched for %d s. The last adds what %d held probes cost in %d s to ", \
            seconds, many, 2 * half
        printf "what\nas many containers cost without (%.2f s an hour each) and the starts (%.2f s).\n", staying, starting }'
}
