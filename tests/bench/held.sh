# shellcheck shell=sh
# What a held probe spares an engine in an hour: sourced by the script of each engine, it gives `held`. The script gives
#
#     run_with none|plain|stays    starts a container with no probe, with one a second, or with one that stays for an hour
#     end                          ends it
#     engine_cpu                   hundredths of a second on a CPU, so far, of daemons, shims, and all that they reaped
#     mark, started_since MARK     how many probes of the container the engine has started since then

# over SECONDS PROBE: hundredths of a second that the engine takes in so many, and how many probes it starts meanwhile.
over() {
    run_with "$2"
    sleep 5 # from its second probe on a held one stays
    before=$(engine_cpu)
    from=$(mark)
    sleep "$1"
    after=$(engine_cpu)
    started=$(started_since "$from")
    end
    echo "$((after - before)) $started"
}

# held HOLD SECONDS PLAIN: what the engine takes in an hour with no probe, with a plain one a second (looked at for PLAIN
# seconds), and with one that stays for HOLD seconds. The first and the last are looked at for SECONDS each, half of them
# before and half of them after the other, as an engine's own work is not even; within them a held probe stays, and its
# starts are added at the price of plain ones. What the probe itself takes is not the engine's.
held() {
    half=$(($2 / 2))
    # shellcheck disable=SC2046 # two words each
    set -- "$1" "$half" "$3" $(over $half none) $(over $half stays) $(over "$3" plain) $(over $half none) $(over $half stays)
    [ $(($7 + ${13})) -eq 0 ] || { echo "A held probe did not stay."; exit 1; }
    awk -v hold="$1" -v half="$2" -v seconds="$3" -v idle=$(($4 + ${10})) -v stays=$(($6 + ${12})) -v plain="$8" \
        -v started="$9" 'BEGIN {
        idle = idle * 36 / (2 * half)
        steady = stays * 36 / (2 * half)
        plain = plain * 36 / seconds
        price = (plain - idle) / (started * 3600 / seconds)
        starts = 3600 / (hold + 1)
        held = steady + starts * price
        print "| | CPU of the engine, s | without its idle share, s | of the plain probe | processes started |"
        print "|---|---:|---:|---:|---:|"
        printf "| no probe | %.1f | | | 0 |\n", idle
        printf "| plain | %.1f | %.1f | 1 | %d |\n", plain, plain - idle, started * 3600 / seconds
        printf "| --hold %ds | %.1f | %.1f | %.4f | %d |\n", hold, held, held - idle, \
            (held - idle) / (plain - idle), starts + 0.5
        printf "\nEach was watched for %d s, and the plain probe for %d s.\n", 2 * half, seconds }'
}
