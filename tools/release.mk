# Other architectures than this machine's, installing, and releases.

##@ Architectures, installing, releases

qemu_arm64 := aarch64
qemu_armv7 := arm
qemu_386   := i386
EMULATOR    = $(if $(FOREIGN),qemu-$(or $(qemu_$(ARCH)),$(ARCH))-static)

.PHONY: all-arches check-arch check-arches
all-arches: ## build both products for every architecture
	@for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch all || exit 1; done

# Runs the unit tests compiled for musl and ARCH. `make unit` compiles them for this machine's libc.
UNIT_MUSL = $(MAKE) --no-print-directory ARCH=$(ARCH) BUILD=$(BUILD) TEST_BUILD=$(BUILD)/musl \
            SUPPORT='$(addprefix $(BUILD)/musl/obj/tests/support/,der.o guard.o test.o)' unit \
            HOST_CC='$(TARGET_CC) $(CMOCKA_CFLAGS) -L$(TP)/lib -static -no-pie'

# The system tests need a real kernel (namespaces, ptrace(2), seccomp(2)), which an emulator has not. They are compiled only.
# Libraries that they are linked with are this machine's, and so are these libraries' headers.
HOST_HEADERS = -idirafter /usr/include/$(shell gcc -print-multiarch)
SYSTEM_SOURCES = $(wildcard tests/system/*/*.c tests/support/*.c tests/budgets/*.c)

check-arch: all $(CMOCKA_TARGET) $(TP)/libmicrohttpd/.unpacked ## test the products of ARCH=, in an emulator where that is not this machine's architecture
	@tools/packages arch $(FOREIGN)
	@PITH_EMULATOR=$(EMULATOR) PITH_INIT=$(BUILD)/init PITH_HEALTHCHECK=$(BUILD)/healthcheck \
	    tests/run tests/binaries/test_binaries tests/release/test_arch
	@$(GNU)-gcc $(STANDARD) $(WARNINGS) -iquote tests $(CMOCKA_CFLAGS) $(MHD_CFLAGS) $(HOST_HEADERS) -fsyntax-only \
	    $(SYSTEM_SOURCES)
	@TEST_EMULATOR=$(EMULATOR) $(UNIT_MUSL)

check-arches: ## test the products of every architecture
	@for arch in $(ARCHES); do echo "$$arch:"; $(MAKE) --no-print-directory ARCH=$$arch check-arch || exit 1; done

# --- dependencies ------------------------------------------------------------

.PHONY: outdated
outdated: ## compare each dependency with Debian's suites, and fail where its branch has a newer release
	@tools/outdated

# --- install and release -----------------------------------------------------

VERSION := $(shell sed -n 's/.*PITH_VERSION "\(.*\)"/\1/p' include/pith/version.h)

PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
SHAREDIR ?= $(PREFIX)/share
DIST      = build/dist
STAGE     = $(BUILD)/stage
# -small, or nothing.
VARIANT  ?=
NAME      = pith-$(VERSION)$(VARIANT)
ARCHIVE   = $(NAME)-linux-$(ARCH)
# Debian's name of an architecture where it is not Docker's. In Debian's versions ~ stands before dev or rc1.
deb_armv7   := armhf
deb_386     := i386
deb_ppc64le := ppc64el
DEB          = pith_$(subst -,~,$(VERSION))_$(or $(deb_$(ARCH)),$(ARCH)).deb
PAGES     = $(wildcard man/*.1)

# Made from the linker's maps, which say what is in a binary.
$(BUILD)/sbom/pith.spdx.json: $(BUILD)/init $(BUILD)/healthcheck tools/release/sbom $(wildcard third_party/*/manifest)
	@tools/packages sbom
	@mkdir -p $(@D)
	@tools/release/sbom $(BUILD) "$$($(GNU)-gcc -dumpfullversion)" $(@D)

.PHONY: sbom install stage image image-small archives archives-small deb sources dist sign
sbom: $(BUILD)/sbom/pith.spdx.json ## write the SBOMs of the products, SPDX and CycloneDX, into build/ARCH/sbom/

install: all sbom ## install the products, manual pages, licences and SBOMs (PREFIX=/usr/local DESTDIR=)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SHAREDIR)/doc/pith $(DESTDIR)$(SHAREDIR)/man/man1
	install -m 755 $(BUILD)/init $(BUILD)/healthcheck $(DESTDIR)$(BINDIR)
	install -m 644 README.md CHANGELOG.md $(BUILD)/sbom/pith.spdx.json $(BUILD)/sbom/pith.cdx.json $(DESTDIR)$(SHAREDIR)/doc/pith
	$(if $(PAGES),install -m 644 $(PAGES) $(DESTDIR)$(SHAREDIR)/man/man1)
	tools/release/licences $(BUILD) $(MUSL) $(DESTDIR)$(SHAREDIR)/licenses/pith

# What the tarball and the image of one architecture are made of.
stage: all sbom ## install into build/ARCH/stage/, from which archives, images and packages are made
	@rm -rf $(STAGE)
	@$(MAKE) --no-print-directory -s ARCH=$(ARCH) install DESTDIR=$(STAGE)/tree/$(ARCHIVE) PREFIX=
	@$(MAKE) --no-print-directory -s ARCH=$(ARCH) install DESTDIR=$(STAGE)/root BINDIR=/ PREFIX=/usr PAGES=
	@rm -r $(STAGE)/root/usr/share/man $(STAGE)/root/usr/share/doc/pith/*.md
	@mkdir -p $(DIST)

# The address of the sources and the name of the builder, for labels and provenance. Whoever publishes a release sets them.
SOURCE_URL ?=
BUILDER    ?=
facts       = REVISION="$(REVISION)" SOURCE_URL="$(SOURCE_URL)" BUILDER="$(BUILDER)"

# Packs the same files into the same bytes, whoever does it, where and when.
TAR = tar --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime=@$(SOURCE_DATE_EPOCH)
# $(call pack_image,FOLDER,ARCHIVE,NAME:TAG,ARCH=ROOT...): the image as DIST/ARCHIVE, its name and digest on stdout.
pack_image = { rm -rf $(1) && $(facts) tools/release/image $(1) $(3) $(4) && \
               $(TAR) -C $(1) -cf $(DIST)/$(2) $$(ls $(1)); }

image: stage ## write the image pith:VERSION for ARCH= into build/dist/, for docker load, podman load and skopeo
	@$(call pack_image,$(STAGE)/image,$(NAME)-image-$(ARCH).tar,pith:$(VERSION)$(VARIANT),$(ARCH)=$(STAGE)/root) >$(STAGE)/digest
	@cat $(STAGE)/digest

# The smallest variant, built in a folder of its own.
image-small: parts-$(LEAST) ## write the image pith:VERSION-small, which probes HTTP, TCP, Unix sockets and files alone
	$(call without,$(LEAST)) VARIANT=-small image

archives: image ## write the tarball, SBOMs and image for ARCH= into build/dist/
	@$(TAR) -C $(STAGE)/tree -cf - $(ARCHIVE) | gzip -9n >$(DIST)/$(ARCHIVE).tar.gz
	@cp $(BUILD)/sbom/pith.spdx.json $(DIST)/$(ARCHIVE).spdx.json
	@cp $(BUILD)/sbom/pith.cdx.json $(DIST)/$(ARCHIVE).cdx.json

archives-small: parts-$(LEAST) ## write the same of the smallest variant
	$(call without,$(LEAST)) VARIANT=-small archives

deb: stage ## write a Debian package for ARCH= into build/dist/, whose binaries lie in /usr/libexec/pith
	@tools/release/deb $(STAGE)/tree/$(ARCHIVE) $(DIST)/$(DEB)
	@echo $(DIST)/$(DEB)

# The files that git tracks, or all files where the tree is no clone.
SOURCES = $$(git ls-files 2>/dev/null | grep . || find . -path ./build -prune -o '(' -type f -o -type l ')' '!' -name .origin -print | sed 's,^\./,,')

sources: ## write the source archive into build/dist/
	@mkdir -p $(DIST) $(BUILD)
	@echo $(SOURCE_DATE_EPOCH) $(REVISION) >$(BUILD)/.origin
	@$(TAR) --transform 'flags=r;s,^$(BUILD)/,,;s,^,pith-$(VERSION)/,' -cf - $(SOURCES) $(BUILD)/.origin | gzip -9n >$(DIST)/pith-$(VERSION).tar.gz

dist: ## write a whole release for ARCHES into build/dist/, with SHA256SUMS
	@rm -rf $(DIST)
	@for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch archives archives-small deb || exit 1; done
	@$(call pack_image,build/image,pith-$(VERSION)-image.tar,pith:$(VERSION),$(foreach arch,$(ARCHES),$(arch)=build/$(arch)/stage/root))
	@$(call pack_image,build/image,pith-$(VERSION)-small-image.tar,pith:$(VERSION)-small,$(foreach arch,$(ARCHES),$(arch)=build/$(arch)/parts/$(LEAST)/stage/root))
	@$(MAKE) --no-print-directory sources
	@tools/release/vex $(DIST)/pith-$(VERSION)-linux-$(firstword $(ARCHES)).cdx.json $(DIST)/pith-$(VERSION).openvex.json
	@$(facts) tools/release/provenance $(DIST) "$(ARCHES)" $(DIST)/pith-$(VERSION).provenance.json
	@cd $(DIST) && sha256sum pith-$(VERSION)* pith_* >SHA256SUMS
	@cat $(DIST)/SHA256SUMS

sign: ## sign build/dist/SHA256SUMS with the secret key KEY= of minisign
	minisign -S -s $(or $(KEY),$(error KEY= names no secret key)) -m $(DIST)/SHA256SUMS -t "pith $(VERSION)"

# --- is the release right? ---------------------------------------------------

# This package carries CycloneDX's schemas. It is fetched before the tests, as those run without a network.
SCHEMAS = build/cyclonedx-cyclonedx-library-10.3.0.tgz
$(SCHEMAS):
	@tools/packages release
	@npm pack -s --pack-destination build @cyclonedx/cyclonedx-library@10.3.0 >/dev/null

.PHONY: check-release check-reproducible
check-release: dist $(SCHEMAS) ## test the release of ARCHES: sums, SBOMs, VEX, provenance, licences, images, signatures, publishing
	@tools/packages release
	@COSIGN=$$(tools/release/cosign) && ARCHES="$(ARCHES)" VERSION=$(VERSION) REVISION=$(REVISION) \
	    SCHEMAS=$(SCHEMAS) COSIGN=$$COSIGN TEST_LIMIT=3000 tests/run tests/release/test_release tests/release/test_publish

check-reproducible: ## build the release of ARCHES twice, as two users in two folders, and compare the bytes
	@tools/packages release
	@ARCHES="$(ARCHES)" TEST_LIMIT=3000 tests/run tests/release/test_reproducible

# Tests of the guides, which `make check` runs.
DOCS_TESTS   += tests/release/test_migration tests/release/test_outdated tests/release/test_vex
