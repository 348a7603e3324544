# The soak: everything that init and healthcheck do, at random and at once, for a long while.

SOAK_SECONDS ?= 900
SOAK         := $(TEST_BUILD)/soak/soak

$(SOAK): tests/soak/soak.c $(SUPPORT) $(UNIT_LIB)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -MMD -MP -o $@ $< $(SUPPORT) $(UNIT_LIB) $(TEST_LIBS)

-include $(SOAK:=.d)

.PHONY: soak
soak: ## run all that both do, at random, for SOAK_SECONDS=900; SOAK_SEED= repeats a run
	$(call with,unit,all $(SOAK) $(CHILDREN))
	@nice -n 10 $(TEST_RUN:tests/run=SOAK_SECONDS=$(SOAK_SECONDS) timeout $$(($(SOAK_SECONDS) + 120))) $(SOAK)
