# Fuzzers of every pure parser (libFuzzer with ASan and UBSan, by clang), each from its corpus in tests/fuzz/corpus.

##@ Tests that take longer

FUZZ_SECONDS ?= 60
FUZZ_CC      ?= clang
FUZZ_BUILD   := $(BUILD)/fuzz
FUZZ_CFLAGS   = $(STANDARD) -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -DPITH_TLS=0 -DPITH_HASHES=1 -DPITH_GRPC=1 \
                -DPITH_SERVICES=1 -DPITH_REGEX=1 -DPITH_DNS=1 -DPITH_HINTS=1 -DPITH_HOLD=1 -DPITH_EXTRAS=1 $(NGHTTP2_CFLAGS) $(MBEDTLS_CFLAGS)
FUZZERS      := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

# The judges that dialogue.h declares, so that a new one is fuzzed without being named here.
FUZZ_JUDGES = $(shell sed -n 's/^reply_judge \([a-z0-9_]*\);.*/\1,/p' healthcheck/probes/dialogue.h)

FUZZ_SOURCES = $(filter-out %/main.c lib/diag.c $(NEEDS_MBEDTLS),$(LIB_SOURCES) $(HEALTHCHECK_SOURCES)) tests/fuzz/quiet_diag.c
FUZZ_OBJECTS = $(patsubst %.c,$(FUZZ_BUILD)/obj/%.o,$(FUZZ_SOURCES)) $(NGHTTP2_SOURCES:%=$(FUZZ_BUILD)/obj/nghttp2/%.o)
FUZZ_OBJECTS += $(FUZZ_BUILD)/obj/third_party/nghttp2/messages.o $(HASHES:%=$(FUZZ_BUILD)/obj/hashes/%.o)
FUZZ_INIT_OBJECTS = $(patsubst %.c,$(FUZZ_BUILD)/obj/%.o,$(filter-out %/main.c lib/diag.c,$(LIB_SOURCES) $(INIT_SOURCES)) \
                    tests/fuzz/quiet_diag.c)

$(FUZZ_BUILD)/obj/nghttp2/%.o: $(NGHTTP2_HEADERS)
	@mkdir -p $(@D)
	@$(FUZZ_CC) -g -O1 -w -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-sanitize=function \
	    $(NGHTTP2_CFLAGS) $(NGHTTP2_DEFINES) -c -o $@ $(TP)/nghttp2/src/lib/$*.c

$(HASHES:%=$(FUZZ_BUILD)/obj/hashes/%.o): $(FUZZ_BUILD)/obj/hashes/%.o: $(MBEDTLS_HEADERS) $(MBEDTLS_CONFIG)
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -w -I$(TP)/mbedtls/src/library -c -o $@ $(TP)/mbedtls/src/library/$*.c

$(FUZZ_BUILD)/obj/%.o: %.c $(NGHTTP2_HEADERS) $(MBEDTLS_HEADERS)
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_INIT_OBJECTS:.o=.d) $(patsubst %,$(FUZZ_BUILD)/obj/tests/fuzz/%.d,differ openssl_path)
-include $(patsubst tests/%.c,$(TEST_BUILD)/obj/tests/%.d,$(wildcard tests/fuzz/*differ*.c))

$(FUZZ_BUILD)/fuzz_init $(FUZZ_BUILD)/fuzz_words: $(FUZZ_BUILD)/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h $(FUZZ_INIT_OBJECTS)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_INIT_OBJECTS)

$(FUZZ_BUILD)/fuzz_options: tests/fuzz/fuzz_options.c tests/fuzz/fuzz.h healthcheck/options.c $(FUZZ_OBJECTS)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $< $(filter-out %/healthcheck/options.o,$(FUZZ_OBJECTS)) -lpthread

$(FUZZ_BUILD)/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/fuzz.h $(FUZZ_OBJECTS)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer '-DFUZZ_JUDGES=$(FUZZ_JUDGES)' -o $@ $< $(FUZZ_OBJECTS) -lpthread \
	    $(FUZZ_LDFLAGS)

# Certificates are changed as DER, which begins DER_FROM bytes into the input, and OpenSSL judges paths beside us.
$(FUZZ_BUILD)/fuzz_certificate $(FUZZ_BUILD)/fuzz_path: $(FUZZ_BUILD)/%: tests/fuzz/%.c tests/fuzz/fuzz.h tests/fuzz/der_mutator.c \
        $(FUZZ_BUILD)/obj/tests/fuzz/openssl_path.o $(FUZZ_OBJECTS)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -DDER_FROM=$(DER_FROM) -o $@ $(filter-out %.h,$^) -lcrypto -lpthread

$(FUZZ_BUILD)/fuzz_certificate: DER_FROM = 0
$(FUZZ_BUILD)/fuzz_path: DER_FROM = 1

$(FUZZ_BUILD)/fuzz_json: FUZZ_LDFLAGS = -ljansson
$(FUZZ_BUILD)/fuzz_talk: FUZZ_LDFLAGS = -Wl,--wrap=probe_reach

# The differential fuzzer's other parser is llhttp. Debian 12 has its C sources (node-llhttp), later releases a library.
LLHTTP_SOURCES := $(if $(wildcard /usr/share/llhttp/llhttp.c),api http llhttp)
LLHTTP_LIBS    := $(if $(LLHTTP_SOURCES),,-lllhttp)
LLHTTP_CFLAGS  := -w -g -O1 -I /usr/share/include/llhttp

$(TEST_BUILD)/obj/llhttp/%.o:
	@mkdir -p $(@D)
	$(say)$(HOST_CC) $(LLHTTP_CFLAGS) -c -o $@ /usr/share/llhttp/$*.c

$(FUZZ_BUILD)/obj/llhttp/%.o:
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(LLHTTP_CFLAGS) -fsanitize=fuzzer-no-link,address -c -o $@ /usr/share/llhttp/$*.c

$(TEST_BUILD)/obj/tests/fuzz/differ.o: TEST_CC += $(LLHTTP_CFLAGS)
$(FUZZ_BUILD)/obj/tests/fuzz/differ.o: FUZZ_CFLAGS += $(LLHTTP_CFLAGS)

DIFFERENTIAL      := tests/fuzz/differ.o $(LLHTTP_SOURCES:%=llhttp/%.o)
DIFFERENTIAL_TEST := $(TEST_BUILD)/fuzz/test_differential

$(FUZZ_BUILD)/fuzz_differential: tests/fuzz/fuzz_differential.c tests/fuzz/fuzz.h $(DIFFERENTIAL:%=$(FUZZ_BUILD)/obj/%) $(FUZZ_OBJECTS)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $(filter-out %.h,$^) $(LLHTTP_LIBS) -lpthread

$(DIFFERENTIAL_TEST): $(addprefix $(TEST_BUILD)/obj/,tests/fuzz/test_differential.o tests/support/test.o $(DIFFERENTIAL)) $(UNIT_HEALTHCHECK)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(LLHTTP_LIBS) $(TEST_LIBS)

.SECONDARY: $(FUZZ_OBJECTS) $(FUZZ_INIT_OBJECTS)
.PHONY: fuzz
fuzz: ## run the fuzzer of each parser for FUZZ_SECONDS=60
	@tools/packages fuzz
	@$(MAKE) --no-print-directory $(FUZZERS:%=$(FUZZ_BUILD)/%)
	@set -e; for fuzzer in $(FUZZERS); do \
	    mkdir -p $(FUZZ_BUILD)/found/$$fuzzer; \
	    echo "$$fuzzer: $(FUZZ_SECONDS) s"; \
	    $(FUZZ_BUILD)/$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
	        -artifact_prefix=$(FUZZ_BUILD)/found/ $(FUZZ_BUILD)/found/$$fuzzer tests/fuzz/corpus/$$fuzzer \
	        >$(FUZZ_BUILD)/$$fuzzer.log 2>&1 || { tail -n 40 $(FUZZ_BUILD)/$$fuzzer.log; exit 1; }; \
	    sed -n 's/^stat::number_of_executed_units: */    runs: /p' $(FUZZ_BUILD)/$$fuzzer.log; \
	done
