# Whether the manual, --help and the tests speak of the same options, and README of the figures of docs/benchmarks.md.

DOCS_TESTS   := tests/docs/drift tests/docs/costs
DOCS_TARGETS :=
