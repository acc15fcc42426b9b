# Two commands: `make run` and `make test`. Both set up what is missing and redo nothing.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := run

HOST ?= 127.0.0.1
PORT ?= 8000
export PUBLIC_URL ?= http://$(HOST):$(PORT)

BIN := .venv/bin
SOURCES := aggregator farms credits payouts
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
# The embedded databases whatever the shell has set; pytest says which tests it skipped and why.
EMBEDDED := env -u DATABASE_URL -u REDIS_URL
PYTEST := $(BIN)/python -m pytest -n auto -rs

.PHONY: run setup test-setup test test-sqlite test-postgresql lint bench screenshots messages lock clean

run: setup
	@exec $(BIN)/python manage.py run_all --host $(HOST) --port $(PORT)

setup: .venv/.packages-run .venv/.requirements $(CATALOGUES)

test-setup: setup .venv/.packages-test

# The marks are newer than what they were made from; `make clean` forgets them.
.venv/.packages-%: packages.txt
	@.ci/find-python >/dev/null
	mkdir -p .venv
	if [ -z "$${SKIP_PACKAGES:-}" ]; then .ci/install-packages $*; fi
	touch $@

.venv/.requirements: requirements.txt | .venv/.packages-run
	@python="$$(.ci/find-python)"
	if [ ! -x $(BIN)/python ]; then
	    echo "Making .venv with $$("$$python" --version)"
	    "$$python" -m venv .venv
	fi
	echo "Installing requirements.txt"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

%.mo: %.po | .venv/.packages-run
	@msgfmt --check -o $@ $<

test: test-sqlite test-postgresql

test-sqlite: test-setup
	@echo "== SQLite, embedded broker"
	$(EMBEDDED) $(PYTEST) $(TESTS)

test-postgresql: test-setup
	@echo "== PostgreSQL and Redis"
	$(EMBEDDED) $(BIN)/python -m tests.services $(PYTEST) $(TESTS)

lint: setup
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(EMBEDDED) $(BIN)/python manage.py makemigrations --check --dry-run
	PUBLIC_URL=https://tianhui.example DJANGO_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	    $(EMBEDDED) $(BIN)/python manage.py check --deploy --fail-level WARNING

# The README's three pictures, from a demonstration of its own in a temporary directory.
screenshots: test-setup
	@$(EMBEDDED) $(BIN)/python docs/make_pictures.py

# Prints the tables of benchmarks/RESULTS.md anew, on SQLite and on PostgreSQL.
bench: test-setup
	@echo "== SQLite"
	$(EMBEDDED) $(BIN)/python -m benchmarks $(NAMES)
	echo "== PostgreSQL"
	$(EMBEDDED) $(BIN)/python -m tests.services $(BIN)/python -m benchmarks $(NAMES)

# Gathers every string into locale/; a string without its Chinese fails the tests.
messages: test-setup
	@$(BIN)/python manage.py makemessages -l zh_Hans --no-obsolete --no-wrap --add-location file \
	    -i .venv -i var -i tests -i benchmarks -i docs

# Installs what requirements.txt chooses into a fresh environment, and pins what came along.
lock:
	@"$$(.ci/find-python)" .ci/lock

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f $(CATALOGUES)
