# The demo application (static, musl, libmicrohttpd) and `make demo`, which shows both products at work on it.

APP := $(BUILD)/app

$(APP): examples/app/app.c $(MHD_TARGET)
	@mkdir -p $(@D)
	$(TARGET_CC) $(CFLAGS_PRODUCT) $(MHD_CFLAGS) $(LDFLAGS_PRODUCT) -o $@ $< $(MHD_LIBS)
