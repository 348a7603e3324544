# What things cost: the budgets that `make check` holds, `make bench` beside floors and peers, `make sizes`.
#
# A floor is the least program that does the same job. A peer is another project's program.

##@ What things cost

BENCH_BUILD   := $(BUILD)/bench
BENCH_COMMON  := $(call test_objects,$(addprefix tests/bench/,spawn.c series.c trace.c memory.c server.c stats.c))
BENCH_FLOORS  := $(addprefix $(BENCH_BUILD)/floor-,noop pause stamp events init steps \
                 ignore orphans probe probe-laid-out https grpc grpc-confined)

FLOOR_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -ffreestanding -fno-stack-protector -fno-pie \
                -fno-asynchronous-unwind-tables -nostdlib -static -no-pie -s -Wl,-n,--build-id=none

$(BENCH_BUILD)/floor-%: tests/bench/floor/%.c tests/bench/floor/call.h
	@mkdir -p $(@D)
	$(say)$(GNU)-gcc $(FLOOR_CFLAGS) -o $@ $<

# Floors with libc's start-up code, linked with the compiler's defaults.
LIBC_FLOOR = $(TARGET_CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -static -no-pie -s

$(BENCH_BUILD)/floor-probe: tests/bench/floor/probe.c $(SPECS)
	@mkdir -p $(@D)
	$(say)$(LIBC_FLOOR) -o $@ $<

$(BENCH_BUILD)/floor-https: tests/bench/floor/https.c $(MBEDTLS_TARGET) $(SPECS)
	@mkdir -p $(@D)
	$(say)$(LIBC_FLOOR) $(MBEDTLS_CFLAGS) -Wl,--gc-sections -o $@ $< $(MBEDTLS_LIBS)

$(BENCH_BUILD)/floor-grpc: tests/bench/floor/grpc.c $(NGHTTP2_TARGET) $(SPECS)
	@mkdir -p $(@D)
	$(say)$(LIBC_FLOOR) $(NGHTTP2_CFLAGS) -Wl,--gc-sections -o $@ $< $(NGHTTP2_TARGET)

$(BENCH_BUILD)/floor-grpc-confined: tests/bench/floor/grpc.c healthcheck/sys/sandbox.c lib/seccomp.c $(NGHTTP2_TARGET) $(SPECS)
	@mkdir -p $(@D)
	$(say)$(LIBC_FLOOR) -DCONFINED -iquote . -iquote include $(NGHTTP2_CFLAGS) -Wl,--gc-sections -o $@ $(filter %.c %.a,$^)

# Floors that are linked as the products are.
LAID_OUT_FLOORS := $(addprefix $(BENCH_BUILD)/floor-,ignore orphans probe-laid-out)

$(BENCH_BUILD)/floor-probe-laid-out: tests/bench/floor/probe.c
$(BENCH_BUILD)/floor-ignore: tests/bench/floor/ignore.c
$(BENCH_BUILD)/floor-orphans: tests/bench/floor/orphans.c
$(LAID_OUT_FLOORS): tools/static.ld $(SPECS)
	@mkdir -p $(@D)
	$(say)$(TARGET_CC) $(CFLAGS_PRODUCT) $(LDFLAGS_PRODUCT) -o $@ $(filter %.c,$^)

# Other inits, linked statically with the same libc and compiled with the flags of their own releases.
BENCH_PEERS := $(addprefix $(BENCH_BUILD)/peers/,tini catatonit dumb-init)

$(BENCH_BUILD)/peers/tini: $(PEER_BUILD)/tini/.unpacked $(SPECS)
	@mkdir -p $(@D)
	@. tests/peers/tini/manifest; \
	    printf '#define TINI_VERSION "%s"\n#define TINI_GIT ""\n' "$$VERSION" >$(PEER_BUILD)/tini/tiniConfig.h
	$(say)$(TARGET_CC) -w -std=gnu99 -O2 -fstack-protector --param=ssp-buffer-size=4 -Wl,-Bsymbolic-functions \
	    -Wl,-z,relro -static -s -I $(PEER_BUILD)/tini -o $@ $(PEER_BUILD)/tini/src/src/tini.c

$(BENCH_BUILD)/peers/dumb-init: $(PEER_BUILD)/dumb-init/.unpacked $(SPECS)
	@mkdir -p $(@D)
	$(say)$(TARGET_CC) -w -std=gnu99 -O3 -static -s -o $@ $(PEER_BUILD)/dumb-init/src/dumb-init.c

$(BENCH_BUILD)/peers/catatonit: $(PEER_BUILD)/catatonit/.unpacked $(SPECS)
	@mkdir -p $(@D)
	@. tests/peers/catatonit/manifest; sed -e "s/@PACKAGE_VERSION@/$$VERSION/" -e 's/@PACKAGE_[A-Z]*@/catatonit/' \
	    $(PEER_BUILD)/catatonit/src/config.h.in >$(PEER_BUILD)/catatonit/config.h
	$(say)$(TARGET_CC) -w -O2 -static -s -I $(PEER_BUILD)/catatonit -o $@ $(PEER_BUILD)/catatonit/src/catatonit.c

BENCH_PROGRAMS := $(addprefix $(BENCH_BUILD)/,cost serve inits compare pods)

$(BENCH_PROGRAMS): $(BENCH_BUILD)/%: tests/bench/%.c $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^

# Budgets are figures of x86-64, whose system calls the floors make in assembly.
ifeq ($(ARCH),amd64)
BUDGET_TESTS   := $(patsubst tests/%.c,$(TEST_BUILD)/%,$(sort $(wildcard tests/budgets/test_*.c)))
BUDGET_TARGETS := $(BUDGET_TESTS) $(BENCH_FLOORS) small parts-$(LEAST)
endif

$(BUDGET_TESTS): $(TEST_BUILD)/budgets/%: $(TEST_BUILD)/obj/tests/budgets/%.o \
        $(TEST_BUILD)/obj/tests/budgets/budget.o $(SUPPORT) $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(TEST_LIBS)

-include $(patsubst %.c,$(TEST_BUILD)/obj/%.d,$(wildcard tests/bench/*.c tests/budgets/*.c))

.PHONY: small budgets hot bench sizes
small: $(SPECS) ## build healthcheck without TLS and gRPC into build/ARCH/small/
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/small TLS=0 GRPC=0 $(BUILD)/small/healthcheck

budgets: ## run the tests of size, memory, system calls and instructions
	$(call with,unit,all $(BUDGET_TARGETS))
	@$(TEST_RUN) $(BUDGET_TESTS)

hot: ## name what plain runs touch without a mark of pith/layout.h, and write the list of libc's functions in tools/hot.ld
	$(call with,bench,$(BENCH_PROGRAMS) $(BENCH_FLOORS))
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/named TP=$(TP) STRIP= $(BUILD)/named/init $(BUILD)/named/healthcheck
	@tests/bench/hot $(BUILD)/named

bench: ## measure both products beside floors and peers, and write docs/benchmarks.md (BENCH=quick or held, PEERS=, PROBES='NAME=PATH ...')
	@tools/packages build check bench
	@$(MAKE) -s all small parts-$(LEAST) app $(BENCH_PROGRAMS) $(BENCH_FLOORS)
	-@$(MAKE) -s $(BENCH_PEERS)
	-@[ "$(BENCH)" = quick ] || { tools/packages engines kubelet && tests/e2e/kubernetes-build kubelet >/dev/null; }
	@$(SUDO) env BENCH="$(BENCH)" LEAST="$(LEAST)" PROBES="$(PROBES)" \
	    PEERS="$(PEERS)" HELD="$(HELD)" tests/bench/run $(BUILD)

sizes: all ## print the bytes of each binary by object and by function
	@for binary in init healthcheck; do tests/bench/sizes $(BUILD)/$$binary.map; done
