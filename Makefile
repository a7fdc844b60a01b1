# The verbs of flowlab. `make demo` and `make test` are all that a newcomer needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# One build configuration for everything, so that tests, demo and daemon are the same code. An import that Package.swift
# does not declare is an error in every build.
SWIFT_FLAGS := -c release --explicit-target-dependency-import-check error
SWIFT_BUILD := swift build $(SWIFT_FLAGS)
# Tests go through public doors only; without testable imports they share the build.
SWIFT_TEST := swift test $(SWIFT_FLAGS) --disable-testable-imports --parallel
BIN = $(shell swift build -c release --show-bin-path)

export SWIFT_BACKTRACE := enable=no

.PHONY: help setup build test scenarios lint format check demo bench proof-test simulate day soak mutants interop fuzz docs dictionary clean \
    install uninstall deb e2e firmware test-firmware

help:
	@echo "make setup    install the Debian packages that the build needs (does nothing when all is there)"
	@echo "make build    build everything (release)"
	@echo "make test     all test suites; about half an hour after the build"
	@echo "make scenarios  every way in which the bench can fail, one line each, judged by the truth; 3 minutes at most after a build"
	@echo "make check    style, layering and tidiness; 3 minutes at most after a build"
	@echo "make demo     simulated bench, daemon and a campaign of $$(($(EXPERIMENTS) + 5)) experiments; under 4 minutes after the build"
	@echo "              (make demo EXPERIMENTS=9 SEED=7 SPEED=22)"
	@echo "make bench    figures, each as a ratio to a floor or a peer of the same run (make bench ROWS='api_read archive'); 6 minutes"
	@echo "make simulate the whole daemon under a virtual clock with all that can go wrong, SEEDS (40) of them; see docs/trials.md"
	@echo "make soak     the daemon under good and hostile clients while things break, MINUTES (2) long; see docs/soak.md"
	@echo "make mutants  whether that would notice: bugs are planted in a copy; minutes each"
	@echo "make day      the reference day: 24 h of trial with something going wrong every 15 minutes; 12 minutes or more"
	@echo "make proof-test  every interlock of the simulated bench is shown its cause"
	@echo "make interop  the drivers and simulators against software we did not write"
	@echo "make fuzz     every reader of foreign bytes under a fuzzer, FUZZ_SECONDS (60) each; a quarter of an hour and the build"
	@echo "make docs     method reference, manual pages and completions anew from the programs' own tables"
	@echo "make dictionary  messages of the board protocol anew, in C and Swift, from firmware-protocol/dictionary.json"
	@echo "make firmware  the firmware of both boards, its size held against the chips"
	@echo "make test-firmware  it in emulators, alone and under the daemon; 4 minutes after a build"
	@echo "make deb      the Debian package, in dist/; 5 minutes, since it is built with Swift's runtime inside"
	@echo "make e2e      the package under a real systemd in a container: boot, crash, hang, upgrade, removal; needs root"
	@echo "make install  PREFIX=/usr/local DESTDIR=   and make uninstall"
	@echo "make lint format clean"

setup:
	@scripts/setup

build: setup
	$(SWIFT_BUILD) --build-tests

test: build
	$(SWIFT_TEST)
	scripts/test-determinism $(BIN)
	scripts/test-safety $(BIN)
	scripts/test-benches $(BIN)
	scripts/test-docs $(BIN)
	scripts/test-ctl $(BIN)
	scripts/test-kill $(BIN)
	scripts/test-restart $(BIN)
	scripts/test-safe-state $(BIN)
	scripts/proof-test $(BIN)
	scripts/test-disk $(BIN)
	scripts/test-recorder $(BIN)
	scripts/test-hotplug $(BIN)
	scripts/test-doctor $(BIN)
	scripts/test-python $(BIN)
	$(MAKE) -C firmware-protocol test
	scripts/test-firmware
	scripts/test-boards $(BIN)
	scripts/simulate $(BIN) --seeds 200 --seconds 240
	scripts/soak $(BIN) --minutes 2 --times told

scenarios: build
	scripts/scenarios

lint:
	swift format lint --strict --recursive Package.swift Sources Tests firmware-protocol

format:
	swift format --in-place --recursive Package.swift Sources Tests firmware-protocol

check: build lint
	$(SWIFT_TEST) --filter TidyTests

# Conditions (besides 5 replicates), seed of the bench and the draw, bench seconds a second.
EXPERIMENTS ?= 9
SEED ?= 7
SPEED ?= 22
demo: setup
	$(SWIFT_BUILD) --product flowlabd
	$(SWIFT_BUILD) --product flowlabctl
	$(SWIFT_BUILD) --product flowlab-sim
	$(SWIFT_BUILD) --product flowlab-optimize
	EXPERIMENTS=$(EXPERIMENTS) SEED=$(SEED) SPEED=$(SPEED) scripts/demo $(BIN) demo-out

bench: build
	@scripts/setup --bench
	scripts/bench $(BIN) $(ROWS)

proof-test: setup
	$(SWIFT_BUILD)
	scripts/proof-test $(BIN)

SEEDS ?= 40
simulate: setup
	$(SWIFT_BUILD) --product flowlab-simulate
	scripts/simulate $(BIN) --seeds $(SEEDS)

MINUTES ?= 2
soak: setup
	$(SWIFT_BUILD) --product flowlabd
	$(SWIFT_BUILD) --product flowlab-sim
	scripts/soak $(BIN) --minutes $(MINUTES)

day: setup
	$(SWIFT_BUILD) --product flowlab-simulate
	$(BIN)/flowlab-simulate --config examples/nanocrystal.toml --day 1

mutants: setup
	scripts/mutants

interop: build
	scripts/interop $(BIN)

fuzz: setup
	scripts/fuzz

docs: setup
	$(SWIFT_BUILD)
	scripts/make-docs $(BIN) .

dictionary: setup
	$(SWIFT_BUILD) --product board-dictionary
	$(BIN)/board-dictionary

firmware: setup
	$(MAKE) -C firmware-protocol firmware

test-firmware: build
	scripts/test-firmware
	scripts/test-boards $(BIN)

clean:
	swift package clean
	rm -rf .build .build-deb demo-out bench-out dist

deb: setup
	@scripts/setup --package
	scripts/make-deb dist

e2e: deb
	@scripts/setup --e2e
	scripts/e2e dist

# Where a Debian package puts things with PREFIX=/usr; below /usr/local systemd, udev and journald look as well.
PREFIX ?= /usr/local
PROGRAMS := flowlabd flowlabctl flowlab-sim flowlab-simulate flowlab-optimize
# The programs that are installed; scripts/make-deb has some of its own.
INSTALL_FROM ?= $(BIN)
# A root that boots: DESTDIR is for packages. Files as in scripts/installed-files.
install: build
	scripts/install-files $(INSTALL_FROM) "$(DESTDIR)" "$(PREFIX)"
	@[ -n "$(DESTDIR)" ] || echo "Now: systemd-sysusers; systemd-tmpfiles --create; systemctl daemon-reload; udevadm control --reload; journalctl --update-catalog"

uninstall:
	@echo "Benches that still run are not stopped by this: systemctl disable --now flowlabd@NAME.service flowlabd@NAME.socket"
	scripts/install-files --remove "$(DESTDIR)" "$(PREFIX)"
