# Two commands on a fresh machine that has Python, make and the package registries:
#   make demo    sets everything up and runs the main job
#   make test    sets everything up and passes the tests

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The Python to make .venv from; without it, the first on PATH that will do.
PYTHON ?=
# More arguments for pytest: make test ARGS="-k landlock"
ARGS ?=
# How many hostile frames `make fuzz` sends.
FUZZ_FRAMES ?= 10000000
# How long `make soak` loads the service.
SOAK_SECONDS ?= 1800
# Whose guests run CPython's tests, and which of these: make cpython-tests MODULES="test_re test_json"
ENGINE ?= wasi
MODULES ?=

python := .venv/bin/python
# What runs on Windows and is not checked as what runs here.
on_windows := src/ringfence/system src/ringfence/zygote/windows_child.py src/ringfence/zygote/child.py \
	src/ringfence/zygote/post.py src/ringfence/zygote/worker.py src/ringfence/zygote/workers.py \
	src/ringfence/zygote/worker_main.py src/ringfence/runtime/loop_watch.py src/ringfence/runtime/wake.py \
	src/ringfence_guest/readiness.py tests/windows

.PHONY: help
help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## Make .venv with everything in it, from the locks (again only after a change)
	@command -v $(or $(PYTHON),python3) >/dev/null \
		|| { echo "setup: no $(or $(PYTHON),python3) on PATH; install CPython 3.11 or newer" >&2; exit 1; }
	@$(or $(PYTHON),python3) scripts/setup.py $(if $(PYTHON),--python $(PYTHON))

.PHONY: demo
demo: setup ## Run the main job: untrusted analysis of a CSV, hostile scripts, what a sandbox costs
	@$(python) demo/main.py

.PHONY: image
image: setup ## Build and fetch the WebAssembly images into the user's cache, if they are not there (minutes)
	@.venv/bin/ringfence image build wasi >/dev/null
	@.venv/bin/ringfence image fetch micro >/dev/null || echo "without micro: its tests are skipped"
	@.venv/bin/ringfence image fetch pocketpy >/dev/null || echo "without pocketpy: its tests are skipped"

.PHONY: browser
browser: setup ## Install Debian's chromium for the tests that drive a page, if it is not there (as root)
	@$(python) scripts/browser.py

.PHONY: postgresql
postgresql: setup ## Install Debian's PostgreSQL server for the tests of the workshop and the service, if it is not there (as root)
	@$(python) scripts/postgresql.py

.PHONY: mcp-servers
mcp-servers: setup ## Install the MCP servers of npm's that the tests start, if node is there
	@$(python) scripts/mcp_servers.py

.PHONY: proxy
proxy: setup ## Get Debian's nginx for the tests that put it in front of a service, if it is not there
	@$(python) scripts/nginx.py

.PHONY: windows
windows: setup image ## Make a Windows to test on, of Debian's Wine and CPython's sources (minutes), and run its tests
	@$(python) scripts/windows.py
	@$(python) -m pytest tests/levels/test_windows.py --timeout=0 $(ARGS)

.PHONY: test
test: setup ## Everything: lint, types, layers, and the whole test suite
	@set -m; $(MAKE) --no-print-directory image 2> >(cat >&2) & image=$$!; set +m; \
	trap 'kill -- -$$image 2>/dev/null || true' EXIT; \
	$(MAKE) --no-print-directory lint browser postgresql mcp-servers proxy; \
	wait $$image
	@$(python) scripts/run_tests.py $(ARGS)

.PHONY: lint
lint: setup ## Style (ruff), types (mypy --strict) and layers (import-linter)
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy
	@$(python) -m mypy --platform win32 --cache-dir .mypy_cache/windows --follow-imports silent --no-warn-unreachable $(on_windows)
	@.venv/bin/lint-imports --no-logo
	@cd apps/vishwakarma && ../../.venv/bin/lint-imports --no-logo
	@cd apps/worldgen && ../../.venv/bin/lint-imports --no-logo

.PHONY: format
format: setup ## Write the style that lint asks for
	@$(python) -m ruff check --fix .
	@$(python) -m ruff format .

.PHONY: fuzz
fuzz: setup ## Send FUZZ_FRAMES hostile frames (10 million: most of an hour) instead of the suite's few
	@RINGFENCE_FUZZ_FRAMES=$(FUZZ_FRAMES) $(python) -m pytest tests/fuzz --timeout=0 $(ARGS)

.PHONY: levels
levels: setup ## Run both suites in full on every host where walls are missing (an hour)
	@RINGFENCE_TEST_EVERY_LEVEL=1 $(python) -m pytest tests/levels --timeout=0 $(ARGS)

.PHONY: bench
bench: setup ## Measure, each figure beside a peer in the same run (as root, installs bubblewrap)
	@$(python) scripts/bench_peers.py
	@$(python) -m bench

.PHONY: dev
dev: setup ## Run the service on port 8000 of this machine, and print a line of curl to try it with
	@RINGFENCE_PORT=$${RINGFENCE_PORT:-8000} RINGFENCE_LOG_FORMAT=text .venv/bin/ringfence serve

.PHONY: soak
soak: setup ## Load the service for SOAK_SECONDS (1800), with hostile guests, while it is killed again and again
	@$(python) -m tests.server.soaking --seconds $(SOAK_SECONDS) $(ARGS)

.PHONY: cpython-tests
cpython-tests: setup image ## Run CPython's own tests in guests of ENGINE (wasi or native), MODULES or all
	@$(python) -m judge --engine $(ENGINE) $(MODULES) $(ARGS)

.PHONY: lock
lock: setup ## Resolve requirements/*.lock again (make lock ARGS=--upgrade: to the newest)
	@$(python) scripts/lock.py $(ARGS)

.PHONY: clean
clean: ## Remove .venv, caches and what was built
	@rm -rf .venv dist build demo/out bench/out judge/out tests/out htmlcov .coverage .coverage.* .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache .grimp_cache
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
