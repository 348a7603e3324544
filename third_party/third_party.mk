# Fetches, unpacks and compiles the dependencies of third_party/ into $(BUILD)/third_party.

##@ Dependencies

TP = $(BUILD)/third_party
TP_CFLAGS = -std=gnu11 $(SMALL) $(HARDEN) -w -ffile-prefix-map=$(CURDIR)/=

# $(call tp_run,LOG,COMMANDS): runs COMMANDS in silence, and shows the end of LOG when they fail.
tp_run = ($(2)) >$(1) 2>&1 || { tail -n 25 $(1) >&2; echo "third_party: $@ failed, see $(1)" >&2; exit 1; }

# $(call tp_unpack,NAME): unpacks a dependency into the folder of the target.
tp_unpack = rm -rf $(@D) && mkdir -p $(@D)/src $(@D)/obj/own $(TP)/lib && tarball=$$(third_party/fetch $(1)) && \
    tar -xf "$$tarball" -C $(@D)/src --strip-components=1

# Runs a dependency's own Makefile without the variables of our command line, which would mean something else there.
tp_make = MAKEFLAGS="$${MAKEFLAGS%%-- *}" $(MAKE)

tp_archive = echo "third_party: $(@F)" && rm -f $@ && $(GNU)-ar rcs $@ $^

.PRECIOUS: $(TP)/%/.unpacked
$(TP)/%/.unpacked: third_party/%/manifest $(SPECS)
	@$(call tp_unpack,$*)
	@touch $@

include third_party/musl/musl.mk

# --- libmicrohttpd: the demo application's HTTP server -----------------------

MHD_TARGET = $(TP)/lib/libmicrohttpd.a
MHD_CFLAGS = -isystem $(TP)/libmicrohttpd/src/src/include
MHD_LIBS   = $(MHD_TARGET) -lpthread

# Its configure wants a pkg-config, which has nothing to find.
MHD_CONFIGURE = PKG_CONFIG=: --host=$(GNU) --enable-static --disable-shared --disable-dependency-tracking --without-gnutls \
    --disable-https --disable-postprocessor --disable-dauth --disable-bauth --disable-httpupgrade --disable-cookie \
    --disable-nls --disable-doc --disable-examples --disable-tools --disable-curl \
    --disable-thread-names --enable-compact-code

$(MHD_TARGET): $(TP)/libmicrohttpd/.unpacked
	@echo "third_party: $(@F)"
	@$(call tp_run,$(TP)/libmicrohttpd/build.log,cd $(TP)/libmicrohttpd/obj && \
	    ../src/configure $(MHD_CONFIGURE) CC="$(TARGET_CC)" CFLAGS="$(TP_CFLAGS)" LDFLAGS="-static -no-pie" && \
	    $(tp_make) -C src/microhttpd libmicrohttpd.la && \
	    cp src/microhttpd/.libs/libmicrohttpd.a $(abspath $@))

# --- Mbed TLS: TLS for healthcheck, one library of its three -----------------

MBEDTLS_HEADERS = $(TP)/mbedtls/.unpacked
MBEDTLS_TARGET  = $(TP)/lib/libmbedtls.a
MBEDTLS_CFLAGS  = -isystem $(TP)/mbedtls/src/include -isystem third_party/mbedtls \
                  '-DMBEDTLS_CONFIG_FILE=<pith_mbedtls_config.h>'
MBEDTLS_LIBS    = $(MBEDTLS_TARGET) -lpthread

MBEDTLS_SOURCES := aes aesce aesni asn1parse asn1write base64 bignum_core block_cipher chacha20 chachapoly cipher cipher_wrap \
    constant_time ecdh ecdsa ecp ecp_curves gcm md md5 oid pem pk pk_ecc pk_wrap pkparse platform_util poly1305 \
    psa_crypto psa_crypto_aead psa_crypto_cipher psa_crypto_client psa_crypto_driver_wrappers_no_static \
    psa_crypto_ecp psa_crypto_hash psa_crypto_mac psa_crypto_rsa psa_crypto_slot_management psa_util rsa \
    rsa_alt_helpers sha1 sha256 sha512 ssl_ciphersuites ssl_client ssl_msg ssl_tls ssl_tls12_client \
    ssl_tls13_client ssl_tls13_generic ssl_tls13_keys threading x509 x509_crt
MBEDTLS_OWN     := bignum platform
MBEDTLS_CONFIG  := third_party/mbedtls/pith_mbedtls_config.h third_party/third_party.mk
MBEDTLS_OBJECTS  = $(MBEDTLS_SOURCES:%=$(TP)/mbedtls/obj/%.o) $(MBEDTLS_OWN:%=$(TP)/mbedtls/obj/own/%.o)
MBEDTLS_COMPILE  = $(TARGET_CC) $(TP_CFLAGS) $(MBEDTLS_CFLAGS) -I$(TP)/mbedtls/src/library -c -o $@

$(TP)/mbedtls/obj/%.o: $(MBEDTLS_HEADERS) $(MBEDTLS_CONFIG)
	@$(call tp_run,$@.log,$(MBEDTLS_COMPILE) $(TP)/mbedtls/src/library/$*.c)

# Most of a handshake is reduction by a curve's prime, which is here: 130 bytes more save a fifth of the CPU time.
$(TP)/mbedtls/obj/ecp_curves.o: TP_CFLAGS += -O2

$(TP)/mbedtls/obj/own/%.o: third_party/mbedtls/%.c $(MBEDTLS_HEADERS) $(MBEDTLS_CONFIG)
	@$(call tp_run,$@.log,$(MBEDTLS_COMPILE) $<)

$(MBEDTLS_TARGET): $(MBEDTLS_OBJECTS)
	@$(tp_archive)

# --- nghttp2: HTTP/2 for the gRPC probe --------------------------------------

NGHTTP2_HEADERS = $(TP)/nghttp2/.unpacked
NGHTTP2_TARGET  = $(TP)/lib/libnghttp2.a
NGHTTP2_CFLAGS  = -isystem $(TP)/nghttp2/src/lib/includes -isystem $(TP)/nghttp2/src/lib -DNGHTTP2_STATICLIB
NGHTTP2_LIBS    = $(NGHTTP2_TARGET)

NGHTTP2_SOURCES := nghttp2_alpn nghttp2_buf nghttp2_callbacks nghttp2_debug nghttp2_extpri nghttp2_frame nghttp2_hd \
    nghttp2_hd_huffman nghttp2_hd_huffman_data nghttp2_helper nghttp2_http nghttp2_map nghttp2_mem nghttp2_option \
    nghttp2_outbound_item nghttp2_pq nghttp2_priority_spec nghttp2_queue nghttp2_ratelim nghttp2_rcbuf nghttp2_session \
    nghttp2_stream nghttp2_submit nghttp2_time nghttp2_version sfparse
NGHTTP2_DEFINES := -DNDEBUG -DHAVE_ARPA_INET_H -DHAVE_NETINET_IN_H -DHAVE_CLOCK_GETTIME -DHAVE_DECL_CLOCK_MONOTONIC=1 \
    -Dvsnprintf=nghttp2_no_vsnprintf
NGHTTP2_COMPILE  = $(TARGET_CC) $(TP_CFLAGS) $(NGHTTP2_CFLAGS) $(NGHTTP2_DEFINES) -c -o $@

$(TP)/nghttp2/obj/%.o: $(NGHTTP2_HEADERS) third_party/third_party.mk
	@$(call tp_run,$@.log,$(NGHTTP2_COMPILE) $(TP)/nghttp2/src/lib/$*.c)

$(TP)/nghttp2/obj/own/%.o: third_party/nghttp2/%.c $(NGHTTP2_HEADERS) third_party/third_party.mk
	@$(call tp_run,$@.log,$(NGHTTP2_COMPILE) $<)

$(NGHTTP2_TARGET): $(NGHTTP2_SOURCES:%=$(TP)/nghttp2/obj/%.o) $(TP)/nghttp2/obj/own/messages.o
	@$(tp_archive)

# --- cmocka: for the unit tests of other architectures -----------------------

CMOCKA_TARGET = $(TP)/lib/libcmocka.a
CMOCKA_CFLAGS = -isystem $(TP)/cmocka/src/include -D_UINTPTR_T
CMOCKA_DEFINES := -D_GNU_SOURCE -DHAVE_INTTYPES_H -DHAVE_SIGNAL_H -DHAVE_STRINGS_H -DHAVE_SIGLONGJMP -DHAVE_STRSIGNAL \
    -DHAVE_CLOCK_REALTIME -DHAVE_STRUCT_TIMESPEC -DHAVE_GCC_THREAD_LOCAL_STORAGE

$(TP)/cmocka/obj/cmocka.o: $(TP)/cmocka/.unpacked third_party/third_party.mk
	@$(call tp_run,$@.log,$(TARGET_CC) $(TP_CFLAGS) $(CMOCKA_CFLAGS) $(CMOCKA_DEFINES) -c -o $@ $(TP)/cmocka/src/src/cmocka.c)

$(CMOCKA_TARGET): $(TP)/cmocka/obj/cmocka.o
	@$(tp_archive)

# --- does this Mbed TLS work? ------------------------------------------------

$(TP)/mbedtls/selftest: third_party/mbedtls/selftest.c $(MBEDTLS_TARGET)
	$(TARGET_CC) $(STANDARD) $(WARNINGS) $(SMALL) $(MBEDTLS_CFLAGS) -static -no-pie -Wl,--gc-sections -o $@ $< \
	    $(MBEDTLS_LIBS)

.PHONY: third-party-selftest
third-party-selftest: $(TP)/mbedtls/selftest ## run a handshake of the Mbed TLS that was built against openssl s_server
	third_party/mbedtls/selftest.sh $<
