# Other architectures than this machine's, and what a release consists of.

deb_armv7   := armhf
deb_386     := i386
deb_ppc64le := ppc64el
DEBIAN_ARCH  = $(or $(deb_$(ARCH)),$(ARCH))

ifneq ($(SYSROOT),)
$(SPECS):
	@tools/packages build $(ARCH)
	@tools/sysroot $(DEBIAN_ARCH) $(SYSROOT)
endif

.PHONY: all-arches
all-arches: ## build both products for every architecture
	@for arch in $(ARCHES); do $(MAKE) --no-print-directory ARCH=$$arch all || exit 1; done
