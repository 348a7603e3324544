# Linters. None of them changes a file but `make format`.

##@ Linters

LINT_C       = $(sort $(wildcard lib/*.c init/*.c healthcheck/*.c healthcheck/*/*.c))
LINT_FORMAT  = $(shell git ls-files '*.c' '*.h' | grep -v '^third_party/.*_config.h')
LINT_SCRIPTS = $(shell git ls-files | xargs grep -lE '^\#!/bin/sh')
LINT_FLAGS   = $(STANDARD) $(HEALTHCHECK_FEATURES) $(foreach part,$(HEALTHCHECK_PARTS),$($(part)_CFLAGS))
# Suppressed, as they are false alarms here: arrays that a function fills are not used unset; NULL ends diag() as a pointer.
CPPCHECK     = cppcheck -q --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
    -I include -I . $(HEALTHCHECK_FEATURES) --suppress=varFuncNullUB --suppress=legacyUninitvar --suppress=ctuuninitvar
ANALYZER     = -fanalyzer -Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-shift-count-overflow

.PHONY: lint lint-fast lint-tools lint-shell lint-docker lint-man lint-cppcheck lint-tidy lint-clang lint-analyzer lint-format format
lint: lint-tools ## run every linter: scripts, Dockerfiles, manual pages, C and its format
	@$(MAKE) --no-print-directory -k lint-shell lint-docker lint-man lint-cppcheck lint-clang lint-analyzer lint-tidy lint-format

lint-fast: lint-tools ## run the linters that take seconds, as continuous integration does
	@$(MAKE) --no-print-directory -k lint-shell lint-docker lint-man lint-cppcheck lint-clang

lint-tools: ## install the linters that are missing
	@tools/packages build lint

lint-shell: ## check the shell scripts with shellcheck
	shellcheck -x -P SCRIPTDIR $(LINT_SCRIPTS)

lint-docker: ## check the Dockerfiles for users with tools/dockerfiles
	tools/dockerfiles $(shell git ls-files Dockerfile.example 'examples/*Dockerfile*')

# At -W warning mandoc does not look for the pages that a page refers to, which this machine may lack.
lint-man: ## check the manual pages with mandoc
	@mandoc -Tlint -W warning,stop $(wildcard man/*.1) && echo "mandoc -Tlint $(wildcard man/*.1)"

lint-cppcheck: ## check the C sources with cppcheck
	$(CPPCHECK) lib init healthcheck examples tests/support

lint-clang lint-analyzer lint-tidy: $(HEALTHCHECK_HEADERS)

lint-clang: ## compile the products' C with clang, its warnings being errors
	@echo "clang -fsyntax-only"
	@clang $(LINT_FLAGS) $(WARNINGS) -Werror -fsyntax-only $(LINT_C)

lint-analyzer: ## check the products' C with gcc's analyzer
	@echo "gcc $(ANALYZER)"
	@for file in $(LINT_C); do $(HOST_CC) $(LINT_FLAGS) $(WARNINGS) -Werror -O1 $(ANALYZER) -c -o /dev/null $$file || exit 1; done

lint-tidy: ## check the products' C with clang-tidy
	@echo "clang-tidy"
	@clang-tidy --quiet $(LINT_C) -- $(LINT_FLAGS) 2>/dev/null

lint-format: ## check that clang-format would change no file
	@echo "clang-format --dry-run"
	@clang-format --dry-run -Werror $(LINT_FORMAT)

format: ## format every C file as .clang-format says
	@tools/packages lint
	clang-format -i $(LINT_FORMAT)
