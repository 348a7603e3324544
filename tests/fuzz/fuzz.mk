# Fuzzers of every pure parser (libFuzzer with ASan and UBSan, by clang), each from its corpus in tests/fuzz/corpus.

##@ Tests that take longer

FUZZ_SECONDS ?= 60
FUZZ_BUILD   := $(BUILD)/fuzz
# OSS-Fuzz names its own compilers, flags and engine (tests/fuzz/oss-fuzz/build.sh). As it runs the fuzzers on another machine
# than it builds them on, libraries are linked statically.
FUZZ_CC       ?= clang
FUZZ_LINK     ?= $(FUZZ_CC)
FUZZ_SANITIZE ?= -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fsanitize=fuzzer-no-link
FUZZ_ENGINE   ?= -fsanitize=fuzzer
FUZZ_CFLAGS   = $(STANDARD) $(FUZZ_SANITIZE) -DPITH_TLS=0 -DPITH_HASHES=1 -DPITH_GRPC=1 \
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
	@$(FUZZ_CC) $(FUZZ_SANITIZE) -w -fno-sanitize=function $(NGHTTP2_CFLAGS) $(NGHTTP2_DEFINES) -c -o $@ $(TP)/nghttp2/src/lib/$*.c

$(HASHES:%=$(FUZZ_BUILD)/obj/hashes/%.o): $(FUZZ_BUILD)/obj/hashes/%.o: $(MBEDTLS_HEADERS) $(MBEDTLS_CONFIG)
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -w -I$(TP)/mbedtls/src/library -c -o $@ $(TP)/mbedtls/src/library/$*.c

$(FUZZ_BUILD)/obj/%.o: %.c $(NGHTTP2_HEADERS) $(MBEDTLS_HEADERS)
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_BUILD)/obj/tests/fuzz/fuzz_services.o: FUZZ_CFLAGS += '-DFUZZ_JUDGES=$(FUZZ_JUDGES)'

FUZZ_PARTS := $(addprefix tests/fuzz/,differ openssl_path der_mutator) $(FUZZERS:%=tests/fuzz/%)
-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_INIT_OBJECTS:.o=.d) $(FUZZ_PARTS:%=$(FUZZ_BUILD)/obj/%.d)
-include $(patsubst tests/%.c,$(TEST_BUILD)/obj/tests/%.d,$(wildcard tests/fuzz/*differ*.c))

# $(call fuzzer,OBJECTS,LIBRARIES)
fuzzer = @$(FUZZ_LINK) $(FUZZ_SANITIZE) $(FUZZ_ENGINE) -o $@ $(1) $(2)

$(FUZZ_BUILD)/fuzz_%: $(FUZZ_BUILD)/obj/tests/fuzz/fuzz_%.o $(FUZZ_OBJECTS)
	$(call fuzzer,$^,-lpthread $(FUZZ_LIBS))

$(FUZZ_BUILD)/fuzz_init $(FUZZ_BUILD)/fuzz_words: $(FUZZ_BUILD)/fuzz_%: $(FUZZ_BUILD)/obj/tests/fuzz/fuzz_%.o $(FUZZ_INIT_OBJECTS)
	$(call fuzzer,$^)

# It holds the file that it tests, whose variables it sets back.
$(FUZZ_BUILD)/fuzz_options: $(FUZZ_BUILD)/obj/tests/fuzz/fuzz_options.o $(FUZZ_OBJECTS)
	$(call fuzzer,$(filter-out %/healthcheck/options.o,$^),-lpthread)

# Certificates are changed as DER, and OpenSSL judges paths beside us.
$(FUZZ_BUILD)/fuzz_certificate $(FUZZ_BUILD)/fuzz_path: $(addprefix $(FUZZ_BUILD)/obj/tests/fuzz/,der_mutator.o openssl_path.o)
$(FUZZ_BUILD)/fuzz_certificate $(FUZZ_BUILD)/fuzz_path: FUZZ_LIBS = -l:libcrypto.a
$(FUZZ_BUILD)/fuzz_json: FUZZ_LIBS = -l:libjansson.a
$(FUZZ_BUILD)/fuzz_talk: FUZZ_LIBS = -Wl,--wrap=probe_reach

# The differential fuzzer's other parser is llhttp. Debian 12 has its C sources (node-llhttp), later releases a library.
LLHTTP_SOURCES := $(if $(wildcard /usr/share/llhttp/llhttp.c),api http llhttp)
LLHTTP_LIBS    := $(if $(LLHTTP_SOURCES),,-lllhttp)
LLHTTP_CFLAGS  := -w -g -O1 -I /usr/share/include/llhttp

$(TEST_BUILD)/obj/llhttp/%.o:
	@mkdir -p $(@D)
	$(say)$(HOST_CC) $(LLHTTP_CFLAGS) -c -o $@ /usr/share/llhttp/$*.c

$(FUZZ_BUILD)/obj/llhttp/%.o:
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_SANITIZE) -fno-sanitize=undefined $(LLHTTP_CFLAGS) -c -o $@ /usr/share/llhttp/$*.c

$(TEST_BUILD)/obj/tests/fuzz/differ.o: TEST_CC += $(LLHTTP_CFLAGS)
$(FUZZ_BUILD)/obj/tests/fuzz/differ.o: FUZZ_CFLAGS += $(LLHTTP_CFLAGS)

DIFFERENTIAL      := tests/fuzz/differ.o $(LLHTTP_SOURCES:%=llhttp/%.o)
DIFFERENTIAL_TEST := $(TEST_BUILD)/fuzz/test_differential

$(FUZZ_BUILD)/fuzz_differential: $(DIFFERENTIAL:%=$(FUZZ_BUILD)/obj/%)
$(FUZZ_BUILD)/fuzz_differential: FUZZ_LIBS = $(LLHTTP_LIBS)

$(DIFFERENTIAL_TEST): $(addprefix $(TEST_BUILD)/obj/,tests/fuzz/test_differential.o tests/support/test.o $(DIFFERENTIAL)) $(UNIT_HEALTHCHECK)
	@mkdir -p $(@D)
	$(say)$(TEST_CC) -o $@ $^ $(LLHTTP_LIBS) $(TEST_LIBS)

.SECONDARY: $(FUZZ_OBJECTS) $(FUZZ_INIT_OBJECTS) $(FUZZ_PARTS:%=$(FUZZ_BUILD)/obj/%.o)
.PHONY: fuzz fuzzers oss-fuzz
fuzzers: $(FUZZERS:%=$(FUZZ_BUILD)/%) ## build the fuzzers

fuzz: ## run the fuzzer of each parser for FUZZ_SECONDS=60
	@tools/packages fuzz
	@$(MAKE) --no-print-directory fuzzers
	@set -e; for fuzzer in $(FUZZERS); do \
	    mkdir -p $(FUZZ_BUILD)/found/$$fuzzer; \
	    echo "$$fuzzer: $(FUZZ_SECONDS) s"; \
	    $(FUZZ_BUILD)/$$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
	        -artifact_prefix=$(FUZZ_BUILD)/found/ $(FUZZ_BUILD)/found/$$fuzzer tests/fuzz/corpus/$$fuzzer \
	        >$(FUZZ_BUILD)/$$fuzzer.log 2>&1 || { tail -n 40 $(FUZZ_BUILD)/$$fuzzer.log; exit 1; }; \
	    sed -n 's/^stat::number_of_executed_units: */    runs: /p' $(FUZZ_BUILD)/$$fuzzer.log; \
	done

oss-fuzz: ## build the fuzzers as OSS-Fuzz does, and run each through its corpus
	@tools/packages build fuzz
	@$(TEST_RUN) tests/fuzz/test_oss_fuzz
