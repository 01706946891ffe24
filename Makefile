# Two commands do everything: `make run` and `make test`. The others are for those who work on Studio.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PURE := tests/lib tests/providers  # know no database
SPREAD := -q -n auto --maxprocesses 4 --dist loadfile  # a file of tests stays in one process

.PHONY: run test test-postgres check format bench shots showcase lock clean help

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(VENV)/.runtime ## Start Studio: web, worker and built-in engine; prints the address
	@exec $(BIN)/python manage.py up

test: $(VENV)/.dev ## The whole suite, on SQLite
	$(BIN)/pytest $(SPREAD)

test-postgres: $(VENV)/.dev ## What knows a database, on a PostgreSQL started for it
	$(BIN)/python -m tests.postgres $(BIN)/pytest -m "not e2e" $(PURE:%=--ignore=%) $(SPREAD)

check: $(VENV)/.dev ## Linters, types, templates, migrations, deployment checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy studio accounts generations
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	STUDIO_PUBLIC_URL=https://studio.example.com $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/.dev ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure; the figures are in README
	$(BIN)/python -m tests.benchmarks

shots: $(VENV)/.dev ## Pictures of every page, wide and phone, dark and light, in shots/
	$(BIN)/python -m tests.e2e.shots

showcase: $(VENV)/.dev ## Paint the pictures of the front page anew
	$(BIN)/python -m tests.e2e.showcase

lock: $(VENV)/.dev ## Pin the dependencies of pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements-dev.txt

clean: ## Remove the environment and caches, never the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache shots

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
