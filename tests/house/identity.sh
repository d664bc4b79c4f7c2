#!/usr/bin/env bash
# Same scenario and same seed: the same bytes from two runs and from two compilers; another seed: another digest.
# Use: identity.sh PROGRAM OTHER_PROGRAM SCENARIO…
set -euo pipefail

program=$(realpath "$1")
other_program=$(realpath "$2")
shift 2
[ $# -gt 0 ] || { echo "identity: no scenario given" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Everything a run leaves behind, standard output included, lands in $work/NAME.
run() { # NAME PROGRAM SCENARIO [OPTION…]
    local name=$1 binary=$2 scenario=$3
    shift 3
    mkdir "$work/$name"
    (cd "$work/$name" && "$binary" run "$scenario" --out out "$@" >stdout.txt 2>stderr.txt) || {
        cat "$work/$name/stderr.txt" >&2
        echo "identity: $(basename "$scenario"): $binary failed" >&2
        return 1
    }
    rm "$work/$name/stderr.txt" # Wall-clock figures may stand there, and nowhere else.
}

digest() { grep -o '"digest": *"[^"]*"' "$work/$1/out/summary.json"; }

# Where nothing is launched and nobody sends a request, chance decides nothing.
idle() { ! grep -Eq '"(launches|requests)": *[1-9]' "$work/$1/out/summary.json"; }

failed=0
fail() {
    echo "identity: $1" >&2
    failed=1
}

compare() { # SCENARIO_NAME
    diff -rq "$work/first" "$work/again" >&2 || fail "$1: two runs differ"
    diff -rq "$work/first" "$work/other" >&2 || fail "$1: two compilers differ"
    [ "$(digest first)" != "$(digest reseeded)" ] || idle first || fail "$1: another seed changed nothing"
    echo "identity: $1 $(digest first)" >&2
}

for scenario in "$@"; do
    scenario=$(realpath "$scenario")
    name=$(basename "$scenario")
    if run first "$program" "$scenario" && run again "$program" "$scenario" &&
        run other "$other_program" "$scenario" && run reseeded "$program" "$scenario" --seed 987654321; then
        compare "$name"
    else
        failed=1
    fi
    rm -rf "${work:?}"/*
done
exit "$failed"
