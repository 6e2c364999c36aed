# pping: everything is built in dist/; `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

CLANG ?= clang
MULTIARCH := $(shell gcc -print-multiarch 2>/dev/null || echo $$(uname -m)-linux-gnu)
BPF_CFLAGS := -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function \
	-target bpf -mcpu=v3 -I/usr/include/$(MULTIARCH)
# Freestanding: no library, nothing imported. A stack that overflows traps, since it comes first.
WASM_CFLAGS := --target=wasm32 -O3 -ffreestanding -fno-strict-aliasing -mbulk-memory -msign-ext \
	-Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function
WASM_LD ?= wasm-ld
WASM_LDFLAGS := --no-entry --stack-first -z stack-size=65536 --strip-all
TS := $(shell find src lab bench soak tools -name '*.ts' -not -path 'src/report/page/*' 2>/dev/null)
# Namespaces, TAP devices and BPF want root.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,$(shell command -v sudo))

NODE_READY := node_modules/.pping-ready
SYSTEM_READY := build/.system-ready

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' -v first='setup build test demo' ' \
		function show(name) { if (name in text) printf "  make %-13s %s\n", name, text[name]; delete text[name] } \
		/^[a-z-]+:.*## / { text[$$1] = $$2; names[++count] = $$1 } \
		END { last = split(first, early, " "); for (i = 1; i <= last; i++) show(early[i]); print ""; \
			for (i = 1; i <= count; i++) show(names[i]) }' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Watch real connections in a private lab for 15 s (root)
	@$(AS_ROOT) node dist/lab/demo.js

.PHONY: bloat
bloat: build ## Record a queue filling up, as a report and a picture in build/ (root)
	@$(AS_ROOT) node dist/lab/bloat.js

.PHONY: screens
screens: build ## Draw the screens of docs/screens.md again (root)
	@$(AS_ROOT) node dist/lab/screens.js

.PHONY: test
test: build check-machine typecheck lint ## Types, lint and the fast tests, 5 minutes (root, for the kernel and lab tests)
	@$(AS_ROOT) tools/as-booted npm test --silent -- --selectProjects fast 'fast, alone'

.PHONY: test-all
test-all: build check-machine typecheck lint ## The same with the slow tests (test/lanes.js lists them), 10 minutes (root)
	@$(AS_ROOT) tools/as-booted npm test --silent

# What tests cannot pass here, and why, before all of them have run.
.PHONY: check-machine
check-machine:
	@$(AS_ROOT) tools/as-booted tools/check-machine

.PHONY: test-nodes
test-nodes: build ## Try what users install with Node 22, 24 and 26 and npm 12 (root)
	@$(AS_ROOT) tools/test-nodes

.PHONY: test-kernels
test-kernels: build ## Run some tests on the oldest kernel of apt, in qemu; ALL=1: more, on each
	@tools/system-packages kernels
	@kernels/run $(if $(ALL),all)

.PHONY: fuzz
fuzz: build ## Compare 50 million hostile packets and a million RTTs with the truth (root)
	@$(AS_ROOT) env PPING_TEST_PACKETS=25000000 PPING_TEST_KERNEL_PACKETS=500000 PPING_TEST_SEQUENCES=5000 PPING_TEST_RTTS=1000000 \
		npm test --silent -- test/replay/fuzz test/replay/pair test/replay/hostile test/kernel/hostile test/kernel/differential

.PHONY: accuracy
accuracy: build ## Measure by how much RTTs are off, on an idle machine (root)
	@mkdir -p build
	@$(AS_ROOT) env PPING_TEST_TABLE=build/accuracy.md npm test --silent -- test/lab/error-budget
	@cat build/accuracy.md

.PHONY: soak
soak: build ## MINUTES=<n> (10) of faults; SEED=<n>; OWNERS=1: --who; PROTOCOLS=all (root)
	@$(AS_ROOT) node dist/soak/main.js $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) \
		$(if $(RATE),--rate $(RATE)) $(if $(OWNERS),--owners) $(if $(PROTOCOLS),--protocols $(PROTOCOLS))

.PHONY: manual
manual: dist/.ts ## Write man/pping.1 and docs/options.md from the option table
	@node dist/src/manual/write.js

# Without the other sources, which may not fit together while it is stale.
.PHONY: layout
layout: dist/tools/layouts.o $(NODE_READY) ## Write src/core/layouts.ts from the structs and enums of bpf/
	@npx esbuild tools/layouts/write.ts --bundle --platform=node --format=esm --log-level=warning \
		--outfile=dist/tools/layouts.js
	@node dist/tools/layouts.js $< src/core/layouts.ts

.PHONY: bench
bench: build ## Measure what pping costs; PEER='<command>': and another monitor (root)
	@$(AS_ROOT) node dist/bench/main.js $(if $(PEER),--peer '$(subst ','\'',$(PEER))') \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(JSON),--json $(JSON))
	@$(if $(PEER),,$(AS_ROOT) node dist/bench/maps.js)
	@$(if $(PEER),,$(AS_ROOT) node dist/bench/interfaces.js)
	@$(if $(PEER),,$(AS_ROOT) node dist/bench/aggregates.js)
	@$(if $(PEER),,$(AS_ROOT) node dist/bench/protocols.js)

.PHONY: bench-compare
bench-compare: build ## BASE=<revision> [ONLY=packets]: what has become faster or slower (root)
	@$(AS_ROOT) node dist/bench/compare.js $(BASE) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

.PHONY: bench-scale
bench-scale: build dist/bench/scale/packets.o ## Measure what pping costs with 10 to 200,000 flows, 5 minutes; ROUNDS=n (root)
	@$(AS_ROOT) node dist/bench/scale/main.js $(if $(ROUNDS),--rounds $(ROUNDS))

.PHONY: bench-fleet
bench-fleet: build ## Measure what lines take on the way to a server, by kind
	@node dist/bench/fleet.js

PACKAGE_TOOLS = @tools/system-packages packages $(if $(filter arm64 aarch64,$(ARCH)),&& tools/system-packages arm64)

.PHONY: tarball
tarball: build ## Make one file that runs in any folder, in build/packages/; ARCH=arm64
	$(PACKAGE_TOOLS)
	@packaging/tarball

.PHONY: deb
deb: build ## Make a package for Debian and Ubuntu, in build/packages/; ARCH=arm64
	$(PACKAGE_TOOLS)
	@packaging/deb/build

.PHONY: npm-package
npm-package: build ## Make a package for npm install -g, in build/packages/
	@packaging/npm-package

.PHONY: test-packages
test-packages: tarball deb ## Try both in bare Debians and Ubuntus; PARTS='<name>...', ARCH=arm64 (root)
	@$(AS_ROOT) packaging/test/run $(PARTS)

.PHONY: build
build: dist/bpf/tc_pping.o dist/bpf/tc_pping_owners.o dist/bpf/tc_pping_originals.o dist/bpf/tc_entries.o dist/bpf/socket_owners.o dist/bpf/programs.o dist/bpf/replay_pping.wasm dist/test/replay/tables.wasm dist/tools/layouts.o dist/lab/kernel/drivers.o dist/test/kernel/busy.o dist/test/kernel/claims.o dist/test/kernel/collisions.o dist/test/kernel/interrupted.o dist/test/kernel/lives.o dist/test/kernel/overtaken.o dist/test/kernel/wakeups.o dist/test/kernel/nat.o dist/bench/reference.o dist/lab/relay dist/soak/churn dist/soak/datagrams dist/report/page.js dist/.ts dist/pping/main.js dist/bench/bundled/drain.js dist/commit ## Build everything in dist/, after installing what is missing

.PHONY: setup
setup: $(SYSTEM_READY) $(NODE_READY) ## Install system packages (apt) and npm packages (lock file)

.PHONY: compilers
compilers: ## Install the oldest and newest clang of apt, for the tests to build with
	@tools/compilers

.PHONY: clickhouse
clickhouse: ## Get ClickHouse from apt, for the tests of share/clickhouse/ and share/grafana/
	@tools/clickhouse

.PHONY: audit
audit: $(NODE_READY) ## Ask npm for advisories about what users install
	@npm audit --omit=dev

.PHONY: typecheck
typecheck: $(NODE_READY) ## Check the types of sources and tests
	@npx tsc --noEmit
	@npx tsc -p src/report/page

.PHONY: lint
lint: $(NODE_READY) ## Check style and imports
	@npx biome check --error-on-warnings .

.PHONY: format
format: $(NODE_READY) ## Rewrite the sources in the house style
	@npx biome check --write .

.PHONY: clean
clean: ## Remove all that was built
	rm -rf dist build

$(SYSTEM_READY): tools/system-packages
	@tools/system-packages
	@mkdir -p $(@D) && touch $@

# Headers of Node 24 and newer ask for C++20, which node-addon-api 3 is not; npm would leave the module out without a word.
$(NODE_READY): package.json package-lock.json | $(SYSTEM_READY)
	CXXFLAGS='-std=gnu++17 $(CXXFLAGS)' npm ci --no-audit --no-fund
	@tools/check-native-code
	@touch $@

# The same programs, with what tells whose connection it is, and its ends before NAT.
dist/bpf/tc_pping_owners.o: DEFINE := -DPPING_OWNERS
dist/bpf/tc_pping_originals.o: DEFINE := -DPPING_OWNERS -DPPING_ORIGINALS
dist/bpf/tc_pping_owners.o dist/bpf/tc_pping_originals.o: bpf/tc_pping.c | $(SYSTEM_READY)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) $(DEFINE) -MMD -MP -c $< -o $@

# Not in dist/bpf/, all of which is installed.
dist/tools/layouts.o: bpf/layouts.c | $(SYSTEM_READY)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -DPPING_OWNERS -DPPING_ORIGINALS -MMD -MP -c $< -o $@

dist/%.o: %.c | $(SYSTEM_READY)
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -c $< -o $@

dist/%.wasm: %.c | $(SYSTEM_READY)
	@mkdir -p $(@D)
	$(CLANG) $(WASM_CFLAGS) -MMD -MP -MT $@ -MF $(@:.wasm=.d) -c $< -o $(@:.wasm=.wasm.o)
	$(WASM_LD) $(WASM_LDFLAGS) $(@:.wasm=.wasm.o) -o $@
	@rm $(@:.wasm=.wasm.o)
-include $(wildcard dist/bpf/*.d dist/lab/kernel/*.d dist/test/kernel/*.d dist/test/replay/*.d dist/bench/*.d dist/bench/scale/*.d dist/tools/*.d)

# For the test of compilers: make bpf-object CLANG=clang-19 SOURCE=bpf/tc_pping.c OBJECT=/tmp/x.o [DEFINE=-DPPING_OWNERS]
.PHONY: bpf-object wasm-module
bpf-object:
	@$(CLANG) $(BPF_CFLAGS) $(DEFINE) -c $(SOURCE) -o $(OBJECT)

wasm-module:
	@$(CLANG) $(WASM_CFLAGS) -c bpf/replay_pping.c -o $(OBJECT).o
	@$(WASM_LD) $(WASM_LDFLAGS) $(OBJECT).o -o $(OBJECT)

dist/lab/relay: lab/relay.c lab/capture.h lab/faults.h
dist/soak/churn: $(wildcard soak/churn/* soak/steered/*)
dist/soak/datagrams: $(wildcard soak/datagrams/* soak/steered/*)
dist/lab/relay dist/soak/churn dist/soak/datagrams: | $(SYSTEM_READY)
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -Werror -o $@ $(filter %.c,$^)

# The report's page: one script and one style sheet (page.css), with uPlot's licence as it asks for.
dist/report/page.js: $(wildcard src/report/*.ts src/report/page/*) $(NODE_READY)
	npx esbuild page=src/report/page/main.ts page=src/report/page/page.css --outdir=$(@D) \
		--bundle --minify --format=iife --target=es2022 --log-level=warning \
		--banner:js="/*! Contains uPlot. $$(cat node_modules/uplot/LICENSE) */"

# What bin/pping runs.
dist/pping/main.js: tools/bundle.js tools/constants.js tools/on-demand.js package.json $(filter src/%,$(TS)) $(NODE_READY)
	@node tools/bundle.js

# The same, with the benchmark of its drain in it.
dist/bench/bundled/drain.js: dist/pping/main.js bench/drain.ts
	@node tools/bundle.js bench

# What `pping --version` says of the checkout: also where only that has changed.
.PHONY: dist/commit
dist/commit:
	@mkdir -p $(@D)
	@commit=$$(tools/commit); [ "$$commit" = "$$(cat $@ 2>/dev/null)" ] || echo "$$commit" >$@

dist/.ts: $(TS) tsconfig.json tsconfig.build.json $(NODE_READY)
	npx tsc -p tsconfig.build.json
	@touch $@
