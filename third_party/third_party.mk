# Fetches, unpacks and compiles the dependencies of third_party/ into $(BUILD)/third_party.

TP = $(BUILD)/third_party
TP_CFLAGS = -std=gnu11 $(SMALL) $(HARDEN) -w -ffile-prefix-map=$(CURDIR)/=

# Runs a recipe's commands in silence: $(call tp_run,LOG,COMMANDS) shows the end of the log when they fail.
tp_run = { $(2); } >$(1) 2>&1 || { tail -n 25 $(1) >&2; echo "third_party: $@ failed, see $(1)" >&2; exit 1; }

$(TP)/%/.unpacked: third_party/%/manifest
	@rm -rf $(@D) && mkdir -p $(@D)/src $(@D)/obj $(TP)/lib
	@tarball=$$(third_party/fetch $*) && tar -xf "$$tarball" -C $(@D)/src --strip-components=1
	@touch $@

# --- libmicrohttpd: the demo application's HTTP server -----------------------

MHD_TARGET = $(TP)/lib/libmicrohttpd.a
MHD_CFLAGS = -isystem $(TP)/libmicrohttpd/src/src/include
MHD_LIBS   = $(MHD_TARGET) -lpthread

MHD_CONFIGURE = --host=$(GNU) --enable-static --disable-shared --disable-dependency-tracking --without-gnutls \
    --disable-https --disable-postprocessor --disable-dauth --disable-bauth --disable-httpupgrade --disable-cookie \
    --disable-nls --disable-doc --disable-examples --disable-tools --disable-curl --disable-thread-names --enable-compact-code

$(MHD_TARGET): $(TP)/libmicrohttpd/.unpacked
	@echo "third_party: building $@"
	@$(call tp_run,$(TP)/libmicrohttpd/build.log,cd $(TP)/libmicrohttpd/obj && \
	    ../src/configure $(MHD_CONFIGURE) CC="$(TARGET_CC)" CFLAGS="$(TP_CFLAGS)" LDFLAGS="-static -no-pie" && \
	    $(MAKE) -C src/microhttpd libmicrohttpd.la && \
	    cp src/microhttpd/.libs/libmicrohttpd.a $(abspath $@))
