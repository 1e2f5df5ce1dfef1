# Every target sets up what it needs: Python 3.11+, make and a shell are enough.
#   make demo     the portal with demo data    ARGS=--once: no serving   ARGS=--fresh: drop the data first   PORT=9000
#   make test     all tests                    ARGS="tests/matching -k solve"
#   make lint     everything that needs no database to judge the code
#   make dev      the demo, reloading when code changes
#   make bench    every benchmark
#   make lock     requirements/ from pyproject.toml     ARGS=--upgrade: newest versions
#   make clean    remove the environment and the demo's data

.DEFAULT_GOAL := demo
.PHONY: demo dev test lint bench lock clean

VENV := .venv
PYTHON := $(VENV)/bin/python
ARGS ?=

# --- the environment: one hashed list per need, each containing the one before -------------------------
# A stamp carries the checksum of its list, so a second run starts at once and a new list installs again.
stamp = $(VENV)/.$(1)-$(shell cksum < requirements/$(1).txt | cut -d ' ' -f 1)
EMBEDDED := $(call stamp,embedded)
TEST := $(call stamp,test)
DEV := $(call stamp,dev)

# Whoever holds the larger list holds the smaller ones.
$(EMBEDDED): ; @.ci/install embedded $(EMBEDDED)
$(TEST): ; @.ci/install test $(EMBEDDED) $(TEST)
$(DEV): ; @.ci/install dev $(EMBEDDED) $(TEST) $(DEV)

# --- what people do ------------------------------------------------------------------------------------
# "exec": the supervisor is make's own child, and hears of a Ctrl-C or of make's end at once.
demo dev: $(EMBEDDED)
	@exec $(PYTHON) -m portal.embedded $@ $(ARGS)

test: $(TEST)
	@exec $(PYTHON) -m portal.embedded test $(ARGS)

bench: $(TEST)
	@exec $(PYTHON) -m portal.embedded run --throwaway -- \
	  sh -ec 'for file in benchmarks/*.py; do echo "== $$file"; python "$$file" $(ARGS); done'

lint: export DEMO = 1
lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .
	$(VENV)/bin/djlint --lint --quiet templates
	$(VENV)/bin/lint-imports
	$(PYTHON) -m portal.embedded run --throwaway -- sh -ec '\
	  python manage.py makemigrations --check --dry-run; \
	  python manage.py check --fail-level WARNING; \
	  env -u DEMO SECRET_KEY="$$(python -c "import secrets; print(secrets.token_urlsafe(50))")" HTTPS=1 \
	    python manage.py check --deploy --fail-level WARNING; \
	  python manage.py check_translations'

# --- what maintainers do -------------------------------------------------------------------------------
UV = $(or $(shell command -v uv),$(VENV)/bin/uv)
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml $(ARGS)
lock: $(DEV)
	@test -x $(UV) || { echo 'uv writes the lists: $(PYTHON) -m pip install uv'; exit 1; }
	$(LOCK) -o requirements/runtime.txt
	$(LOCK) --group embedded -o requirements/embedded.txt
	$(LOCK) --group embedded --group test -o requirements/test.txt
	$(LOCK) --group embedded --group test --group lint -o requirements/dev.txt

clean:
	rm -rf $(VENV) .data .static
