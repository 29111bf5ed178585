# dcalc — build, test, measure and install. `make help` lists what there is.
#
# One Makefile without recursion. Each kind of build has a folder of its own, so that no kind makes
# another stale; `make OUT=somewhere` takes any other folder.

BUILD ?= release
# Where `make install` puts things, below DESTDIR.
PREFIX ?= /usr/local
bindir ?= $(PREFIX)/bin
libdir ?= $(PREFIX)/lib
includedir ?= $(PREFIX)/include
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
bashdir ?= $(datadir)/bash-completion/completions
zshdir ?= $(datadir)/zsh/site-functions
fishdir ?= $(datadir)/fish/vendor_completions.d
exampledir ?= $(datadir)/doc/dcalc/examples
unitdir ?= $(PREFIX)/lib/systemd/system
# Debian's own python, which sees Debian's python3-zmq; the first in PATH may be another one.
PYTHON ?= /usr/bin/python3
# Which tests: `make unit TESTS='wire* blob'` is tests/unit/test_wire*.c and test_blob.c.
TESTS ?= *
OUT := build/$(BUILD)
OBJCOPY ?= objcopy
Q := $(if $(V),,@)

.PHONY: all
all: # build the programs

# --- flags -------------------------------------------------------------------------------------

ifeq ($(BUILD),fuzz)
CC := clang
endif

WARNINGS := -Wall -Wextra -pedantic -Wshadow -Wconversion -Wformat=2 -Wundef \
    -Wvla -Wpointer-arith -Wcast-align -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough \
    -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wredundant-decls
ifeq ($(shell $(CC) -dM -E -x c /dev/null 2>/dev/null | grep -c __clang__),0)
# To clang INFINITY and NAN are promoted floats, wherever they stand.
WARNINGS += -Wdouble-promotion -Wlogical-op -Wduplicated-cond -Wjump-misses-init
endif
ifdef DEV
WARNINGS += -Werror
endif

HOOKS := -g -DDC_TEST_HOOKS
ADDRESS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
KIND_release := -O2 -g
KIND_debug := -O0 $(HOOKS)
KIND_asan := -O1 $(HOOKS) $(ADDRESS)
KIND_tsan := -O1 $(HOOKS) -fsanitize=thread
KIND_fuzz := -O1 $(HOOKS) $(ADDRESS) -fsanitize=fuzzer-no-link
ifeq ($(KIND_$(BUILD)),)
$(error BUILD=$(BUILD) is none of release, debug, asan, tsan, fuzz)
endif

LIBRARIES := libzmq jansson sleef libseccomp sqlite3 inih mpfr gmp
# For `dcalc top`; its flags would name an older POSIX than ours.
LIBRARIES_LINKED := ncursesw
ifneq ($(filter-out help clean uninstall format format-check layers shellcheck,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(LIBRARIES) $(LIBRARIES_LINKED) && echo found),found)
$(error a library is missing of $(LIBRARIES) $(LIBRARIES_LINKED): run scripts/install-deps)
endif
endif

# For the prompt, which is there if this is; its header needs no flags.
ifeq ($(shell pkg-config --exists libedit && echo found),found)
FEATURES := -DDC_HAS_LIBEDIT
LIBRARIES_LINKED += libedit
endif

# -ffp-contract=off: workers must agree to the bit, so no compiler may fuse what the text does not.
CFLAGS_ALL := -std=c17 -D_GNU_SOURCE $(FEATURES) -I. -ffp-contract=off -pthread $(WARNINGS) $(KIND_$(BUILD)) \
    $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null) $(CPPFLAGS) $(CFLAGS)
# --as-needed: each program loads only what it uses, since loading is most of a client's start.
LDFLAGS_ALL := -pthread -Wl,--as-needed $(KIND_$(BUILD)) $(LDFLAGS)
LIBS_NET = $(shell pkg-config --libs libzmq)
LIBS_BASE = $(shell pkg-config --libs jansson sleef libseccomp sqlite3 inih mpfr gmp $(LIBRARIES_LINKED)) -lm
LIBS_CHECK = $(shell pkg-config --libs check)
# What a benchmark compares with, if it is there.
LIBS_BENCH = $(shell pkg-config --libs muparser 2>/dev/null)

# --- what is built -----------------------------------------------------------------------------

# Each room is an archive, of which a program takes what it needs. A room that does not compile
# at the moment can be left out: `make unit ROOMS='common broker' TESTS='outbox'`.
ROOMS := common broker worker client
sources = $(filter-out %/main.c client/examples/%,$(foreach room,$(filter $(1),$(ROOMS)),$(wildcard $(room)/*.c $(room)/*/*.c $(room)/*/*/*.c)))
objects = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
ARCHIVES := $(addprefix $(OUT)/lib/,libbroker.a libworker.a libcli.a libdcalc.a libcommon.a)
TEST_LIB := $(OUT)/lib/libtest.a
PROGRAMS := $(patsubst %/main.c,$(OUT)/dcalc-%,$(wildcard $(patsubst %,%/main.c,$(ROOMS))))
PROGRAMS += $(patsubst %/dcalc-client,%/dcalc,$(filter %/dcalc-client,$(PROGRAMS)))

SOURCES_common := $(call sources,common)
SOURCES_broker := $(call sources,broker)
SOURCES_worker := $(call sources,worker)
SOURCES_cli := $(filter client/cli/%,$(call sources,client))
# Who links libdcalc.a needs nothing else of dcalc, and reads no options and no configuration.
SOURCES_dcalc := $(filter-out client/cli/% client/man/% common/option% common/config% \
    common/tables.c,$(call sources,client common))
SOURCES_test := $(wildcard tests/lib/*.c)
SOURCES_sim := $(wildcard tests/sim/*.c)
SOURCES_man := $(wildcard client/man/*.c)

VERSION := $(shell sed -n 's/^.define DC_VERSION "\(.*\)"/\1/p' common/version.h)

.DELETE_ON_ERROR:
.SECONDARY:

all: $(PROGRAMS)

$(OUT)/obj/%.o: %.c $(OUT)/flags
	@echo "  CC  $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(OUT)/lib/libcommon.a: $(call objects,$(SOURCES_common))
$(OUT)/lib/libbroker.a: $(call objects,$(SOURCES_broker))
$(OUT)/lib/libworker.a: $(call objects,$(SOURCES_worker))
$(OUT)/lib/libcli.a: $(call objects,$(SOURCES_cli))
$(OUT)/lib/libdcalc.a: $(call objects,$(SOURCES_dcalc))
$(OUT)/lib/libtest.a: $(call objects,$(SOURCES_test))
$(ARCHIVES) $(TEST_LIB): $(OUT)/members
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@.new
	$(Q)$(AR) rcs $@.new $(filter %.o,$^)
	$(Q)mv $@.new $@

# Two files that hold a text, and are written only when it changes: how objects are made, and which
# ones there are. What depends on them is then made again.
$(OUT)/flags: TEXT = $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL)
$(OUT)/members: TEXT = $(foreach group,common broker worker cli dcalc test sim man peers,$(SOURCES_$(group)))
$(OUT)/flags $(OUT)/members: always
	@mkdir -p $(@D)
	@text='$(subst ','\'',$(TEXT))'; printf '%s\n' "$$text" | cmp -s - $@ || printf '%s\n' "$$text" >$@
.PHONY: always
always:

# $(call link,LIBRARIES): make the target from its objects and archives. The archives are a group,
# as common/tables.h names what is in all of them.
define link
@echo "  LD  $@"
$(Q)mkdir -p $(@D)
$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(1)
endef

$(OUT)/dcalc-broker: $(OUT)/obj/broker/main.o $(ARCHIVES)
$(OUT)/dcalc-worker: $(OUT)/obj/worker/main.o $(ARCHIVES)
$(OUT)/dcalc-client: $(OUT)/obj/client/main.o $(ARCHIVES)
$(OUT)/dcalc-broker $(OUT)/dcalc-worker $(OUT)/dcalc-client:
	$(call link,$(LIBS_NET) $(LIBS_BASE))
$(OUT)/dcalc: $(OUT)/dcalc-client
	$(Q)ln -sf dcalc-client $@

# --- the library for other programs ------------------------------------------------------------
#
# The same sources once more, position-independent: the programs' objects are not, since that costs.
# Of the engine the library reads and prints numbers only; who makes it need more says so here. Both
# kinds of it show a program what dcalc.h declares and no other name.

SOURCES_public := $(filter client/%,$(SOURCES_dcalc))
SOURCES_needed := $(wildcard common/*.c) \
    $(addprefix common/expr/,bigint.c decimal.c number_print.c number_read.c pow10.c value.c)
LIBRARY := $(OUT)/lib/public
SONAME := libdcalc.so.$(firstword $(subst ., ,$(VERSION)))

.PHONY: library
library: $(LIBRARY)/libdcalc.so $(LIBRARY)/libdcalc.a # build what others link: shared and static
ifneq ($(filter release debug,$(BUILD)),)
all: library
endif

$(OUT)/pic/%.o: %.c $(OUT)/flags
	@echo "  CC  $< (library)"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<
$(OUT)/pic/libneeded.a: $(patsubst %.c,$(OUT)/pic/%.o,$(SOURCES_needed)) $(OUT)/members
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)
$(LIBRARY)/libdcalc.so.$(VERSION): $(patsubst %.c,$(OUT)/pic/%.o,$(SOURCES_public)) \
    $(OUT)/pic/libneeded.a client/dcalc.map $(OUT)/members
	@echo "  LD  $@"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS_ALL) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs \
	    -Wl,--version-script=client/dcalc.map -o $@ $(filter %.o %.a,$^) $(LIBS_NET) \
	    $(shell pkg-config --libs jansson) -lm
$(LIBRARY)/libdcalc.so: $(LIBRARY)/libdcalc.so.$(VERSION)
	$(Q)ln -sf $(<F) $(@D)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@
# One object of which all other names are taken away, so that they cannot meet a program's own.
$(LIBRARY)/libdcalc.a: $(patsubst %.c,$(OUT)/pic/%.o,$(SOURCES_public)) $(OUT)/pic/libneeded.a $(OUT)/members
	@echo "  AR  $@"
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@
	$(Q)$(LD) -r -o $(@D)/dcalc.o $(filter %.o %.a,$^)
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='dcalc_*' $(@D)/dcalc.o
	$(Q)$(AR) rcs $@ $(@D)/dcalc.o

# --- tests -------------------------------------------------------------------------------------
#
# Every tests/unit/test_NAME.c is a program, and so in scenarios/, expr/ and integration/; all of
# tests/sim/ is one. Except for those of integration/ they are linked without libzmq: a core that
# grew a socket would not link. They run in the top folder, with DCALC_BIN naming the programs'.

# $(call chosen,FOLDER/PREFIX,ENDING): the files that TESTS picks, which may be several patterns.
chosen = $(sort $(foreach pattern,$(TESTS),$(wildcard tests/$(1)$(pattern)$(2))))
tests = $(patsubst %.c,$(OUT)/%,$(call chosen,$(1)/test_,.c))
UNIT := $(call tests,unit)
THREADS := $(filter $(addprefix $(OUT)/tests/unit/test_,blob runner sandbox store% thread),$(UNIT))
SCENARIOS := $(call tests,scenarios)
EXPR := $(call tests,expr)
INTEGRATION := $(call tests,integration)
INTEGRATION_SCRIPTS := $(call chosen,integration/test_,.py) $(call chosen,integration/test_,.sh)
# Texts and terminals: whatever threads do, these are one program's, one after the other.
FACE := completion config documents dry_run examples explain install locale man plain prompt screens scripts
INTEGRATION_THREADS := $(filter-out $(FACE:%=tests/integration/test_%.py) $(FACE:%=tests/integration/test_%.sh),\
    $(INTEGRATION_SCRIPTS))
SIM := $(if $(SOURCES_sim),$(OUT)/tests/sim/sim)
SIM_SCRIPTS := $(call chosen,sim/test_,.sh)
FUZZ := $(patsubst %.c,$(OUT)/%,$(call chosen,fuzz/fuzz_,.c))

$(OUT)/tests/%: $(OUT)/obj/tests/%.o $(TEST_LIB) $(ARCHIVES)
	$(call link,$(LIBS_BASE) $(LIBS_CHECK))
$(OUT)/tests/integration/%: $(OUT)/obj/tests/integration/%.o $(TEST_LIB) $(ARCHIVES)
	$(call link,$(LIBS_NET) $(LIBS_BASE) $(LIBS_CHECK))
# The guide's programs are written with this.
$(OUT)/tests/integration/test_guide: LIBS_NET += $(shell pkg-config --libs libczmq)
$(OUT)/tests/sim/sim: $(call objects,$(SOURCES_sim)) $(TEST_LIB) $(ARCHIVES) $(OUT)/members
	$(call link,$(LIBS_BASE) $(LIBS_CHECK))

# What the simulation finds of each of tests/sim/defects, in a line. The one file that a patch changes
# is compiled so changed, and stands before the archives, which have it without the defect.
DEFECTS := $(patsubst tests/sim/defects/%.patch,$(OUT)/defects/%,$(call chosen,sim/defects/,.patch))
$(OUT)/defects/%: tests/sim/defects/%.patch tests/sim/defects/apply.sh tests/sim/defects/find.sh $(SIM)
	$(Q)mkdir -p $(@D)
	$(Q)sh tests/sim/defects/apply.sh $< $@.c >$@ 2>&1 \
	    && $(CC) $(CFLAGS_ALL) -w -c -o $@.o $@.c >$@ 2>&1 \
	    && $(CC) $(LDFLAGS_ALL) -o $@.sim $@.o $(call objects,$(SOURCES_sim)) $(TEST_LIB) $(ARCHIVES) \
	        $(LIBS_BASE) $(LIBS_CHECK) >$@ 2>&1 \
	    && sh tests/sim/defects/find.sh $@.sim $< >$@; rm -f $@.?*

# A fuzzer has either libFuzzer's main or ours, which needs no clang.
FUZZ_MAIN_fuzz := -fsanitize=fuzzer
FUZZ_MAIN := $(if $(FUZZ_MAIN_$(BUILD)),,$(OUT)/obj/tests/fuzz/main.o)
$(OUT)/tests/fuzz/%: $(OUT)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(TEST_LIB) $(ARCHIVES)
	$(call link,$(FUZZ_MAIN_$(BUILD)) $(LIBS_BASE) $(LIBS_CHECK))

TEST_JOBS ?= $(shell nproc)
RUN = $(Q)PYTHON=$(PYTHON) scripts/run-tests --bin $(OUT) --kind $(BUILD) --jobs $(TEST_JOBS) \
    $(if $(TOTALS),--totals $(TOTALS))

.PHONY: tests tests-threads unit threads scenarios expr sim defects check-defects integration \
    integration-threads fuzz check check-all
tests: $(UNIT) $(SCENARIOS) $(EXPR) $(SIM) $(FUZZ) $(INTEGRATION) # build all tests
unit: $(UNIT) # run tests/unit; TESTS='wire*' picks some, TEST_JOBS=1 runs one at a time
	$(RUN) $^
tests-threads: $(THREADS) $(INTEGRATION) # build those that have threads
threads: $(THREADS) # run the unit tests that have threads
	$(RUN) $^
scenarios: $(SCENARIOS) # run the broker's scenarios
	$(RUN) $^
expr: $(EXPR) # run the tables of expressions
	$(RUN) $^
sim: export DEFECTS_SECONDS ?= 120
sim: TEST_JOBS = 1
sim: $(SIM) # simulate the cluster in virtual time
	$(RUN) $^ $(SIM_SCRIPTS)
defects: $(DEFECTS)
check-defects: $(SIM) # see that the simulation finds each of tests/sim/defects
	$(RUN) --limit 3600 tests/sim/test_defects.sh
integration: $(INTEGRATION) all man # run real processes on loopback
	$(RUN) $(INTEGRATION) $(INTEGRATION_SCRIPTS)
integration-threads: $(INTEGRATION) all # run those whose outcome threads could change
	$(RUN) $(INTEGRATION) $(INTEGRATION_THREADS)
ifeq ($(BUILD),fuzz)
FUZZ_SECONDS ?= 60
fuzz: $(FUZZ) # replay and mutate the corpus; BUILD=fuzz is libFuzzer, FUZZ_SECONDS for each
	$(Q)for fuzzer in $^; do \
	    name=$${fuzzer##*/fuzz_}; new=$(OUT)/corpus/$$name; old=tests/fuzz/corpus/$$name; \
	    mkdir -p $$new; test -d $$old || old=; \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$$new- $$new $$old || exit 1; \
	done
else
fuzz: $(FUZZ)
	$(RUN) $^
endif
check: $(UNIT) $(SCENARIOS) $(EXPR) $(SIM) $(FUZZ) # run all that needs no network
	$(RUN) $^ $(SIM_SCRIPTS)
check-all: all tests man # run everything in this kind of build; scripts/check runs what each kind is for
	$(RUN) $(UNIT) $(SCENARIOS) $(EXPR) $(SIM) $(SIM_SCRIPTS) $(FUZZ) $(INTEGRATION) $(INTEGRATION_SCRIPTS)

# --- measurements ------------------------------------------------------------------------------
#
# Programs that begin with bench_ and all scripts in tests/bench/ are run; the other programs there
# are what these compare with.

BENCH := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(wildcard tests/bench/*.c))
$(OUT)/bench/%: $(OUT)/obj/tests/bench/%.o $(TEST_LIB) $(ARCHIVES)
	$(call link,$(LIBS_NET) $(LIBS_BASE) $(LIBS_CHECK) $(LIBS_BENCH))

.PHONY: bench
bench: all $(BENCH) # measure rates, as ratios within one run
	$(Q)export DCALC_BIN="$$(cd $(OUT) && pwd)" PYTHON=$(PYTHON); \
	for program in $(filter $(OUT)/bench/bench_%,$(BENCH)); do $$program || exit 1; done; \
	for script in $(wildcard tests/bench/*.sh); do sh $$script || exit 1; done; \
	for script in $(wildcard tests/bench/*.py); do $(PYTHON) $$script || exit 1; done

# Other queues, those that are installed: scripts/install-deps --for peers.
PEER_LIBRARIES := $(shell for library in gearmand hiredis; do pkg-config --exists $$library && echo $$library; done)
PEER_FLAGS := $(if $(filter gearmand,$(PEER_LIBRARIES)),-DHAVE_GEARMAN) $(if $(filter hiredis,$(PEER_LIBRARIES)),-DHAVE_HIREDIS)
SOURCES_peers := $(filter-out $(if $(filter gearmand,$(PEER_LIBRARIES)),,%/gearman.c) $(if $(filter hiredis,$(PEER_LIBRARIES)),,%/redis.c),\
    $(wildcard tests/bench/peers/*.c))
$(call objects,tests/bench/peers/peers.c): CFLAGS_ALL += $(PEER_FLAGS)
$(OUT)/bench/peers: $(call objects,$(SOURCES_peers)) $(TEST_LIB) $(ARCHIVES) $(OUT)/members
	$(call link,$(LIBS_NET) $(LIBS_BASE) $(LIBS_CHECK) $(if $(PEER_LIBRARIES),$(shell pkg-config --libs $(PEER_LIBRARIES))))

.PHONY: bench-peers
bench-peers: all $(OUT)/bench/peers # compare with what people would pick instead
	$(Q)DCALC_BIN="$$(cd $(OUT) && pwd)" $(PYTHON) tests/bench/peers/bench_peers.py

# --- care --------------------------------------------------------------------------------------

# What is looked at: everything, or FILES='broker/core/core.c scripts/check'.
C_FILES = $(filter %.c %.h,$(or $(FILES),$(shell find $(wildcard common broker worker client tests) -name '*.[ch]')))
SHELL_FILES = $(filter-out %.c %.h %.py scripts/systemd scripts/tidy,$(or $(FILES),$(wildcard scripts/* .ci/run tests/*/*.sh tests/*/*/*.sh)))
LINT := build/lint
# It takes all cores, and tells all that it finds.
ifneq ($(filter lint tidy,$(MAKECMDGOALS)),)
MAKEFLAGS += --jobs=$(shell nproc) --keep-going --output-sync
endif

.PHONY: lint tidy cppcheck layers globals format-check shellcheck format
lint: layers globals format-check shellcheck cppcheck tidy # all of the following six; FILES='...' names some files
layers: # who may include whom, and how long lines may be
	$(Q)scripts/layers
globals: all tests man # what is global and need not be
	$(Q)scripts/globals $(OUT)
format-check: # is everything formatted?
	$(Q)$(if $(C_FILES),clang-format --dry-run --Werror $(C_FILES))
shellcheck: # shell scripts
	$(Q)$(if $(SHELL_FILES),shellcheck $(SHELL_FILES))
# cppcheck loses itself in uthash's loops and in compound literals; the compilers and tidy look for
# what is left out here.
CPPCHECK = cppcheck --quiet --enable=warning,performance,portability --inline-suppr --std=c11 -I. \
    --suppress=uninitvar --suppress=internalAstError --error-exitcode=1 -j $(shell nproc) \
    --cppcheck-build-dir=$(LINT)/cppcheck
cppcheck: # C, quickly
	$(Q)mkdir -p $(LINT)/cppcheck
	$(Q)$(if $(filter %.c,$(C_FILES)),$(CPPCHECK) $(filter %.c,$(C_FILES)))
tidy: $(patsubst %.c,$(LINT)/%.tidy,$(filter %.c,$(C_FILES))) # C, thoroughly: files that have changed since they were tidy
$(LINT)/%.tidy: %.c .clang-tidy
	@echo "  TIDY $<"
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS_ALL) -Iclient -MM -MP -MT $@ -MF $(@:.tidy=.d) $<
	$(Q)touch $@.new
	$(Q)found=$$(clang-tidy --quiet $< -- -Iscripts/tidy $(CFLAGS_ALL) -Iclient 2>&1) || { printf '%s\n' "$$found"; false; }
	$(Q)mv $@.new $@
format: # format all C files
	clang-format -i $(C_FILES)
# For editors.
compile_commands.json: $(OUT)/flags $(OUT)/members
	$(Q){ printf '['; comma=; for file in $(filter %.c,$(C_FILES)); do \
	    printf '%s\n{ "directory": "%s", "file": "%s", "command": "%s" }' \
	        "$$comma" '$(CURDIR)' "$$file" '$(CC) $(CFLAGS_ALL) -Iclient -c '"$$file"; comma=,; \
	done; printf '\n]\n'; } >$@

# What is installed beside programs and library is taken from where it stands: units and their like
# in scripts/systemd. Man pages (NAME.SECTION, in any room's man folder) get what is known from
# tables.
EXAMPLES := $(wildcard client/examples/*)
UNITS := $(wildcard scripts/systemd/*.service scripts/systemd/*.target)
MAN_SOURCES := $(foreach section,1 5 7 8,$(wildcard */man/*.$(section)))
MAN_PAGES := $(addprefix $(OUT)/man/,$(notdir $(MAN_SOURCES)))
man_path = $(mandir)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
NAMES := dcalc dcalc-client dcalc-broker dcalc-worker
INSTALLED := $(addprefix $(bindir)/,$(NAMES)) \
    $(addprefix $(bashdir)/,$(NAMES)) $(zshdir)/_dcalc $(NAMES:%=$(fishdir)/%.fish) \
    $(addprefix $(libdir)/,libdcalc.a libdcalc.so $(SONAME) libdcalc.so.$(VERSION) pkgconfig/dcalc.pc) \
    $(includedir)/dcalc.h $(addprefix $(exampledir)/,$(notdir $(EXAMPLES))) $(addprefix $(unitdir)/,$(notdir $(UNITS))) \
    $(foreach page,$(MAN_PAGES),$(call man_path,$(page)))

$(OUT)/man-parts: $(call objects,$(SOURCES_man)) $(ARCHIVES) $(OUT)/members
	$(call link,$(LIBS_BASE))
define man_page
$(OUT)/man/$(notdir $(1)): $(1) $(OUT)/man-parts
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(OUT)/man-parts <$$< >$$@
endef
$(foreach page,$(MAN_SOURCES),$(eval $(call man_page,$(page))))
.PHONY: man
man: $(MAN_PAGES) # make the manual pages

# The client knows what can be completed. A shell looks for a file of the command's name.
$(OUT)/completion.%: $(OUT)/dcalc-client
	$(Q)$< completion $* >$@

.PHONY: install uninstall clean help
install: all library man $(addprefix $(OUT)/completion.,bash zsh fish) # install into PREFIX (/usr/local), below DESTDIR; see also bindir, libdir, ...
	$(Q)install -d $(sort $(dir $(addprefix $(DESTDIR),$(INSTALLED))))
	$(Q)install $(filter-out %/dcalc,$(PROGRAMS)) $(DESTDIR)$(bindir)
	$(Q)ln -sf dcalc-client $(DESTDIR)$(bindir)/dcalc
	$(Q)install -m 644 $(LIBRARY)/libdcalc.a $(LIBRARY)/libdcalc.so.$(VERSION) $(DESTDIR)$(libdir)
	$(Q)ln -sf libdcalc.so.$(VERSION) $(DESTDIR)$(libdir)/$(SONAME)
	$(Q)ln -sf $(SONAME) $(DESTDIR)$(libdir)/libdcalc.so
	$(Q)install -m 644 client/dcalc.h $(DESTDIR)$(includedir)
	$(Q)install -m 644 $(EXAMPLES) $(DESTDIR)$(exampledir)
	$(Q)sed -e 's|@includedir@|$(includedir)|;s|@libdir@|$(libdir)|;s|@version@|$(VERSION)|' \
	    client/dcalc.pc.in >$(DESTDIR)$(libdir)/pkgconfig/dcalc.pc
	$(Q)for unit in $(UNITS); do sed 's|/usr/local/bin|$(bindir)|' $$unit \
	    >$(DESTDIR)$(unitdir)/$${unit##*/} || exit 1; done
	$(Q)install -m 644 $(OUT)/completion.bash $(DESTDIR)$(bashdir)/dcalc
	$(Q)install -m 644 $(OUT)/completion.zsh $(DESTDIR)$(zshdir)/_dcalc
	$(Q)install -m 644 $(OUT)/completion.fish $(DESTDIR)$(fishdir)/dcalc.fish
	$(Q)for name in $(filter-out dcalc,$(NAMES)); do ln -sf dcalc $(DESTDIR)$(bashdir)/$$name && \
	    ln -sf dcalc.fish $(DESTDIR)$(fishdir)/$$name.fish || exit 1; done
	$(Q)$(foreach page,$(MAN_PAGES),install -m 644 $(page) $(DESTDIR)$(call man_path,$(page)) &&) :
uninstall: # remove what `make install` puts there, with the same PREFIX and DESTDIR
	$(Q)rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	$(Q)rmdir $(DESTDIR)$(exampledir) $(dir $(DESTDIR)$(exampledir)) 2>/dev/null || true
clean: # remove everything that was built
	rm -rf build compile_commands.json
help: # print this list
	@echo "make [TARGET] [BUILD=release|debug|asan|tsan|fuzz] [DEV=1: warnings are errors] [V=1]"
	@sed -n 's/^\([a-z-]*\):[^#=]*# \(.*\)/\1\t\2/p' Makefile | expand -t 20

-include $(shell find $(OUT)/obj $(OUT)/pic $(LINT) -name '*.d' 2>/dev/null)
