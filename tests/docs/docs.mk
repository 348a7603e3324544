# Tests of what is written: --help, manuals, README, guides and Makefiles against each other and against the tree.

DOCS_TESTS   := tests/docs/drift tests/docs/commands tests/docs/costs tests/docs/links tests/docs/imports tests/docs/names tests/docs/map tests/docs/messages tests/docs/picture \
                tests/docs/help
DOCS_TARGETS := sbom app $(DEMO)
