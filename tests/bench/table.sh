# shellcheck shell=sh
# Reads the tables of a page that make bench has written: sourced, it gives `cell` and `rows`.

# cells PAGE HEADING: of the tables below a heading that begins so, a line a cell, "ROW|COLUMN|VALUE"; what a column's
# head says in brackets is left out.
cells() {
    awk -v heading="$2" '
        /^#/ { text = $0; sub(/^#+ */, "", text); inside = index(text, heading) == 1 }
        !/^[|]/ { lines = 0; next }
        !inside { next }
        {
            n = split($0, field, / *[|] */)
            lines++
            for (i = 3; i < n; i++)
                if (lines == 1) { column[i] = field[i]; sub(/ *[(].*/, "", column[i]) }
                else if (lines > 2) print field[2] "|" column[i] "|" field[i]
        }' "$1"
}

# cell PAGE HEADING ROW COLUMN: what stands there, with its spread.
cell() {
    cells "$1" "$2" | awk -F '|' -v row="$3" -v column="$4" '$1 == row && $2 == column { print $3; exit }'
}

# number PAGE HEADING ROW COLUMN: the figure alone.
number() {
    cell "$@" | sed -e 's/^~//' -e 's/ .*//'
}
