# The suites of other inits and of podman, run against this init under their names.

PEERS      := $(BUILD)/peers
PEER_NAMES := $(addprefix $(PEERS)/bin/,init tini tini-static dumb-init catatonit)
PEER_TESTS := $(addprefix tests/peers/test_,tini tini_pid1 dumb_init dumb_init_pid1 catatonit podman)

$(PEER_NAMES): $(BUILD)/init
	@mkdir -p $(@D)
	@cp $< $@

# The suites' scripts call python by names that may be another Python's than Debian's.
$(PEERS)/bin/python $(PEERS)/bin/python3:
	@mkdir -p $(@D)
	@ln -sf /usr/bin/python3 $@

.PRECIOUS: $(PEERS)/%/.unpacked
$(PEERS)/%/.unpacked: tests/peers/%/manifest
	@rm -rf $(@D) && mkdir -p $(@D)/src
	@tarball=$$(third_party/fetch tests/peers/$*) && tar -xf "$$tarball" -C $(@D)/src --strip-components=1
	@touch $@

$(PEERS)/bin/sigconf-test: $(PEERS)/tini/.unpacked
	@mkdir -p $(@D)
	@$(HOST_CC) -w -o $@ $(PEERS)/tini/src/test/sigconf/sigconf-test.c

.PHONY: peers build-peers
peers: ## run the suites of tini and dumb-init, and podman, with init in their inits' place
	@tools/packages build peers
	@$(MAKE) --no-print-directory build-peers
	@$(TEST_RUN) $(PEER_TESTS)

build-peers: $(PEER_NAMES) $(addprefix $(PEERS)/bin/,python python3 sigconf-test) $(PEERS)/dumb-init/.unpacked
build-peers: $(CHILDREN)
