# Other architectures than this machine's, and what a release consists of.

qemu_arm64 := aarch64
qemu_armv7 := arm
qemu_386   := i386
EMULATOR    = $(if $(FOREIGN),qemu-$(or $(qemu_$(ARCH)),$(ARCH))-static)

.PHONY: all-arches check-arch check-arches
all-arches: ## build both products for every architecture
	@for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch all || exit 1; done

# The unit tests for musl, where `make unit` has them for this machine's libc.
UNIT_MUSL = $(MAKE) --no-print-directory ARCH=$(ARCH) BUILD=$(BUILD) TEST_BUILD=$(BUILD)/musl \
            SUPPORT='$(addprefix $(BUILD)/musl/obj/tests/support/,guard.o test.o)' unit \
            HOST_CC='$(TARGET_CC) $(CMOCKA_CFLAGS) -L$(TP)/lib -static -no-pie'

# The system tests need namespaces, ptrace(2) and seccomp(2) of a real kernel; here they have to compile at least.
SYSTEM_SOURCES = $(wildcard tests/system/*/*.c tests/support/*.c tests/budgets/*.c)

check-arch: all $(CMOCKA_TARGET) $(TP)/libmicrohttpd/.unpacked ## test the products of ARCH=, emulated where it is another than this machine's
	@tools/packages arch $(FOREIGN)
	@PITH_EMULATOR=$(EMULATOR) PITH_INIT=$(BUILD)/init PITH_HEALTHCHECK=$(BUILD)/healthcheck \
	    tests/run tests/binaries/test_binaries tests/release/test_arch
	@$(GNU)-gcc $(STANDARD) $(WARNINGS) -iquote tests $(CMOCKA_CFLAGS) $(MHD_CFLAGS) -fsyntax-only $(SYSTEM_SOURCES)
	@TEST_EMULATOR=$(EMULATOR) $(UNIT_MUSL)

check-arches: ## test the products of every architecture
	@for arch in $(ARCHES); do echo "$$arch:"; $(MAKE) --no-print-directory ARCH=$$arch check-arch || exit 1; done

# --- dependencies ------------------------------------------------------------

.PHONY: outdated
outdated: ## compare each pinned dependency with Debian's suites; fail where a newer release of its branch is there
	@tools/outdated

# --- install and release -----------------------------------------------------

VERSION := $(shell sed -n 's/.*PITH_VERSION "\(.*\)"/\1/p' include/pith/version.h)
# Every file of a release is as old as the commit that it is made from.
SOURCE_DATE_EPOCH := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null || echo 0))
export SOURCE_DATE_EPOCH
# The commit, where the work tree is just that.
REVISION = $$(git diff --quiet HEAD 2>/dev/null && git rev-parse HEAD)

PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
SHAREDIR ?= $(PREFIX)/share
DIST      = build/dist
STAGE     = $(BUILD)/stage
ARCHIVE   = pith-$(VERSION)-linux-$(ARCH)
PAGES     = $(wildcard man/*.1)

# The linker's maps say what is in a binary.
$(BUILD)/sbom/pith.spdx.json: $(BUILD)/init $(BUILD)/healthcheck tools/release/sbom $(wildcard third_party/*/manifest)
	@mkdir -p $(@D)
	@tools/release/sbom $(BUILD) "$$($(GNU)-gcc -dumpfullversion)" $(@D)

.PHONY: sbom install stage dist image sign
sbom: $(BUILD)/sbom/pith.spdx.json ## write what the products consist of, as SPDX and CycloneDX, into build/ARCH/sbom/

install: all sbom ## install the products, man pages, licences and SBOM (PREFIX=/usr/local DESTDIR=)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SHAREDIR)/doc/pith $(DESTDIR)$(SHAREDIR)/man/man1
	install -m 755 $(BUILD)/init $(BUILD)/healthcheck $(DESTDIR)$(BINDIR)
	install -m 644 README.md CHANGELOG.md $(BUILD)/sbom/pith.spdx.json $(BUILD)/sbom/pith.cdx.json $(DESTDIR)$(SHAREDIR)/doc/pith
	$(if $(PAGES),install -m 644 $(PAGES) $(DESTDIR)$(SHAREDIR)/man/man1)
	tools/release/licences $(BUILD) $(MUSL) $(DESTDIR)$(SHAREDIR)/licenses/pith

# What the tarball and the image of one architecture are made of.
stage: all sbom
	@rm -rf $(STAGE)
	@$(MAKE) --no-print-directory -s ARCH=$(ARCH) install DESTDIR=$(STAGE)/tree/$(ARCHIVE) PREFIX=
	@$(MAKE) --no-print-directory -s ARCH=$(ARCH) install DESTDIR=$(STAGE)/root BINDIR=/ PREFIX=/usr PAGES=
	@rm -r $(STAGE)/root/usr/share/man $(STAGE)/root/usr/share/doc/pith/*.md
	@mkdir -p $(DIST)
	@tar -C $(STAGE)/tree --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
	    --mtime=@$(SOURCE_DATE_EPOCH) -cf - $(ARCHIVE) | gzip -9n >$(DIST)/$(ARCHIVE).tar.gz
	@cp $(BUILD)/sbom/pith.spdx.json $(DIST)/$(ARCHIVE).spdx.json
	@cp $(BUILD)/sbom/pith.cdx.json $(DIST)/$(ARCHIVE).cdx.json

stages = for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch stage || exit 1; done

image: ## write one OCI image for ARCHES as build/dist/pith-VERSION-image.tar, to COPY --from
	@rm -rf $(DIST)
	@$(stages)
	@rm -rf build/image
	@REVISION=$(REVISION) tools/release/image build/image $(foreach arch,$(ARCHES),$(arch)=build/$(arch)/stage/root)
	@tar -C build/image --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
	    --mtime=@$(SOURCE_DATE_EPOCH) -cf $(DIST)/pith-$(VERSION)-image.tar .

dist: image ## write a release for ARCHES into build/dist/: tarballs, SBOMs, VEX, the image, SHA256SUMS
	@tools/release/vex $(DIST)/pith-$(VERSION)-linux-$(firstword $(ARCHES)).cdx.json $(DIST)/pith-$(VERSION).openvex.json
	@cd $(DIST) && sha256sum pith-$(VERSION)-* >SHA256SUMS
	@cat $(DIST)/SHA256SUMS

sign: ## sign build/dist/SHA256SUMS with the secret KEY= of minisign
	minisign -S -s $(or $(KEY),$(error KEY= names no secret key)) -m $(DIST)/SHA256SUMS -t "pith $(VERSION)"

# --- is the release right? ---------------------------------------------------

.PHONY: check-release check-reproducible
check-release: dist ## test the release of ARCHES: sums, SBOMs by their schema, licences, image, signature
	@tools/packages release
	@ARCHES="$(ARCHES)" VERSION=$(VERSION) tests/run tests/release/test_release

check-reproducible: ## build the release of ARCHES twice, in other directories, by other users: the same bytes?
	@tools/packages release
	@ARCHES="$(ARCHES)" TEST_LIMIT=3000 tests/run tests/release/test_reproducible

# The guides are held to the truth by `make check`.
DOCS_TESTS   += tests/release/test_migration tests/release/test_outdated tests/release/test_vex
DOCS_TARGETS += sbom
