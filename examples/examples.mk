# The demo application (static, musl, libmicrohttpd), and `make demo`, which shows both products at work on it.

##@ The demo

APP  := $(BUILD)/app
DEMO := $(BUILD)/demo

APP_SOURCES  := examples/app/app.c examples/zombies.c
DEMO_SOURCES := examples/demo/demo.c examples/demo/container.c examples/zombies.c

$(APP): $(APP_SOURCES) examples/zombies.h $(MHD_TARGET)
	@mkdir -p $(@D)
	$(say)$(TARGET_CC) $(CFLAGS_PRODUCT) $(MHD_CFLAGS) $(LDFLAGS_PRODUCT) -o $@ $(APP_SOURCES) $(MHD_LIBS)

$(DEMO): $(DEMO_SOURCES) examples/demo/container.h examples/zombies.h
	@mkdir -p $(@D)
	$(say)$(HOST_CC) $(STANDARD) $(WARNINGS) -O2 $(CFLAGS) -o $@ $(DEMO_SOURCES)

.PHONY: app demo picture
app: $(APP) ## build the demo application

# sudo is used only where the kernel lets no user make namespaces.
demo: ## show what both products do, live, in a container that needs no engine
	@tools/packages build demo
	@echo "building init, healthcheck and the demo application"
	@$(MAKE) --no-print-directory --silent all app $(DEMO)
	@sudo=; [ "$$(id -u)" -eq 0 ] || unshare --user --map-root-user --net --fork --mount-proc true 2>/dev/null || sudo=sudo; \
	    $$sudo $(DEMO) $(BUILD)/init $(BUILD)/healthcheck $(APP)

picture: all app $(DEMO) ## record `make demo` as docs/demo.cast, for asciinema, and draw docs/demo.svg from it, which README shows
	@tools/picture/record 'make demo' docs/demo.cast $(MAKE) --no-print-directory demo
	@tools/picture/draw docs/demo.cast >docs/demo.svg
