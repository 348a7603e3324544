# Compiles musl for ARCH into $(MUSL): headers, libraries, start-up files, and the specs by which gcc uses them.

# Compiled for speed, as every run goes through it. syscall(3) is even smaller so.
MUSL_FAST      := misc/syscall.c,internal/syscall_ret.c,string,env
MUSL_CONFIGURE  = --target=$(GNU) --prefix=$(abspath $(MUSL)) --disable-shared --enable-wrapper=gcc \
    --enable-optimize=$(MUSL_FAST) CC="$(GNU)-gcc $(ABI_$(ARCH))" AR=$(GNU)-ar RANLIB=$(GNU)-ranlib CPPFLAGS= LDFLAGS= \
    CFLAGS="$(SMALL) $(HARDEN) -ffile-prefix-map=$(CURDIR)/="

# Installs the compiler first: everything else is compiled with this libc, so that nothing else comes before.
$(MUSL)/.unpacked: $(addprefix third_party/musl/,manifest musl.mk qsort.c clone.c)
	@tools/packages build $(FOREIGN)
	@$(call tp_unpack,musl)
	@cp third_party/musl/qsort.c $(@D)/src/src/stdlib
	@cp third_party/musl/clone.c $(@D)/src/src/linux
	@touch $@

$(SPECS): $(MUSL)/.unpacked
	@echo "third_party: musl"
	@$(call tp_run,$(MUSL)/build.log,cd $(MUSL)/obj && ../src/configure $(MUSL_CONFIGURE) && \
	    $(tp_make) DESTDIR= install-libs install-headers)
