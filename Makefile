# Every target sets up what it needs from nothing: Python 3.11 or newer, make and git are enough.
#
#   make serve    the server on http://127.0.0.1:8000 (make PORT=9000 serve)
#   make test     checks and tests; on an outside PostgreSQL with DATABASE_URL=postgresql://...
#   make test-reference  what executes operations again on graphql-core's own executor, and a sample of the rest
#   make test-gateways  the tests behind Apollo's and Hive's federation gateways; fetches them
#   make nightly  all tests on graphql-core's executor, 5,000 generated operations against graphql-core, 100,000 requests watched for memory, and an import watched for long calls on the event loop
#   make check    ruff, mypy and the import contracts
#   make migrate  brings the database to the newest schema
#   make demo     fills the database with the demo data (SCALE=100000, DATABASE_URL=...)
#   make schema   prints the schema
#   make key      prints a new random key for MARQUEE_KEYS
#   make bench    measures beside other servers into docs/benchmarks.md (ARGS='--quick', ARGS=--help)
#   make bench-catalogue  measures the catalogue's operations at 10,000, 100,000 and 1,000,000 media (the same ARGS)
#   make bench-search  measures how well search finds known items beside other engines, and how fast (ARGS='--parts quality')
#   make bench-import  measures imports of generated items (ARGS='--sizes 1000000')
#   make bench-providers  measures the cache of outside services, their limits, lookup, and a refresh of 10,000 media (ARGS=--without-refresh)
#   make bench-counts  measures counts, estimates and facets into docs/benchmarks-counts.md
#   make bench-hostile  measures what hostile requests cost, and who waits for them
#   make bench-midi ARGS=FOLDER  measures recording and analysing a folder of MIDI files into docs/benchmarks-midi.md
#   make format   formats the Python code
#   make lock     resolves the Python dependencies anew

.PHONY: serve test test-reference test-gateways nightly check migrate demo schema key bench bench-catalogue bench-search bench-import bench-providers bench-counts bench-hostile bench-midi format lock setup setup-dev runtime dev ui
.DEFAULT_GOAL := serve

PYTHON = python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --quiet --disable-pip-version-check --no-input install --require-hashes -r

# `make PORT=9000 serve` is short for MARQUEE_PORT=9000; a PORT that is merely in the environment means something else.
define pass
ifeq ($$(origin $(1)),command line)
export MARQUEE_$(1) := $$($(1))
endif
endef
$(foreach name,PORT HOST WORKERS STATE_DIR DEMO,$(eval $(call pass,$(name))))

serve: setup
	@exec $(RUN) -m app serve

migrate: runtime
	@exec $(RUN) -m app migrate

demo: runtime
	@exec $(RUN) -m $(if $(SCALE),bench.generated $(SCALE),app demo)

schema: runtime
	@exec $(RUN) -m app schema

key: runtime
	@exec $(RUN) -m app key

bench: dev
	@scripts/bench $(PYTHON) $(RUN) bench $(ARGS)

bench-catalogue: dev
	@$(RUN) -m bench.catalogue $(ARGS)
	@test -n "$(ARGS)" || $(RUN) -m bench.catalogue.upserts

bench-search: dev $(VENV)/bench.stamp
	@scripts/bench $(PYTHON) $(RUN) bench.search $(ARGS)

bench-midi: dev
	@$(RUN) -m bench.midi $(ARGS)

bench-counts: dev
	@$(RUN) -m bench.counting $(ARGS)

bench-import: dev
	@$(RUN) -m bench.importing $(ARGS)

check: dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy .
	$(VENV)/bin/lint-imports

test: setup-dev
	@$(MAKE) --no-print-directory check
	$(RUN) -m pytest -n 2 --durations=25

test-reference: dev
	MARQUEE_ENGINE=reference $(RUN) -m pytest -n 2 -m "not browser and not gateways and not benchmark"

test-gateways: dev
	@scripts/test-gateways $(PYTHON) $(RUN) $(ARGS)

nightly: dev
	MARQUEE_REFERENCE=all $(MAKE) --no-print-directory test-reference
	MARQUEE_DIFFERENTIAL=5000 $(RUN) -m pytest -n 2 tests/differential/test_differential_adversarial.py tests/differential/test_differential_product.py
	$(RUN) -m pytest -m benchmark tests/engine/test_engine_memory.py tests/benchmarks/test_import_loop.py tests/benchmarks/test_import_memory.py
	MARQUEE_KILLS=60 $(RUN) -m pytest -n 2 tests/catalog/importing/test_import_killed.py

bench-providers: dev
	@$(RUN) -m bench.providers $(ARGS)

bench-hostile: dev
	@$(RUN) -m bench.hostile $(ARGS)

format: dev
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

# The UI is built while pip works.
setup:
	@$(MAKE) --no-print-directory -j2 runtime ui

setup-dev:
	@$(MAKE) --no-print-directory -j2 dev ui

# The empty recipes keep make from saying that there is nothing to do; what is said goes beside what is printed.
runtime: $(VENV)/runtime.stamp
	@:
dev: $(VENV)/dev.stamp
	@:
ui: ui/dist/.built
	@:

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Marquee needs Python 3.11 or newer: make PYTHON=...")'
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/runtime.stamp: requirements.lock $(VENV)/bin/python
	@echo 'Installing the Python packages ...' >&2
	@$(PIP) requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/bin/python
	@echo 'Installing the Python packages and the tools for tests ...' >&2
	@$(PIP) requirements-dev.lock
	@touch $(VENV)/runtime.stamp $@

$(VENV)/bench.stamp: requirements-bench.lock $(VENV)/dev.stamp
	@echo 'Installing what search is compared with ...' >&2
	@$(PIP) requirements-bench.lock
	@touch $@

ui/dist/.built: scripts/build-ui requirements-node.lock $(wildcard ui/*.* ui/src/*.* ui/src/*/*.* ui/src/*/*/*.* ui/examples/*.*)
	@echo 'Building the UI ...' >&2
	@scripts/build-ui $(PYTHON)

# Hashes are those of PyPI's own files, whatever index this machine is set up to use.
COMPILE = PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND='make lock' .venv-lock/bin/pip-compile --quiet --upgrade \
	--generate-hashes --strip-extras --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock:
	@test -d .venv-lock || $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/pip install --quiet --disable-pip-version-check 'pip-tools==7.6.2'
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(COMPILE) -o requirements-node.lock requirements-node.in
	$(COMPILE) -o requirements-bench.lock requirements-bench.in
