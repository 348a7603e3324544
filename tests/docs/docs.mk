# Manual, --help and tests speak of the same options; commands that are shown run; README tells what was measured.

DOCS_TESTS   := tests/docs/drift tests/docs/commands tests/docs/costs tests/docs/links tests/docs/imports tests/docs/names tests/docs/map
DOCS_TARGETS := sbom
