# Two commands matter: `make run` serves, `make test` runs everything that CI runs.

SHELL := /bin/bash
DATA ?= ./data
PORT ?= 8080
# A file for the first keys, which are kept nowhere without it: make run CREDENTIALS=keys.json.
CREDENTIALS ?=
# How long `make fuzz` looks at each target: make fuzz SECONDS=600.
SECONDS_EACH := $(if $(filter command line,$(origin SECONDS)),$(SECONDS),300)
SEXTANT_RELEASE := .build/release/sextant
# The statements that servers of the end-to-end tests run on their control stores.
STATEMENTS := $(CURDIR)/.build/statements.jsonl

# What `make dist` calls the archive: the version that the program tells.
VERSION = $(shell sed -nE 's/.*static let number = "(.*)"/\1/p' Sources/Root/sextant/Commands/Version.swift)

.PHONY: help run test lint unit end-to-end query-plans table-owners fuzz bench dist clean

help: ## List the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## Build a release, create ./data when it is new, serve on http://localhost:8080.
	scripts/bootstrap
	swift build -c release --product sextant
	scripts/run $(SEXTANT_RELEASE) $(DATA) $(PORT) $(CREDENTIALS)

test: lint unit end-to-end query-plans table-owners ## Everything that CI runs.

lint: ## Formatting, and the manifest against the staircase of docs/ARCHITECTURE.md.
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	scripts/check-floors

unit: ## Build with warnings as errors, run the unit and whole-app tests.
	scripts/bootstrap --tests
	swift build --build-tests
	swift test --skip-build --no-parallel

# What schemathesis makes up depends on the process it runs in: alone it is the same every time.
end-to-end: ## The real binary over TCP and TLS, read back by foreign readers.
	scripts/bootstrap --tests
	swift build --product sextant
	swift build --product sextant-bench
	rm -f $(STATEMENTS)
	SEXTANT_STATEMENT_LOG=$(STATEMENTS) .deps/python/bin/python -m pytest Tests/e2e -q --durations=10 \
		-n 2 --dist loadfile --ignore=Tests/e2e/test_convert_schemathesis.py
	SEXTANT_STATEMENT_LOG=$(STATEMENTS) .deps/python/bin/python -m pytest Tests/e2e/test_convert_schemathesis.py -q

query-plans: ## How SQLite runs each statement of the sources, and those that the end-to-end tests have put together.
	SEXTANT_STATEMENT_LOG=$(STATEMENTS) .deps/python/bin/python -m pytest Tests/query-plans -q

table-owners: ## SQL names tables of its own room only.
	.deps/python/bin/python -m pytest Tests/table-owners -q

fuzz: ## SECONDS for each target with a new seed; finds are kept under Tests/FuzzTests/Cases.
	scripts/bootstrap --tests
	swift build --build-tests
	SEXTANT_FUZZ_SECONDS=$(SECONDS_EACH) SEXTANT_FUZZ_SEED=$$RANDOM$$RANDOM swift test --skip-build --no-parallel \
		--filter FuzzTests

bench: ## One run, one table: ratios against the engine alone.
	scripts/bootstrap --tests
	swift build -c release --product sextant
	swift build -c release --product sextant-bench
	.deps/python/bin/python scripts/bench $(SEXTANT_RELEASE)

dist: ## One archive for this machine's architecture that runs without Swift and packages: dist/sextant-VERSION-linux-ARCH.tar.gz.
	scripts/bootstrap
	swift build -c release --product sextant --manifest-cache none
	scripts/dist $(SEXTANT_RELEASE) .deps/engine $(VERSION) dist

clean: ## Remove what was built; ./data and .deps stay.
	rm -rf .build
