# dcalc — build, test and measure. `make help` lists what there is.
#
# One Makefile without recursion. Objects of each kind of build live in their own folder, so that
# no kind makes another stale:  make BUILD=release|debug|asan|tsan

BUILD ?= release
CC ?= cc
OUT := build/$(BUILD)
Q := $(if $(V),,@)

# --- flags -------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -pedantic -Wshadow -Wconversion -Wdouble-promotion -Wformat=2 -Wundef \
    -Wvla -Wpointer-arith -Wcast-align -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough \
    -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wredundant-decls
ifeq ($(shell $(CC) -dM -E -x c /dev/null | grep -c __clang__),0)
WARNINGS += -Wlogical-op -Wduplicated-cond -Wjump-misses-init
endif
ifdef DEV
WARNINGS += -Werror
endif

KIND_release := -O2 -g
KIND_debug := -O0 -g -DDC_TEST_HOOKS
KIND_asan := -O1 -g -DDC_TEST_HOOKS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
KIND_tsan := -O1 -g -DDC_TEST_HOOKS -fsanitize=thread
ifeq ($(KIND_$(BUILD)),)
$(error BUILD=$(BUILD) is none of release, debug, asan, tsan)
endif

LIBRARIES := libzmq libczmq jansson sleef libseccomp
# -ffp-contract=off: workers must agree to the bit, so no compiler may fuse what the text does not.
CFLAGS_ALL := -std=c17 -D_GNU_SOURCE -I. -ffp-contract=off -pthread $(WARNINGS) $(KIND_$(BUILD)) \
    $(shell pkg-config --cflags $(LIBRARIES)) $(CFLAGS)
LDFLAGS_ALL := -pthread $(KIND_$(BUILD)) $(LDFLAGS)
LIBS_NET := $(shell pkg-config --libs libzmq libczmq)
LIBS_BASE := $(shell pkg-config --libs jansson sleef) -lm
LIBS_CHECK := $(shell pkg-config --libs check)

# --- what is built -----------------------------------------------------------------------------

sources = $(filter-out %/main.c,$(wildcard $(1)/*.c))
objects = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
archive = $(OUT)/lib/lib$(1).a

COMMON := $(call archive,common)
BROKER := $(call archive,broker)
WORKER := $(call archive,worker)
CLIENT := $(call archive,dcalc)
PROGRAMS := $(addprefix $(OUT)/,dcalc-broker dcalc-worker dcalc-client dcalc)

.PHONY: all
all: $(PROGRAMS)

$(COMMON): $(call objects,$(call sources,common) $(call sources,common/expr))
$(BROKER): $(call objects,$(call sources,broker))
$(WORKER): $(call objects,$(call sources,worker))
$(CLIENT): $(call objects,$(call sources,client))
$(OUT)/lib/%.a:
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(OUT)/dcalc-broker: $(OUT)/obj/broker/main.o $(BROKER) $(COMMON)
$(OUT)/dcalc-worker: $(OUT)/obj/worker/main.o $(WORKER) $(COMMON)
$(OUT)/dcalc-worker: LIBS_MORE := $(shell pkg-config --libs libseccomp)
$(OUT)/dcalc-client: $(OUT)/obj/client/main.o $(CLIENT) $(COMMON)
$(OUT)/dcalc-broker $(OUT)/dcalc-worker $(OUT)/dcalc-client:
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_NET) $(LIBS_BASE) $(LIBS_MORE)
$(OUT)/dcalc: $(OUT)/dcalc-client
	$(Q)ln -sf dcalc-client $@

$(OUT)/obj/%.o: %.c Makefile
	$(Q)mkdir -p $(@D)
	@echo "  CC  $@"
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# --- tests -------------------------------------------------------------------------------------

# Each tests/unit/test_NAME.c is a program of its own, linked without libzmq: a core that grew a
# socket would not link.
UNIT := $(patsubst tests/unit/%.c,$(OUT)/tests/unit/%,$(wildcard tests/unit/test_*.c))
TEST_LIB := $(call objects,$(wildcard tests/lib/*.c))
.SECONDARY:
$(OUT)/tests/unit/%: $(OUT)/obj/tests/unit/%.o $(TEST_LIB) $(BROKER) $(WORKER) $(CLIENT) $(COMMON)
	$(Q)mkdir -p $(@D)
	@echo "  LD  $@"
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS_BASE) $(LIBS_CHECK)

.PHONY: unit check
unit: $(UNIT)
	$(Q)for test in $(UNIT); do $$test || exit 1; done
check: unit

.PHONY: clean help
clean: # remove everything that was built
	rm -rf build
help: # this list
	@echo "make [BUILD=release|debug|asan|tsan] [DEV=1] [V=1]   programs in build/BUILD/"
	@sed -n 's/^\([a-z-]*\):.*# \(.*\)/make \1: \2/p' Makefile

-include $(shell find $(OUT)/obj -name '*.d' 2>/dev/null)
