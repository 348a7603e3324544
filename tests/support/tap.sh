# shellcheck shell=sh
# What the tests in shell have in common: sourced, it gives `ok`, `await` and `plan`.

tests=0

# ok DESCRIPTION COMMAND...: one line of TAP, and what COMMAND said where it failed. `set -e` is off in COMMAND.
ok() {
    tests=$((tests + 1))
    promise=$1
    shift
    if said=$("$@" 2>&1); then
        echo "ok $tests - $promise"
    else
        echo "not ok $tests - $promise"
        echo "$said" | sed 's/^/# /'
    fi
}

# await COMMAND...: looks every 20 ms until COMMAND succeeds, for 10 s at most.
await() {
    looks=0
    until "$@" >/dev/null 2>&1; do
        looks=$((looks + 1))
        [ "$looks" -lt 500 ] || { echo "waited in vain for: $*" >&2; return 1; }
        sleep 0.02
    done
}

# Ends the TAP.
plan() { echo "1..$tests"; }
