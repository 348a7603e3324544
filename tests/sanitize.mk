# The tests once more, with this machine's libc: under AddressSanitizer and UndefinedBehaviorSanitizer, with several targets
# at once under ThreadSanitizer, and under valgrind the unit tests and a probe of every kind of target.

SANITIZE_BUILD := $(BUILD)/sanitize
UNDEFINED      := -fsanitize=undefined -fno-sanitize-recover=all
ADDRESS        := -fsanitize=address

# Builds a product with this machine's libc: $(call native,DIRECTORY,FLAGS,FLAGS OF OUR SOURCES ALONE,FLAGS OF THE LINKER,PRODUCT)
native = $(MAKE) --no-print-directory BUILD=$(1) SPECS= STAND_INS= TARGET_CC='$(HOST_CC)' SMALL='-g $(2)' HARDEN= LTO= \
    LEAN= CFLAGS='$(3)' LDFLAGS_PRODUCT='$(2) $(4)' $(1)/$(5)

# init has no AddressSanitizer: its child shares its memory and stack until exec, which is reported as an overflow.
NATIVE_INIT        := $(SANITIZE_BUILD)/undefined/init
NATIVE_HEALTHCHECK := $(SANITIZE_BUILD)/address/healthcheck

$(NATIVE_INIT): force
	@$(call native,$(@D),$(UNDEFINED),-O1,-static,$(@F))

$(NATIVE_HEALTHCHECK): force
	@$(call native,$(@D),$(UNDEFINED) $(ADDRESS),-O1,,$(@F))

NATIVE_THREADS := $(SANITIZE_BUILD)/thread/healthcheck

$(NATIVE_THREADS): force
	@$(call native,$(@D),-fsanitize=thread,-O1,,$(@F))

# Left out: tests that make system calls fail, as a sanitizer's own would fail too; tests of filters, which allow the calls of
# musl alone; tests that measure memory, much of which is a sanitizer's; tests in an empty root, which has no libraries.
# Leaks are not looked for, as a probe leaves its memory to the end of the process.
NOT_SANITIZED := %/test_calls %/test_faults %/test_sandbox %/test_confine %/test_tries %/test_hold_cost %/healthcheck/test_surroundings
SANITIZE_ENV  := PITH_SKIP='*memory*' PITH_INSTRUMENTED=1 ASAN_OPTIONS=detect_leaks=0:detect_stack_use_after_return=1

# For valgrind, which knows this machine's libc and not musl.
VALGRIND_TEST := $(TEST_BUILD)/valgrind/test_valgrind
PLAIN         := $(SANITIZE_BUILD)/plain/healthcheck

$(PLAIN): force
	@$(call native,$(@D),,-O1,,$(@F))

$(VALGRIND_TEST): tests/valgrind/test_valgrind.c $(SUPPORT) $(UNIT_LIB)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS) -lmicrohttpd

.PHONY: sanitize
sanitize: ## run the unit and system tests under sanitizers and valgrind
	$(call with,check sanitize,$(NATIVE_INIT) $(NATIVE_HEALTHCHECK) $(NATIVE_THREADS) $(PLAIN) $(SYSTEM_TESTS) $(VALGRIND_TEST) $(CHILDREN))
	@$(MAKE) --no-print-directory BUILD=$(SANITIZE_BUILD) TEST_CFLAGS='$(UNDEFINED) $(ADDRESS)' unit
	@set -e; for test in $(UNIT_TESTS); do $(MAKE) --no-print-directory -s $$test; \
	    valgrind -q --error-exitcode=9 --leak-check=full --child-silent-after-fork=yes $$test >/dev/null 2>$(SANITIZE_BUILD)/valgrind.log \
	    || { tail -n 30 $(SANITIZE_BUILD)/valgrind.log; exit 1; }; echo "valgrind: $$test"; done
	@$(TEST_RUN:tests/run=PITH_INIT=$(NATIVE_INIT) PITH_HEALTHCHECK=$(NATIVE_HEALTHCHECK) $(SANITIZE_ENV) tests/run) \
	    $(filter-out $(NOT_SANITIZED),$(SYSTEM_TESTS))
	@$(TEST_RUN:tests/run=PITH_HEALTHCHECK=$(NATIVE_THREADS) TSAN_OPTIONS=halt_on_error=1 tests/run) \
	    $(filter %/healthcheck/test_https,$(SYSTEM_TESTS))
	@$(TEST_RUN:tests/run=PITH_HEALTHCHECK=$(PLAIN) tests/run) $(VALGRIND_TEST)
