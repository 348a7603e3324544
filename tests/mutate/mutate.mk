# Small changes of the sources, one at a time: which of them does no test notice?

MUTATE_BUILD := $(BUILD)/mutate
# The products without link-time optimisation, which costs a second for each mutant.
MUTATE_MAKE   = $(MAKE) --no-print-directory ARCH=$(ARCH) LTO= TP=$(TP) BUILD=$(MUTATE_BUILD) TEST_BUILD=$(TEST_BUILD)

.PHONY: mutate
mutate: ## judge MUTANTS=100 (or all) of FILES='lib/*.c', by SEED=1, JOBS=1 at a time; AGAIN=yes: those that survived; UNIT=yes: by unit tests alone; RESULTS=FILE keeps what was judged
	$(call with,check lint,all $(UNIT_TESTS) $(SYSTEM_TESTS) $(DIFFERENTIAL_TEST) $(CHILDREN))
	@$(MUTATE_MAKE) $(MUTATE_BUILD)/init $(MUTATE_BUILD)/healthcheck
	@$(SUDO) tests/mutate/test_mutate >$(MUTATE_BUILD)/self.log || { cat $(MUTATE_BUILD)/self.log; exit 1; }
	@$(SUDO) env MUTATE_MAKE='$(MUTATE_MAKE)' MUTANTS='$(MUTANTS)' FILES='$(FILES)' SEED='$(SEED)' JOBS='$(JOBS)' AGAIN='$(AGAIN)' UNIT='$(UNIT)' \
	    RESULTS='$(RESULTS)' tests/mutate/mutate $(MUTATE_BUILD)
