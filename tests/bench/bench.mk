# What things cost: the budgets that `make check` holds, `make bench` beside floors and peers, `make sizes`.

BENCH_BUILD   := $(BUILD)/bench
BENCH_COMMON  := $(call test_objects,$(addprefix tests/bench/,spawn.c trace.c memory.c server.c stats.c))
BENCH_FLOORS  := $(addprefix $(BENCH_BUILD)/floor-,noop pause stamp init ignore probe orphans)

FLOOR_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -ffreestanding -fno-stack-protector -fno-pie \
                -fno-asynchronous-unwind-tables -nostdlib -static -no-pie -s -Wl,-n,--build-id=none

$(BENCH_BUILD)/floor-%: tests/bench/floor/%.c tests/bench/floor/call.h
	@mkdir -p $(@D)
	$(GNU)-gcc $(FLOOR_CFLAGS) -o $@ $<

# With the start-up of libc and the layout of the product.
BENCH_LIBC_FLOORS := $(addprefix $(BENCH_BUILD)/floor-,ignore probe orphans)

$(BENCH_LIBC_FLOORS): $(BENCH_BUILD)/floor-%: tests/bench/floor/%.c tools/static.ld | $(FOREIGN)
	@mkdir -p $(@D)
	$(TARGET_CC) $(CFLAGS_PRODUCT) $(LDFLAGS_PRODUCT) -o $@ $<

BENCH_PROGRAMS := $(addprefix $(BENCH_BUILD)/,cost serve inits compare pods)

$(BENCH_PROGRAMS): $(BENCH_BUILD)/%: tests/bench/%.c $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(TEST_CC) -o $@ $^

# The floors speak to the kernel in x86-64's way, and figures are of one architecture.
ifeq ($(ARCH),amd64)
BUDGET_TESTS   := $(patsubst tests/%.c,$(TEST_BUILD)/%,$(sort $(wildcard tests/budgets/test_*.c)))
BUDGET_TARGETS := $(BUDGET_TESTS) $(BENCH_FLOORS) small
endif

$(BUDGET_TESTS): $(TEST_BUILD)/budgets/%: $(TEST_BUILD)/obj/tests/budgets/%.o \
        $(TEST_BUILD)/obj/tests/budgets/budget.o $(BENCH_COMMON)
	@mkdir -p $(@D)
	$(TEST_CC) -o $@ $^ $(TEST_LIBS)

-include $(patsubst %.c,$(TEST_BUILD)/obj/%.d,$(wildcard tests/bench/*.c tests/budgets/*.c))

.PHONY: small budgets hot bench sizes
small: ## build healthcheck without TLS and gRPC into build/ARCH/small/
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/small TLS=0 GRPC=0 $(BUILD)/small/healthcheck

budgets: all $(BUDGET_TARGETS) ## run the tests that hold what things cost
	@$(TEST_RUN) $(BUDGET_TESTS)

hot: all $(BENCH_PROGRAMS) $(BENCH_FLOORS) ## write tools/hot.ld: which functions lie together
	@tests/bench/hot $(BUILD) >$(BENCH_BUILD)/hot.ld
	@cp $(BENCH_BUILD)/hot.ld tools/hot.ld

bench: ## measure beside floors and peers, write docs/benchmarks.md (BENCH=quick, PEERS='NAME=PATH ...')
	@tools/packages build check bench
	@$(MAKE) --no-print-directory all small $(BENCH_PROGRAMS) $(BENCH_FLOORS)
	@$(SUDO) env BENCH=$(BENCH) PEERS="$(if $(filter command%,$(origin PEERS)),$(PEERS))" nice -n 5 \
	    tests/bench/run $(BUILD)

sizes: all ## print the bytes of each binary by object and by function
	@for binary in init healthcheck; do tests/bench/sizes $(BUILD)/$$binary.map; done
