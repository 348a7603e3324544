# Which lines and branches of the products the unit and system tests reach, by gcov.

COVERAGE_BUILD := $(BUILD)/coverage
# Not -O0, which keeps static functions that a build without a library never calls, and calls of that library in them.
COVERAGE_FLAGS := -Og --coverage -fprofile-update=atomic -fprofile-abs-path -DPITH_COVERAGE -D_Exit=exit
COVERED        := $(COVERAGE_BUILD)/init $(COVERAGE_BUILD)/healthcheck

$(COVERED): force
	@$(call native,$(@D),-O1,$(COVERAGE_FLAGS),--coverage,$(@F))

# Failing tests are no fault here, as counting costs memory and not every test lets the counts be written: `make check` is
# what judges. Programs that run as other users write counts as well, so the folder is writable for all.
.PHONY: coverage
coverage: ## measure which lines and branches the tests reach, and write docs/coverage.md
	@tools/packages build check coverage
	@rm -rf $(COVERAGE_BUILD)
	@$(MAKE) --no-print-directory $(COVERED) $(SYSTEM_TESTS) $(CHILDREN)
	@$(MAKE) --no-print-directory BUILD=$(COVERAGE_BUILD) TEST_CFLAGS='$(COVERAGE_FLAGS)' unit
	@chmod -R a+w $(COVERAGE_BUILD)
	@$(TEST_RUN:tests/run=TEST_UMASK=0 PITH_INIT=$(COVERAGE_BUILD)/init PITH_HEALTHCHECK=$(COVERAGE_BUILD)/healthcheck \
	    PITH_INSTRUMENTED=1 tests/run) $(SYSTEM_TESTS) >$(COVERAGE_BUILD)/tests.log 2>&1 || true
	@gcovr --root . --filter init/ --filter healthcheck/ --filter lib/ --exclude-unreachable-branches \
	    --exclude-directories '.*/obj/tests' --csv $(COVERAGE_BUILD)/coverage.csv \
	    --html-details $(COVERAGE_BUILD)/coverage.html $(COVERAGE_BUILD)
	@tests/coverage $(COVERAGE_BUILD)/coverage.csv >docs/coverage.md
	@tail -n 1 docs/coverage.md
