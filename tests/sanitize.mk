# The tests once more: under AddressSanitizer and UndefinedBehaviorSanitizer (host libc), and the unit tests under valgrind.

SANITIZE_BUILD := $(BUILD)/sanitize
UNDEFINED      := -fsanitize=undefined -fno-sanitize-recover=all
ADDRESS        := -fsanitize=address

# init's child shares its memory, stack and all, until exec: AddressSanitizer takes that for an overflow.
NATIVE_INIT        := $(SANITIZE_BUILD)/init
NATIVE_HEALTHCHECK := $(SANITIZE_BUILD)/healthcheck

$(NATIVE_INIT): $(INIT_SOURCES) $(LIB_SOURCES) $(wildcard init/*.h include/pith/*.h)
	@mkdir -p $(@D)
	$(say)$(HOST_CC) $(STANDARD) -g -O1 $(UNDEFINED) -o $@ $(filter %.c,$^)

# Without TLS and HTTP/2, whose libraries are built for musl.
$(NATIVE_HEALTHCHECK): $(filter-out healthcheck/tls% healthcheck/grpc% healthcheck/probe_grpc.c,$(HEALTHCHECK_SOURCES)) \
                       $(LIB_SOURCES) $(wildcard healthcheck/*.h healthcheck/*.def include/pith/*.h)
	@mkdir -p $(@D)
	$(say)$(HOST_CC) $(STANDARD) -g -O1 $(UNDEFINED) $(ADDRESS) -DPITH_TLS=0 -DPITH_GRPC=0 -DPITH_SERVICES=1 -DPITH_REGEX=1 -DPITH_DNS=1 -o $@ $(filter %.c,$^) -lpthread

# What a sanitizer's own memory, descriptors and system calls would make fail, or what needs TLS.
NOT_SANITIZED := %/test_idle %/test_faults %/test_surroundings %/test_sandbox %/test_tls %/test_https %/test_grpc

.PHONY: sanitize
sanitize: $(NATIVE_INIT) $(NATIVE_HEALTHCHECK) $(SYSTEM_TESTS) $(CHILDREN) ## run the tests under sanitizers and valgrind
	@tools/packages build check sanitize
	@$(MAKE) --no-print-directory BUILD=$(SANITIZE_BUILD) TEST_CFLAGS='$(UNDEFINED) $(ADDRESS)' unit
	@set -e; for test in $(UNIT_TESTS); do $(MAKE) --no-print-directory -s $$test; \
	    valgrind -q --error-exitcode=9 --leak-check=full --child-silent-after-fork=yes $$test >/dev/null 2>$(SANITIZE_BUILD)/valgrind.log \
	    || { tail -n 30 $(SANITIZE_BUILD)/valgrind.log; exit 1; }; echo "valgrind: $$test"; done
	@$(SUDO) env PITH_INIT=$(NATIVE_INIT) PITH_HEALTHCHECK=$(NATIVE_HEALTHCHECK) PITH_CHILDREN=$(TEST_BUILD)/child \
	    ASAN_OPTIONS=detect_leaks=0 tests/run $(filter-out $(NOT_SANITIZED),$(SYSTEM_TESTS))
