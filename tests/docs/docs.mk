# Whether the manual, --help and the tests speak of the same options.

DOCS_TESTS   := tests/docs/drift
DOCS_TARGETS :=
