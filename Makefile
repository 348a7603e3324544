# pith: two small static binaries for containers without a shell.
# `make help` lists every target; README.md says what the binaries do.
#
# Plain `make` may call apt-get: what is missing of the packages in tools/packages.list is installed (by root, or with
# sudo), and the libraries' sources are downloaded from Debian. APT=no, on the command line or in the environment, forbids
# both: a package that is missing is then named, and ends make; sources come from the cache or from their publishers.

##@ The products

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

# --- what is built, for whom -------------------------------------------------

HOST_ARCH := $(patsubst x86_64,amd64,$(patsubst aarch64,arm64,$(patsubst armv7l,armv7,$(patsubst i%86,386,$(shell uname -m)))))
ARCH      ?= $(HOST_ARCH)
ARCHES    := amd64 arm64 armv7 386 ppc64le s390x riscv64

# The triplet of Debian's compiler for each of Docker's names of architectures.
gnu_amd64   := x86_64-linux-gnu
gnu_arm64   := aarch64-linux-gnu
gnu_armv7   := arm-linux-gnueabihf
gnu_386     := i686-linux-gnu
gnu_ppc64le := powerpc64le-linux-gnu
gnu_s390x   := s390x-linux-gnu
gnu_riscv64 := riscv64-linux-gnu

GNU  := $(or $(gnu_$(ARCH)),$(error ARCH=$(ARCH) is not one of $(ARCHES)))
# ARCH where it is not this machine's architecture, else nothing.
FOREIGN := $(filter-out $(HOST_ARCH),$(ARCH))

# musl for ARCH, which every BUILD folder of that architecture shares, and the specs that make gcc use it.
MUSL      = build/$(ARCH)/third_party/musl
SPECS     = $(abspath $(MUSL)/lib/musl-gcc.specs)
CRT       = $(MUSL)/lib/crt1.o
TARGET_CC = $(GNU)-gcc $(ABI_$(ARCH)) -specs=$(SPECS)
# musl's long double has 64 bits on ppc64le, gcc's has 128 unless it is told.
ABI_ppc64le := -mlong-double-64
HOST_CC  ?= gcc

BUILD := build/$(ARCH)

# "TIME COMMIT" of the sources. In a source archive the file .origin has it. In a clone git has it, and the commit counts
# only where no file is changed.
ORIGIN            := $(shell cat .origin 2>/dev/null || git log -1 --format=%ct 2>/dev/null || echo 0)
REVISION          := $(or $(REVISION),$(word 2,$(ORIGIN)),$(if $(wildcard .origin),,$(shell git diff --quiet HEAD 2>/dev/null && git rev-parse HEAD)))
# The time stamp of every file of a release.
SOURCE_DATE_EPOCH := $(or $(SOURCE_DATE_EPOCH),$(firstword $(ORIGIN)))
export SOURCE_DATE_EPOCH

# --- how it is built ---------------------------------------------------------

# Warnings are errors where CI is set, as it is in continuous integration.
WERROR   ?= $(CI)
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla $(if $(WERROR),-Werror)
STANDARD := -std=c11 -D_GNU_SOURCE -iquote include -iquote .
HARDEN   := -fstack-protector-strong -D_FORTIFY_SOURCE=0
SMALL    := -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-pie
# Without vector registers variadic functions save fewer registers, and tables aligned as the ABI asks leave no gaps: both
# make our own code smaller. The libraries keep vector registers, as AES and multiplication are fast in them. The stack
# protector's guard is read from a variable, as on arm64: the instruction is shorter than one that reads it from the thread.
LEAN_amd64 := -mgeneral-regs-only -malign-data=abi -mstack-protector-guard=global
LEAN_arm64 := -mgeneral-regs-only
LEAN_386   := -malign-data=abi -mstack-protector-guard=global
# Each of the passes that are left out here makes the code larger.
LEAN       := -fno-if-conversion -fno-jump-tables -fno-optimize-sibling-calls -fno-caller-saves \
              -fno-forward-propagate $(LEAN_$(ARCH))
# Link-time optimisation saves init some 600 bytes and a seventh of its instructions. `make LTO=` builds without it.
LTO      := -flto -ffat-lto-objects -flto-partition=one
CFLAGS_PRODUCT  = $(STANDARD) $(WARNINGS) $(SMALL) $(LEAN) -Oz $(HARDEN) $(LTO) -ffile-prefix-map=$(CURDIR)=. $(FEATURES) $(CFLAGS)
# Segments lie 64 KiB apart. Kernels of arm64 and ppc64le that have pages of 64 KiB load nothing that lies closer.
STRIP           := -s
LDFLAGS_PRODUCT  = -nostartfiles $(CRT) -static -no-pie $(STRIP) -Wl,-T,tools/static.ld -Wl,--gc-sections -Wl,-z,relro \
                  -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,noseparate-code -Wl,-z,max-page-size=65536 \
                  -Wl,--build-id=none -Wl,-Map,$@.map $(LDFLAGS)

# Prints the target that a recipe makes; V=1 shows the commands themselves.
say = $(if $(V),,@echo "  $@" && )

# Part of init: `make STEPS=0` leaves out what it does before COMMAND.
STEPS    := 1
# Parts of healthcheck. `make TLS=0` leaves that part out and does not build its library; so do the others.
OPTIONAL := TLS GRPC SERVICES REGEX DNS HINTS HOLD EXTRAS
TLS      := 1
GRPC     := 1
SERVICES := 1
REGEX    := 1
DNS      := 1
HINTS    := 1
HOLD     := 1
EXTRAS   := 1

LIB_SOURCES         := $(sort $(wildcard lib/*.c))
INIT_SOURCES        := $(filter-out $(if $(filter 1,$(STEPS)),,init/steps/%),$(sort $(wildcard init/*.c init/*/*.c)))
HEALTHCHECK_SOURCES := $(filter-out $(if $(filter 1,$(TLS)),,healthcheck/tls/%) \
                       $(if $(filter 1,$(GRPC)),,healthcheck/grpc/% healthcheck/http2/% healthcheck/probes/grpc.c healthcheck/probes/http2.c), \
                       $(sort $(wildcard healthcheck/*.c healthcheck/*/*.c)))

objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

include third_party/third_party.mk

HEALTHCHECK_PARTS    = $(if $(filter 1,$(TLS)),MBEDTLS) $(if $(filter 1,$(GRPC)),NGHTTP2)
HEALTHCHECK_HEADERS  = $(foreach part,$(HEALTHCHECK_PARTS),$($(part)_HEADERS))
HEALTHCHECK_LIBS     = $(foreach part,$(HEALTHCHECK_PARTS),$($(part)_LIBS))
HEALTHCHECK_TARGETS  = $(foreach part,$(HEALTHCHECK_PARTS),$($(part)_TARGET))
HEALTHCHECK_FEATURES = $(foreach part,$(OPTIONAL),-DPITH_$(part)=$($(part)))

.PHONY: all
all: $(BUILD)/init $(BUILD)/healthcheck ## build both products for this machine (or for ARCH=) into build/ARCH/

# An ELF note in each binary says which package it is from.
NOTE       = $(BUILD)/obj/tools/package.o
NOTE_FACTS = -DPITH_ARCHITECTURE='"$(ARCH)"' $(REVISION:%=-DPITH_REVISION='"%"')

# What stands in for functions of musl in the products alone, compiled with musl's own headers.
STAND_INS     = $(patsubst %,$(BUILD)/obj/third_party/musl/%.o,heap init_tls syscall)
MUSL_ARCH     = $(shell sed -n 's/^ARCH = //p' $(MUSL)/obj/config.mak)
MUSL_INTERNAL = -std=c99 -nostdinc -ffreestanding -fno-strict-aliasing -D_XOPEN_SOURCE=700 -iquote include \
                $(addprefix -I$(MUSL)/src/,arch/$(MUSL_ARCH) arch/generic src/include src/internal src/malloc include) -I$(MUSL)/include

$(STAND_INS): $(BUILD)/obj/%.o: %.c include/pith/layout.h Makefile $(SPECS)
	@mkdir -p $(@D)
	$(say)$(GNU)-gcc $(ABI_$(ARCH)) $(MUSL_INTERNAL) $(SMALL) -Oz -c -o $@ $<

$(BUILD)/init: $(call objects,$(INIT_SOURCES) $(LIB_SOURCES)) $(STAND_INS) $(NOTE) tools/static.ld tools/hot.ld tools/grpc.ld
	$(say)$(TARGET_CC) $(CFLAGS_PRODUCT) $(LDFLAGS_PRODUCT) -o $@ $(filter %.o,$^)

$(BUILD)/healthcheck: $(call objects,$(HEALTHCHECK_SOURCES) $(LIB_SOURCES)) $(STAND_INS) $(NOTE) $(HEALTHCHECK_TARGETS) tools/static.ld tools/hot.ld tools/grpc.ld
	$(say)$(TARGET_CC) $(CFLAGS_PRODUCT) $(LDFLAGS_PRODUCT) -o $@ $(filter %.o,$^) $(HEALTHCHECK_LIBS)

$(call objects,$(HEALTHCHECK_SOURCES)): FEATURES = $(HEALTHCHECK_FEATURES) $(foreach part,$(HEALTHCHECK_PARTS),$($(part)_CFLAGS))
$(call objects,$(INIT_SOURCES)): FEATURES = -DPITH_STEPS=$(STEPS)
$(call objects,$(INIT_SOURCES)): $(BUILD)/obj/features
$(call objects,$(HEALTHCHECK_SOURCES)): $(BUILD)/obj/features $(HEALTHCHECK_HEADERS)

# What --version and --license say of the commit and of the libraries: a line for each.
LIBRARIES = $(if $(SPECS),musl) $(if $(filter 1,$(TLS)),mbedtls) $(if $(filter 1,$(GRPC)),nghttp2)
manifest  = $(shell sed -n 's/^$(2)=//p' third_party/$(1)/manifest)
library   = "  $(1) $(call manifest,$(1),VERSION) ($(call manifest,$(1),LICENCE))\n"
$(call objects,healthcheck/actions.c): FEATURES += $(NOTE_FACTS) '-DPITH_LIBRARIES=$(foreach name,$(LIBRARIES),$(call library,$(name)))'
$(call objects,healthcheck/actions.c): $(BUILD)/obj/facts $(LIBRARIES:%=third_party/%/manifest)

# These files hold the parts and the facts of the last build. They change, and so cause a rebuild, only when those do.
$(BUILD)/obj/features: FACTS = $(HEALTHCHECK_FEATURES) STEPS=$(STEPS)
$(BUILD)/obj/facts: FACTS = $(NOTE_FACTS)
$(BUILD)/obj/features $(BUILD)/obj/facts: force
	@mkdir -p $(@D)
	@echo "$(FACTS)" | cmp -s - $@ || echo "$(FACTS)" >$@

$(NOTE): tools/package.S include/pith/version.h $(BUILD)/obj/facts $(SPECS)
	@mkdir -p $(@D)
	$(say)$(TARGET_CC) -iquote include $(NOTE_FACTS) -c -o $@ $<

$(BUILD)/obj/%.o: %.c Makefile $(SPECS)
	@mkdir -p $(@D)
	$(say)$(TARGET_CC) $(CFLAGS_PRODUCT) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call objects,$(INIT_SOURCES) $(HEALTHCHECK_SOURCES) $(LIB_SOURCES)))

include examples/examples.mk
include tests/tests.mk
include tools/release.mk
include tools/publish.mk
include tools/lint.mk

# --- the rest ----------------------------------------------------------------

.PHONY: clean help force
clean: ## remove build/, where everything lies that was built
	rm -rf build

# A target's sentence stands behind `##` on its line, the heading of a group behind `##@`.
help: ## list the targets
	@echo "make [TARGET...] [NAME=VALUE...]: without a target it makes 'all'."
	@echo "Packages that are missing are installed with apt-get, by root or with sudo. With APT=no they are named instead."
	@awk -F ':.*## ' '/^##@ /{print "\n" substr($$0, 5) ":"} /^[a-z0-9%-]+:.*## /{printf "  %-20s %s\n", $$1, $$2}' \
	    $(filter Makefile %.mk,$(MAKEFILE_LIST))
