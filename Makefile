# ppalette: `make run` monitors, `make test` proves it. Both install what they need first.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
STATE_DIR ?= var
CONFIG ?= etc/ppalette.yaml
# Undeclared imports between targets are errors; a clean build finds them all.
BUILD_FLAGS = --explicit-target-dependency-import-check error
RELEASE = $(BUILD_FLAGS) -c release --static-swift-stdlib
# A crash must not leave the toolchain's backtracer behind.
export SWIFT_BACKTRACE ?= enable=no

# Seconds that every parser is fed with random input, and the first seed.
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 1

.PHONY: run test fuzz check gates bench install packages test-packages build format

run: packages
	@$(SWIFT) build $(BUILD_FLAGS) -c release --product ppalette
	@$(SWIFT) build $(BUILD_FLAGS) -c release --product ppadm
	@.build/release/ppalette run --config $(CONFIG) --state-dir $(STATE_DIR)

# All tests, or those of one target: make test T=Scheduling
test: test-packages
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	$(SWIFT) test --skip-build $(if $(T),--filter '^$(T)Tests\.')

# Random input for every parser; what it finds comes back with the seed that it prints.
fuzz: test-packages
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$(FUZZ_SEED) $(SWIFT) test --skip-build --filter '^FuzzTests\.'

# What must hold beyond the tests: format, file length, C only in kits.
gates:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	.ci/gates

check: gates
	rm -rf .build
	$(MAKE) test

bench: test-packages
	$(SWIFT) build $(RELEASE)
	.build/release/ppbench $(B)

build: packages
	$(SWIFT) build $(RELEASE)

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/ppalette $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 -s .build/release/ppalette .build/release/ppadm $(DESTDIR)$(PREFIX)/bin
	cp -R share/* plugins $(DESTDIR)$(PREFIX)/share/ppalette
	install -m 644 share/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -D -m 644 share/completions/ppadm.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ppadm
	install -D -m 644 share/completions/_ppadm $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ppadm
	install -D -m 644 share/completions/ppadm.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ppadm.fish
	install -d $(DESTDIR)/etc/ppalette
	test -e $(DESTDIR)/etc/ppalette/ppalette.yaml || \
	  install -m 644 etc/ppalette.yaml etc/objects.yaml $(DESTDIR)/etc/ppalette
	install -D -m 644 etc/systemd/ppalette.service $(DESTDIR)$(PREFIX)/lib/systemd/system/ppalette.service

packages:
	@.ci/packages build

test-packages:
	@.ci/packages build test

format:
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift
