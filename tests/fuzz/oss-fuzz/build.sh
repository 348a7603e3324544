#!/bin/bash -eu
# Builds the fuzzers into OUT as OSS-Fuzz wants them, each with its corpus. OSS-Fuzz gives SRC, WORK, OUT, the compilers, their
# flags, and the engine.
#
# The differential fuzzer is left out: its other parser, llhttp, is not to be had there.
cd "$SRC/pith"
fuzzers=$(find tests/fuzz -name 'fuzz_*.c' ! -name fuzz_differential.c -printf '%f\n' | sed 's/\.c$//' | sort | paste -sd ' ')
# The libraries are compiled by make, which has flags of its own.
env -u CC -u CXX -u CFLAGS -u CXXFLAGS make -j"$(nproc)" fuzzers FUZZERS="$fuzzers" FUZZ_BUILD="$WORK/fuzz" \
    FUZZ_CC="$CC" FUZZ_SANITIZE="$CFLAGS" FUZZ_LINK="$CXX $CXXFLAGS" FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
for name in $fuzzers; do
    cp "$WORK/fuzz/$name" "$OUT"
    zip -jqr "$OUT/${name}_seed_corpus.zip" "tests/fuzz/corpus/$name"
    printf '[libfuzzer]\nmax_len = 4096\ntimeout = 5\n' >"$OUT/$name.options"
done
