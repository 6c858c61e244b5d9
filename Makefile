# One non-recursive Makefile. `make` builds build/svod; SAN=1 builds everything with sanitizers under build/san;
# CROSS=aarch64-linux-gnu- SYSROOT=... builds for another machine under build/<triple>. A source file is added by creating it.

CROSS   ?=
SYSROOT ?=
SAN     ?=
CC    := $(CROSS)gcc

ifneq ($(CROSS),)
  OUT := build/$(patsubst %-,%,$(CROSS))
else ifneq ($(SAN),)
  OUT := build/san
else
  OUT := build
endif

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-format-zero-length -Werror
CFLAGS   := -std=gnu17 -g $(WARNINGS) -Isrc -D_GNU_SOURCE -pthread
LDLIBS   := -lsqlite3 -lmosquitto -lssl -lz -lcrypto -lmicrohttpd -lsodium -ljansson -lcurl -lxlsxwriter -lminizip -lexpat -lm -pthread

# Of 32 bits: moments and files know no 2038 and no 2 GB. No function of a library that we call has a time_t in it.
ifneq ($(SYSROOT),)
  CFLAGS  += --sysroot=$(SYSROOT) -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
  LDFLAGS += --sysroot=$(SYSROOT)
  CFLAGS  += -Wno-error=conversion # what narrows only where size_t has 32 bits is told, and stops nobody else's work
endif

ifneq ($(SAN),)
  CFLAGS  += -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
  LDFLAGS += -fsanitize=address,undefined
else
  CFLAGS  += -O2
endif

SOURCES := $(wildcard src/*/*.c src/*/*/*.c src/*/*.S)
OBJECTS := $(patsubst %,$(OUT)/%.o,$(SOURCES))
MAIN    := $(OUT)/src/main.c.o
TESTS   := $(patsubst tests/%.c,$(OUT)/tests/%,$(wildcard tests/*/test_*.c))
BENCHES := $(patsubst bench/%.c,$(OUT)/bench/%,$(wildcard bench/*.c))
BENCH_HELPERS := $(patsubst %,$(OUT)/%.o,$(wildcard bench/support/*.c))
HELPERS := $(patsubst %,$(OUT)/%.o,$(wildcard tests/support/*.c))

# The web app: built once whatever the program is built for, carried by the program as one object.
WEB_SOURCES := $(shell find web/src web/public web/scripts web/index.html web/vite.config.ts web/package-lock.json -type f)
WEB := $(OUT)/web/bundle.c.o

.PHONY: all tests benches clean
all: $(OUT)/svod
tests: $(TESTS)
benches: $(BENCHES)

$(OUT)/svod: $(MAIN) $(OBJECTS) $(WEB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/tests/%: $(OUT)/tests/%.c.o $(HELPERS) $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(OUT)/bench/%: $(OUT)/bench/%.c.o $(BENCH_HELPERS) $(OBJECTS)
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The page «О программе» tells the revision: one file is compiled anew when it moves.
REVISION := $(shell git describe --always --dirty --abbrev=12 2>/dev/null)
$(shell mkdir -p $(OUT); [ "$$(cat $(OUT)/revision 2>/dev/null)" = "$(REVISION)" ] || printf '%s' '$(REVISION)' >$(OUT)/revision)
$(OUT)/src/api/house/routes_system.c.o: $(OUT)/revision
$(OUT)/src/api/house/routes_system.c.o: CFLAGS += -DSVOD_REVISION='"$(REVISION)"'

$(OUT)/tests/%.c.o: CFLAGS += -Itests
$(OUT)/bench/%.c.o: CFLAGS += -Ibench -Itests

$(OUT)/%.c.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/%.S.o: %.S
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

build/web/bundle.c: $(WEB_SOURCES) web/node_modules/.package-lock.json
	@mkdir -p build/web
	cd web && SVOD_WEB_OUT=../build/web/dist npx --no-install vite build --logLevel warn
	node web/scripts/embed.mjs build/web/dist $@

$(WEB): build/web/bundle.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

clean:
	rm -rf build

.SECONDARY:
-include $(shell find $(OUT) -path build/sysroot -prune -o -name '*.d' -print 2>/dev/null)
