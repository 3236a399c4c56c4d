# make run     open the app             make test    the checks of each commit, as CI runs them
# make test-all   and what takes long: every page in a browser, whole servers, memory
# make bench   the speed claims         make format  tidy the code
# make faults  plant faults, one at a time: do the tests see them?
# make lesson NAME=yours   begin a lesson: every file it needs
# make dev     open the app, and draw a page again when its code has changed
# make pictures   take the README's pictures anew
# A word to streamlit or pytest:  make run ARGS="--server.port 9000"

PYTHON ?= python3
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

# What is installed holds five times as many modules as the app and its tests ever import: only
# those are compiled, when they are first imported, and kept. So that they are kept:
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run dev test test-all lint pytest pytest-all bench format pictures chromium haproxy postgresql faults lesson

run: .venv/run.stamp
	$(BIN)/streamlit run app.py $(ARGS)

dev: .venv/dev.stamp
	$(BIN)/streamlit run app.py --server.fileWatcherType poll --server.runOnSave true $(ARGS)

test: lint pytest

test-all: lint pytest-all

lint: .venv/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# Three workers on two cores: two wait for a browser most of the time, and the third steps back for
# them (tests/conftest.py).
PYTEST := $(BIN)/pytest -q -n 3 --dist loadgroup --no-loadscope-reorder

pytest pytest-all: export STREAMLIT_SERVER_HEADLESS := true
pytest: .venv/dev.stamp chromium postgresql
	$(PYTEST) -m "not long" $(ARGS)

pytest-all: .venv/dev.stamp chromium postgresql haproxy
	$(PYTEST) $(ARGS)

bench: .venv/run.stamp
	$(BIN)/python -m benchmarks $(ARGS)

pictures: .venv/dev.stamp chromium
	$(BIN)/python -m docs.pictures $(ARGS)

faults: .venv/dev.stamp
	$(BIN)/python -m benchmarks.faults $(ARGS)

lesson: .venv/dev.stamp
	$(BIN)/python docs/lesson/begin.py $(NAME)
	@$(MAKE) --no-print-directory format

format: .venv/dev.stamp
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

# The environment: made once, filled again only when a requirements file has changed.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "bnviz needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | $(BIN)/pip
	$(PIP) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt deploy/requirements.txt requirements.txt | $(BIN)/pip
	$(PIP) -r requirements-dev.txt
	@touch .venv/run.stamp $@

# The browser tests drive the system's chromium, that of the deployment starts its haproxy, and those
# of the rooms a PostgreSQL of their own. Without one, those tests are skipped, but not in CI.
FIND_chromium := { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
FIND_haproxy  := { command -v haproxy || test -x /usr/sbin/haproxy; } >/dev/null
FIND_postgresql := { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1
APT_GET := $(if $(filter 0,$(shell id -u)),,sudo -n )env DEBIAN_FRONTEND=noninteractive apt-get -q

chromium haproxy postgresql:
	@$(FIND_$@) || { command -v apt-get >/dev/null && \
	  $(APT_GET) update && $(APT_GET) install -y --no-install-recommends $@; } || true
	@$(FIND_$@) || if [ "$$CI" = true ]; then \
	  echo "No $@, which tests need." >&2; exit 1; \
	else echo "No $@: its tests will be skipped."; fi

postgresql: | chromium # one installation at a time
haproxy: | postgresql
