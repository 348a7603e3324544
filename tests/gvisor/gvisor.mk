# The system tests in gVisor, a second kernel: those of `make check`, which go by no clock, and more.

GVISOR_TESTS := tests/gvisor/test_init tests/gvisor/test_healthcheck

.PHONY: gvisor
gvisor: ## run system tests in gVisor, a kernel in user space (minutes, on a machine that does nothing else)
	$(call with,check,all $(SYSTEM_TESTS) $(CHILDREN))
	@$(TEST_RUN) $(GVISOR_TESTS) tests/gvisor/test_more
