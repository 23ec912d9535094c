# The commands of the project. Python 3.11 to 3.14 and make are all that a machine must have;
# the first command makes .venv and installs what requirements.txt pins.
#
#   make run            the system, with a PostgreSQL of its own; HOST, PORT, DATABASE_URL, REDIS_URL change that
#   make demo           the same with simulated data        make demo SIMULATED="--geography across --seed 2"
#   make manage         manage.py on the running system's database     make manage ARGS=remove_simulated
#   make test           the suite, on databases made for it, a process for each core    make test ARGS="-k periods -x -n 0"
#   make walk           every public page in every language, look and width        make walk WALK=/tinh/
#   make test-services  the suite, on the servers that DATABASE_URL and REDIS_URL name
#   make check          format, lint, types, missing migrations, architecture
#   make lock           pins anew what requirements.in and requirements-dev.in ask for
#   make contract       asks the API whatever its schema allows, some 2,300 times        make contract CONTRACT_EXAMPLES=500
#   make bench-recompute, bench-import, bench-api, bench-pages   measured on the server that DATABASE_URL names
#   make messages       collects the texts to be translated (needs GNU gettext)
#   make clean          removes what can be made again; never the database
#   make clean-data     removes the embedded database and the administrator's password

PYTHON ?= python3
ARGS ?=
VENV_PYTHON = .venv/bin/python

.DEFAULT_GOAL := run
.PHONY: run demo manage install install-dev test walk test-services contract check bench-recompute bench-import bench-api bench-pages lock messages clean clean-data

run: install
	@$(VENV_PYTHON) -m runtime run

demo: export SIMULATED ?= --geography 34 --indicators 60 --quarters 24 --seed 1
demo: run

manage: install
	@$(VENV_PYTHON) -m runtime manage $(ARGS)

install:
	@$(PYTHON) runtime/bootstrap.py requirements.txt

install-dev:
	@$(PYTHON) runtime/bootstrap.py requirements-dev.txt

test: install-dev
	@$(VENV_PYTHON) -m runtime test $(ARGS)

walk: export WALK ?= whole
walk: install-dev
	@$(VENV_PYTHON) -m runtime test -q tests/browser/test_walk.py

test-services: install-dev
	@$(VENV_PYTHON) -m runtime test-services $(ARGS)

contract: export CONTRACT_EXAMPLES ?= 50
contract: install-dev
	@$(VENV_PYTHON) -m runtime test -q tests/api/test_contract.py

# What Django is asked here it can tell without a database: the address leads nowhere.
check: export DATABASE_URL = postgresql://nobody@127.0.0.1:1/none
check: export SECRET_KEY = for-checks-only-and-nowhere-else-0123456789-abcdefghijklmnop
check: install-dev
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(VENV_PYTHON) manage.py check --fail-level WARNING
	$(VENV_PYTHON) -m pytest -q tests/architecture

bench-recompute: install-dev
	@$(VENV_PYTHON) -W ignore -m benchmarks.bench_recompute

bench-import: install-dev
	@$(VENV_PYTHON) -W ignore -m benchmarks.bench_import

bench-api: install-dev
	@$(VENV_PYTHON) -W ignore -m benchmarks.bench_api

bench-pages: install-dev
	@$(VENV_PYTHON) -W ignore -m benchmarks.bench_pages

lock: install
	@sh runtime/lock.sh

messages: install-dev
	$(VENV_PYTHON) manage.py makemessages --locale vi --no-obsolete --no-wrap --ignore .venv --ignore var

clean:
	rm -rf .venv node_modules var/static var/log .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +
	find locale -name '*.mo' -delete

clean-data: install
	@$(VENV_PYTHON) -m runtime clean-data
