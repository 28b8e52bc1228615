# `make help` lists every target. The only things a machine needs are Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
GENERATOR := .venv-generator
SWAGGER_UI_DIR := mock_server/admin/docs_assets/swagger_ui
SWAGGER_UI ?= latest
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-20s %s\n", $$1, $$2}'

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 …")'
	@echo "Creating $(VENV) and installing; this takes about a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(DEV_STAMP): $(STAMP)
	@echo "Installing what the tests need."
	@$(PIP) --editable '.[dev]'
	@touch $@

.PHONY: install
install: $(STAMP) ## Create .venv with mock-server, conformance and schemathesis in .venv/bin

.PHONY: install-dev
install-dev: $(DEV_STAMP) ## The same, with the tools for lint, tests and benchmarks

.PHONY: mock
mock: install ## Serve the contract on http://127.0.0.1:4010
	@$(BIN)/mock-server

.PHONY: lint
lint: install-dev ## Run ruff, mypy --strict and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# The JavaScript client's tests are skipped, and say so, on a machine without npm.
%/node_modules: %/package.json %/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix $* --no-audit --no-fund --loglevel error && touch $@; \
	else echo "npm is not installed: what needs $@ is skipped"; fi

# Two more than there are cores: many tests wait for processes and sockets.
WORKERS = $$(( $$(getconf _NPROCESSORS_ONLN) + 2 ))

.PHONY: test
test: lint tests/javascript/node_modules ## Run lint and all tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

.PHONY: quick
quick: lint ## Run lint and the fast tests, under a minute; use it before every commit
	$(BIN)/pytest -n auto -q -m "not slow"

# An environment of its own: the lowest version of each dependency that pyproject.toml allows.
.PHONY: lowest
lowest: install-dev ## Run the fast tests with the lowest versions that pyproject.toml allows
	$(PIP) uv
	rm -rf $(LOWEST) && $(BIN)/uv venv --quiet --python $(BIN)/python $(LOWEST)
	VIRTUAL_ENV=$(LOWEST) $(BIN)/uv pip install --quiet --resolution lowest-direct --editable '.[dev]'
	$(LOWEST)/bin/python -m pytest -n auto -q -m "not slow" $(ARGS)

.PHONY: bench
bench: install-dev tests/benchmarks/node_modules ## Measure the mock, Prism, openapi-backend, Connexion and a bare server
	$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: bench-scale
bench-scale: install-dev ## Measure the mock with up to 1,000 operations and with 16 MB of linked schemas
	$(BIN)/python -m tests.benchmarks --scale $(ARGS)

.PHONY: bench-holds
bench-holds: install-dev ## Measure how long bodies of 10 MB hold up other clients: make bench-holds ARGS='numbers "XML, deep"'
	$(BIN)/python -m tests.benchmarks.holds $(ARGS)

.PHONY: bench-shared
bench-shared: install-dev ## Measure one worker, several, and several that share through Redis
	$(BIN)/python -m tests.benchmarks --shared $(ARGS)

.PHONY: fuzz
fuzz: install-dev ## Send random bytes and Schemathesis requests to a mock: make fuzz ARGS='--minutes 10 --seed 7'
	$(BIN)/python -m tests.fuzzing $(ARGS)

.PHONY: corpus
corpus: install-dev ## Judge every documented response of the mocks of a folder of documents: make corpus FOLDER=DIR
	$(BIN)/python -m tests.corpus $(FOLDER)

.PHONY: corpus-packages
corpus-packages: install-dev ## The same for a pinned list of npm and pip packages, below build/corpus (ten minutes)
	nice $(BIN)/python -m tests.corpus.packages $(ARGS)

.PHONY: openapi-page
openapi-page: install-dev ## Write docs/openapi.md (supported keys of OpenAPI) from its test cases
	$(BIN)/python -m tests.openapi

.PHONY: faults
faults: install-dev ## Run the kit against every fault and every legal variant of a backend
	$(BIN)/python -m tests.conformance.examination $(ARGS)

.PHONY: gate-contracts
gate-contracts: install-dev ## Test the mock of each of forty contracts against that contract
	$(BIN)/python -m tests.conformance.gate.own_mock

.PHONY: bench-diff
bench-diff: install-dev ## Measure diff with 2,000 operations and with 2.5 MB of linked schemas
	$(BIN)/python -m tests.benchmarks.comparison

.PHONY: bench-traffic
bench-traffic: install-dev ## Compare recorded browser tests with an active run
	$(BIN)/python -m tests.benchmarks.traffic

.PHONY: bench-conformance
bench-conformance: install-dev ## Compare the kit with `schemathesis run` on the same servers
	$(BIN)/python -m tests.conformance.bench $(ARGS)

.PHONY: compare
compare: install-dev tests/comparison/node_modules ## Compare the mock with Prism, Scalar, Mockoon, MSW and WireMock
	$(BIN)/python -m tests.comparison

# The generator has an environment of its own: its dependencies are not the project's.
.PHONY: clients
clients: install-dev tests/javascript/node_modules ## Test three clients of the AI API with valid responses
	test -d $(GENERATOR) || $(PYTHON) -m venv $(GENERATOR)
	$(GENERATOR)/bin/python -m pip install --quiet datamodel-code-generator==0.89.0
	$(BIN)/python -m tests.conformance.client --generator $(GENERATOR)/bin/datamodel-codegen

.PHONY: gate
gate: install ## Run the contract gate on our own contract: make gate ARGS='--base origin/main:spec/ai.yaml'
	$(BIN)/conformance gate $(ARGS)

.PHONY: docs-assets
docs-assets: ## Download Swagger UI for /__mock/docs from npm: make docs-assets SWAGGER_UI=5.35.0
	rm -rf build/swagger_ui && mkdir -p build/swagger_ui
	cd build/swagger_ui && npm pack --silent swagger-ui-dist@$(SWAGGER_UI) && tar -xzf *.tgz
	cd build/swagger_ui/package && cp LICENSE NOTICE swagger-ui.css swagger-ui-bundle.js \
		swagger-ui-bundle.js.LICENSE.txt $(CURDIR)/$(SWAGGER_UI_DIR)
	$(PYTHON) -c 'import json; print(json.load(open("build/swagger_ui/package/package.json"))["version"])' \
		> $(SWAGGER_UI_DIR)/VERSION

.PHONY: clean
clean: ## Remove .venv and the files of the tools
	rm -rf $(VENV) $(LOWEST) $(GENERATOR) tests/*/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist build
