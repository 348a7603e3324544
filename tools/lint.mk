# Checks of form and of what compilers do not see: none of them changes a file but `make format`.

LINT_C       = $(sort $(wildcard lib/*.c init/*.c healthcheck/*.c healthcheck/*/*.c))
LINT_FORMAT  = $(shell git ls-files '*.c' '*.h' | grep -v '^third_party/.*_config.h')
LINT_SCRIPTS = $(shell git ls-files | xargs grep -lE '^\#!/bin/sh')
LINT_FLAGS   = $(STANDARD) $(HEALTHCHECK_FEATURES) $(foreach part,$(HEALTHCHECK_PARTS),$($(part)_CFLAGS))
# False of these: an array that a function fills is no use of what is not set; diag(..., NULL) has a pointer there.
CPPCHECK     = cppcheck -q --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
    -I include -I . $(HEALTHCHECK_FEATURES) --suppress=varFuncNullUB --suppress=legacyUninitvar --suppress=ctuuninitvar
ANALYZER     = -fanalyzer -Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-shift-count-overflow

.PHONY: lint lint-fast lint-tools lint-shell lint-docker lint-man lint-cppcheck lint-tidy lint-clang lint-analyzer lint-format format
lint: lint-tools ## check scripts, man pages, C and its format with every linter that Debian has
	@$(MAKE) --no-print-directory -k lint-shell lint-docker lint-man lint-cppcheck lint-clang lint-analyzer lint-tidy lint-format

lint-fast: lint-tools ## the ones of them that take seconds, as continuous integration runs them
	@$(MAKE) --no-print-directory -k lint-shell lint-docker lint-man lint-cppcheck lint-clang

lint-tools:
	@tools/packages build lint

lint-shell:
	shellcheck -x -P SCRIPTDIR $(LINT_SCRIPTS)

lint-docker:
	tools/dockerfiles $(shell git ls-files '*Dockerfile*')

# The pages of others are not looked up: where this machine has none of them is no fault of the page.
lint-man:
	@mandoc -Tlint -W warning,stop $(wildcard man/*.1) && echo "mandoc -Tlint $(wildcard man/*.1)"

lint-cppcheck:
	$(CPPCHECK) lib init healthcheck examples tests/support

lint-clang lint-analyzer lint-tidy: $(HEALTHCHECK_HEADERS)

lint-clang:
	@echo "clang -fsyntax-only"
	@clang $(LINT_FLAGS) $(WARNINGS) -Werror -fsyntax-only $(LINT_C)

lint-analyzer:
	@echo "gcc $(ANALYZER)"
	@for file in $(LINT_C); do $(HOST_CC) $(LINT_FLAGS) $(WARNINGS) -Werror -O1 $(ANALYZER) -c -o /dev/null $$file || exit 1; done

lint-tidy:
	@echo "clang-tidy"
	@clang-tidy --quiet $(LINT_C) -- $(LINT_FLAGS) 2>/dev/null

lint-format:
	@echo "clang-format --dry-run"
	@clang-format --dry-run -Werror $(LINT_FORMAT)

format: ## format every C file by .clang-format
	@tools/packages lint
	clang-format -i $(LINT_FORMAT)
