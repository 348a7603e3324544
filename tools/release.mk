# Other architectures than this machine's, and what a release consists of.

deb_armv7   := armhf
deb_386     := i386
deb_ppc64le := ppc64el
DEBIAN_ARCH  = $(or $(deb_$(ARCH)),$(ARCH))

qemu_arm64 := aarch64
qemu_armv7 := arm
qemu_386   := i386
EMULATOR    = $(if $(SYSROOT),qemu-$(or $(qemu_$(ARCH)),$(ARCH))-static)

ifneq ($(SYSROOT),)
$(SPECS):
	@tools/packages build $(ARCH)
	@tools/sysroot $(DEBIAN_ARCH) $(SYSROOT)
endif

.PHONY: all-arches check-arch check-arches
all-arches: ## build both products for every architecture
	@for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch all || exit 1; done

# The unit tests for musl, where `make unit` has them for this machine's libc. Without debug information: bookworm's
# linker fails on that in trixie's musl of riscv64.
UNIT_MUSL = $(MAKE) --no-print-directory ARCH=$(ARCH) BUILD=$(BUILD) TEST_BUILD=$(BUILD)/musl unit \
            HOST_CC='$(TARGET_CC) $(CMOCKA_CFLAGS) -L$(TP)/lib -static -no-pie -Wl,-S'

check-arch: all $(CMOCKA_TARGET) ## test the products of ARCH=, emulated where it is another than this machine's
	@tools/packages arch
	@PITH_EMULATOR=$(EMULATOR) PITH_INIT=$(BUILD)/init PITH_HEALTHCHECK=$(BUILD)/healthcheck \
	    tests/run tests/release/test_arch
	@TEST_EMULATOR=$(EMULATOR) $(UNIT_MUSL)

check-arches: ## test the products of every architecture
	@for arch in $(ARCHES); do echo "$$arch:"; $(MAKE) --no-print-directory ARCH=$$arch check-arch || exit 1; done
