# The end-to-end tests: Dockerfile.example built and run by a real Docker engine.

E2E_TARGETS := $(TEST_BUILD)/e2e/e2e_docker
E2E_TESTS   := tests/e2e/test_docker
E2E_OBJECTS := $(call test_objects,tests/e2e/e2e_docker.c examples/demo/container.c) $(SUPPORT)

-include $(E2E_OBJECTS:.o=.d)

$(E2E_TARGETS): $(E2E_OBJECTS)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS)

.PHONY: e2e
e2e: all $(E2E_TARGETS) ## run the end-to-end tests in a Docker engine of their own
	@$(TEST_RUN) $(E2E_TESTS)
