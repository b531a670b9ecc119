# ppalette: `make run` monitors, `make test` proves it. Both install what they need first.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
STATE_DIR ?= var
CONFIG ?= etc/ppalette.yaml
# Undeclared imports between targets are errors; a clean build finds them all.
BUILD_FLAGS = --explicit-target-dependency-import-check error
# Generic queues are compiled for what they carry, across modules.
OPTIMIZED = $(BUILD_FLAGS) -c release -Xswiftc -cross-module-optimization
RELEASE = $(OPTIMIZED) --static-swift-stdlib
# A crash must not leave the toolchain's backtracer behind.
export SWIFT_BACKTRACE ?= enable=no

# Seconds that every parser is fed with random input, and the first seed.
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 1

.PHONY: run demo-distributed test torture fuzz sanitize check gates bench install packages test-packages build format

run: packages
	@$(SWIFT) build $(OPTIMIZED) --product ppalette
	@$(SWIFT) build $(OPTIMIZED) --product ppadm
	@.build/release/ppalette run --config $(CONFIG) --state-dir $(STATE_DIR)

# RabbitMQ, PostgreSQL, a head, a recorder and three workers on this machine for a minute; one worker is killed and every run is
# counted. BINARIES=/usr/bin takes programs of another folder.
demo-distributed: test-packages
	@$(SWIFT) build $(OPTIMIZED) --product ppalette
	@$(SWIFT) build $(OPTIMIZED) --product ppadm
	@share/demo/distributed

# All tests, or those of one target: make test T=Scheduling
test: test-packages
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	SWIFT=$(SWIFT) .ci/tests $(T)

# Storms on the real engine, each with an audit of every run; some 35 minutes on an idle machine, and a table
# at the end. One of them: make torture T=PowerCuts. `make test` runs a short form.
torture: test-packages
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	$(SWIFT) build $(OPTIMIZED) --product ppalette
	TORTURE=full TEST_BINARIES=.build/release timeout --kill-after 10 3000 \
	  $(SWIFT) test --skip-build --filter '^TortureTests\..*$(T)'

# Random input for every parser; what it finds comes back with the seed that it prints.
fuzz: test-packages
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$(FUZZ_SEED) $(SWIFT) test --skip-build --filter '^FuzzTests\.'

# The tests under sanitizers, each with a build of its own: make sanitize, make sanitize S=thread T="Posix Execution"
S ?= address thread
sanitize: test-packages
	@for kind in $(S); do SWIFT="$(SWIFT)" .ci/sanitize $$kind $(T) || exit 1; done

# What must hold beyond the tests: format, file length, C only in kits.
gates:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	.ci/gates

check: gates
	rm -rf .build
	$(MAKE) test

bench: test-packages
	@.ci/packages bench
	$(SWIFT) build $(RELEASE)
	.build/release/ppbench $(B)

build: packages
	$(SWIFT) build $(RELEASE)

# Places for a package: DESTDIR=/tmp/x PREFIX=/usr. The configuration is never overwritten; the units and the
# sample configuration get the paths of PREFIX.
SHARE = $(DESTDIR)$(PREFIX)/share
LIB = $(DESTDIR)$(PREFIX)/lib
PUT = install -D -m 644

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(LIB)/ppalette/plugins $(SHARE)/ppalette $(SHARE)/doc/ppalette
	install -m 755 -s .build/release/ppalette .build/release/ppadm $(DESTDIR)$(PREFIX)/bin
	install -m 755 plugins/check_* $(LIB)/ppalette/plugins
	cp -R share/schema share/warm $(SHARE)/ppalette
	cp -R share/doc/. README.md CHANGELOG.md LICENSE $(SHARE)/doc/ppalette
	$(PUT) plugins/README.md $(SHARE)/doc/ppalette/plugins.md
	$(PUT) share/man/ppadm.1 $(SHARE)/man/man1/ppadm.1
	$(PUT) share/man/ppalette.8 $(SHARE)/man/man8/ppalette.8
	for name in ppadm ppalette; do \
	  $(PUT) share/completions/$$name.bash $(SHARE)/bash-completion/completions/$$name; \
	  $(PUT) share/completions/_$$name $(SHARE)/zsh/site-functions/_$$name; \
	  $(PUT) share/completions/$$name.fish $(SHARE)/fish/vendor_completions.d/$$name.fish; \
	done
	test -e $(DESTDIR)/etc/ppalette/ppalette.yaml || { \
	  install -d -m 755 $(DESTDIR)/etc/ppalette && \
	  $(PUT) etc/objects.yaml $(DESTDIR)/etc/ppalette/objects.yaml && \
	  sed 's|\.\./plugins|$(PREFIX)/lib/ppalette/plugins|' etc/ppalette.yaml | \
	  $(PUT) /dev/stdin $(DESTDIR)/etc/ppalette/ppalette.yaml; }
	for name in ppalette ppalette-head ppalette-worker; do \
	  sed 's|/usr/bin/|$(PREFIX)/bin/|' etc/systemd/$$name.service | \
	    $(PUT) /dev/stdin $(LIB)/systemd/system/$$name.service; \
	done
	$(PUT) etc/systemd/ppalette.sysusers $(LIB)/sysusers.d/ppalette.conf
	$(PUT) etc/systemd/ppalette.tmpfiles $(LIB)/tmpfiles.d/ppalette.conf

packages:
	@.ci/packages build

test-packages:
	@.ci/packages build test

format:
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift
