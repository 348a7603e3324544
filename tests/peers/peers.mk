# The suites of other inits and of podman, run against this init under their names.

PEER_BUILD := $(BUILD)/peers
PEER_NAMES := $(addprefix $(PEER_BUILD)/bin/,init tini tini-static dumb-init catatonit)
PEER_TESTS := $(addprefix tests/peers/test_,tini tini_pid1 dumb_init dumb_init_pid1 catatonit podman)

$(PEER_NAMES): $(BUILD)/init
	@mkdir -p $(@D)
	@cp $< $@

# The suites call python and python3. These names lead to Debian's Python, whatever else PATH has.
$(PEER_BUILD)/bin/python $(PEER_BUILD)/bin/python3:
	@mkdir -p $(@D)
	@ln -sf /usr/bin/python3 $@

.PRECIOUS: $(PEER_BUILD)/%/.unpacked
$(PEER_BUILD)/%/.unpacked: tests/peers/%/manifest
	@rm -rf $(@D) && mkdir -p $(@D)/src
	@tarball=$$(third_party/fetch tests/peers/$*) && tar -xf "$$tarball" -C $(@D)/src --strip-components=1
	@touch $@

$(PEER_BUILD)/bin/sigconf-test: $(PEER_BUILD)/tini/.unpacked
	@mkdir -p $(@D)
	@$(HOST_CC) -w -o $@ $(PEER_BUILD)/tini/src/test/sigconf/sigconf-test.c

.PHONY: peers build-peers
peers: ## run the test suites of tini and dumb-init, and podman, with this init in place of theirs
	@tools/packages build peers
	@$(MAKE) --no-print-directory build-peers
	@$(TEST_RUN) $(PEER_TESTS)

build-peers: $(PEER_NAMES) $(addprefix $(PEER_BUILD)/bin/,python python3 sigconf-test) $(CHILDREN)
build-peers: $(PEER_BUILD)/dumb-init/.unpacked ## fetch and build what `make peers` runs
