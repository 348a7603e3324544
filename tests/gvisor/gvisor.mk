# The system tests in gVisor, a second kernel.

GVISOR_TESTS := tests/gvisor/test_init tests/gvisor/test_healthcheck

.PHONY: gvisor
gvisor: ## run system tests in gVisor, a kernel in user space (fetched once)
	$(call with,check,all $(SYSTEM_TESTS) $(CHILDREN))
	@$(TEST_RUN) $(GVISOR_TESTS)
