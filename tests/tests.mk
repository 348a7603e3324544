# The tests: unit (pure parts, host compiler), system (the real static binaries), e2e (a real engine).

##@ Tests

TEST_BUILD := $(BUILD)/tests
TEST_CC     = $(HOST_CC) $(STANDARD) $(WARNINGS) -iquote tests -g -O1 $(TEST_CFLAGS)
TEST_LIBS  := -lcmocka -lpthread

# Unit tests are compiled without Mbed TLS and nghttp2, as those are built for musl, and unit tests for this machine's
# libc. What they need of Mbed TLS, its hashes, is compiled for them.
test_objects = $(patsubst %.c,$(TEST_BUILD)/obj/%.o,$(filter-out %/main.c,$(1)))

HASHES := md5 sha1 sha256 platform_util

$(HASHES:%=$(TEST_BUILD)/obj/hashes/%.o): $(TEST_BUILD)/obj/hashes/%.o: $(MBEDTLS_HEADERS) $(MBEDTLS_CONFIG)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -w $(MBEDTLS_CFLAGS) -I$(TP)/mbedtls/src/library -c -o $@ $(TP)/mbedtls/src/library/$*.c

$(TEST_BUILD)/obj/healthcheck/probes/digest.o: TEST_CC += $(MBEDTLS_CFLAGS)
$(TEST_BUILD)/obj/healthcheck/probes/digest.o: $(MBEDTLS_HEADERS)

$(TEST_BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -DPITH_TLS=0 -DPITH_HASHES=1 -DPITH_GRPC=0 -DPITH_SERVICES=1 -DPITH_REGEX=1 -DPITH_DNS=1 -DPITH_HINTS=1 -DPITH_HOLD=1 -DPITH_EXTRAS=1 -MMD -MP -c -o $@ $<

-include $(patsubst %.c,$(TEST_BUILD)/obj/%.d,$(wildcard lib/*.c init/*.c healthcheck/*.c healthcheck/*/*.c tests/support/*.c tests/unit/*.c))

UNIT_LIB         := $(call test_objects,$(LIB_SOURCES))
UNIT_INIT        := $(call test_objects,$(INIT_SOURCES)) $(UNIT_LIB)
NEEDS_NGHTTP2    := healthcheck/probes/grpc.c healthcheck/probes/http2.c healthcheck/http2/session.c healthcheck/http2/fields.c
NEEDS_MBEDTLS    := $(addprefix healthcheck/tls/,tls.c verify.c x509_crt.c error.c)
UNIT_HEALTHCHECK := $(call test_objects,$(filter-out $(NEEDS_MBEDTLS) $(NEEDS_NGHTTP2),$(HEALTHCHECK_SOURCES))) $(UNIT_LIB) \
                    $(HASHES:%=$(TEST_BUILD)/obj/hashes/%.o)
SUPPORT          := $(call test_objects,$(sort $(wildcard tests/support/*.c)))

UNIT_HC_TESTS := $(patsubst tests/%.c,$(TEST_BUILD)/%,$(sort $(wildcard tests/unit/test_hc_*.c)))
UNIT_TESTS    := $(patsubst tests/%.c,$(TEST_BUILD)/%,$(sort $(wildcard tests/unit/test_*.c)))

$(UNIT_HC_TESTS): $(TEST_BUILD)/unit/%: $(TEST_BUILD)/obj/tests/unit/%.o $(UNIT_HEALTHCHECK) $(SUPPORT)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS)

$(filter-out $(UNIT_HC_TESTS),$(UNIT_TESTS)): $(TEST_BUILD)/unit/%: $(TEST_BUILD)/obj/tests/unit/%.o $(UNIT_INIT) $(SUPPORT)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS)

# One program a file; the children are small static programs that the binaries under test start.
SYSTEM_TESTS := $(patsubst tests/%.c,$(TEST_BUILD)/%,$(sort $(wildcard tests/system/*/test_*.c)))
CHILDREN     := $(patsubst tests/support/child/%.c,$(TEST_BUILD)/child/%,$(sort $(wildcard tests/support/child/*.c)))

$(SYSTEM_TESTS): $(TEST_BUILD)/%: tests/%.c $(SUPPORT) $(UNIT_LIB)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -MMD -MP -o $@ $< $(SUPPORT) $(UNIT_LIB) $(TEST_LIBS) -lmicrohttpd

# This test has a server of its own that shows chains of certificates.
$(TEST_BUILD)/system/healthcheck/test_chains $(TEST_BUILD)/system/healthcheck/test_tls_records: TEST_LIBS += -lssl -lcrypto

# And this one a broker of librdkafka's.
$(TEST_BUILD)/system/healthcheck/test_services_kafka: TEST_LIBS += -lrdkafka

$(CHILDREN): $(TEST_BUILD)/child/%: tests/support/child/%.c $(SPECS)
	@mkdir -p $(@D)
	$(say)$(TARGET_CC) $(STANDARD) $(WARNINGS) -O1 -static -no-pie -MMD -MP -o $@ $<

-include $(SYSTEM_TESTS:=.d) $(CHILDREN:=.d)

# Tests that fail on purpose: tests/red/test_red holds what is printed of them.
RED := $(TEST_BUILD)/red/red

$(RED): $(TEST_BUILD)/obj/tests/red/red.o $(SUPPORT) $(UNIT_LIB)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS)

-include $(TEST_BUILD)/obj/tests/red/red.d

# Smaller products, each named by the parts of healthcheck that it lacks. LEAST is that of the smallest image, for which init
# is built as well. All use the libraries of the full build.
LEAST := TLS-GRPC-SERVICES-REGEX-DNS-HINTS-HOLD-EXTRAS-STEPS
PARTS := $(addprefix parts-,TLS GRPC SERVICES DNS $(LEAST))
# $(call without,PARTS): make for a build that lacks PARTS, in a folder of its own.
without = +@$(MAKE) --no-print-directory ARCH=$(ARCH) BUILD=$(BUILD)/parts/$(1) TP=$(TP) $(addsuffix =0,$(subst -, ,$(1)))

.PHONY: $(PARTS)
parts-%: ## build the smaller products without the parts named, as parts-TLS, into build/ARCH/parts/
$(PARTS): parts-%: all
	$(call without,$*) $(BUILD)/parts/$*/healthcheck $(if $(filter $(LEAST),$*),$(BUILD)/parts/$*/init)

include tests/e2e/e2e.mk
include tests/gvisor/gvisor.mk
include tests/docs/docs.mk
include tests/peers/peers.mk
include tests/fuzz/fuzz.mk
include tests/prove/prove.mk
include tests/sanitize.mk
include tests/coverage.mk
include tests/soak/soak.mk
include tests/mutate/mutate.mk
include tests/bench/bench.mk

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
TEST_RUN = $(SUDO) env PITH_INIT=$(BUILD)/init PITH_HEALTHCHECK=$(BUILD)/healthcheck \
           PITH_CHILDREN=$(TEST_BUILD)/child PITH_HEALTHCHECK_SMALL=$(BUILD)/small/healthcheck \
           PITH_BENCH=$(BENCH_BUILD) PITH_PARTS=$(BUILD)/parts $(if $(PITH_TEST),PITH_TEST='$(PITH_TEST)') \
           $(if $(TEST_LIMIT),TEST_LIMIT=$(TEST_LIMIT)) $(if $(KUBERNETES_BIN),KUBERNETES_BIN='$(KUBERNETES_BIN)') tests/run

# $(call with,GROUPS,TARGETS): installs the packages that are missing of GROUPS, then makes TARGETS.
with = @tools/packages build $(1) && $(MAKE) --no-print-directory $(2)

.PHONY: check unit system try build-tests
check: ## install what is missing, build, and run the unit, system and end-to-end tests
	$(call with,check kubelet,-j2 all build-tests)
	@$(TEST_RUN) tests/red/test_red $(UNIT_TESTS) $(DIFFERENTIAL_TEST) tests/binaries/test_binaries \
	    tests/binaries/test_parts $(BUDGET_TESTS) $(DOCS_TESTS) $(SYSTEM_TESTS) $(GVISOR_TESTS) $(PROVE_TEST) $(E2E_TESTS) $(SOAK)

# With init as `make sanitize` links it: a change to how products are linked shows here first.
build-tests: $(RED) $(SOAK) $(UNIT_TESTS) $(PARTS) $(DIFFERENTIAL_TEST) $(SYSTEM_TESTS) $(BUDGET_TARGETS) $(CHILDREN) $(DOCS_TARGETS) $(E2E_TARGETS) prove-tool kubelet-tool $(NATIVE_INIT) ## build all that `make check` runs

unit: ## run the unit tests
	$(call with,unit,$(UNIT_TESTS))
	@$(TEST_RUN) $(UNIT_TESTS)

system: ## run the system tests
	$(call with,check,all $(SYSTEM_TESTS) $(CHILDREN))
	@$(TEST_RUN) $(SYSTEM_TESTS)

try: ## run the test programs of TESTS=system/init/test_start, or those of their tests that PITH_TEST='*path*' matches
	$(call with,check,-s all $(CHILDREN) $(TESTS:%=$(TEST_BUILD)/%))
	@$(TEST_RUN) $(TESTS:%=$(TEST_BUILD)/%)
