# Tests of what is written: --help, manuals, README, guides and Makefiles against each other and against the tree.

DOCS_TESTS   := $(addprefix tests/docs/,drift commands costs links imports names map messages picture workflows help)
DOCS_TARGETS := sbom app $(DEMO)
