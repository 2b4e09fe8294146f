# Every target sets itself up: system libraries (as root, through apt), .venv, locked packages.
PYTHON ?= python3
VENV := .venv/bin
READY := .venv/ready
export PYTHON
export LC_ALL = C.UTF-8
export PYTHONUTF8 = 1
PYTEST_OPTIONS ?=
COVERAGE ?= --cov --cov-report=term

.PHONY: help demo test lint types contracts i18n unit bench soak pictures build clean system-run system-test system-build
.DEFAULT_GOAL := help

help: ## tell what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: system-run $(READY) ## start a server, enrol a laptop and open the application (no display: drive it, write build/demo/)
	$(VENV)/python tools/demo.py build/demo

test: system-test $(READY) lint types contracts i18n unit ## lint, types, import contracts, translations, all tests

lint: $(READY) ## ruff: rules and format
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .

types: $(READY) ## mypy, strict
	$(VENV)/mypy

contracts: $(READY) ## import-linter: arrows point down
	PYTHONPATH=. $(VENV)/lint-imports --no-logo

i18n: $(READY) ## translations are complete and fit the code
	$(VENV)/python tools/translations.py check

unit: system-test $(READY) ## pytest with branch coverage; PYTEST_OPTIONS="-k name" narrows it, COVERAGE= leaves it out
	QT_QPA_PLATFORM=offscreen $(VENV)/python -m pytest -n auto --dist loadfile $(COVERAGE) $(PYTEST_OPTIONS)

bench: system-run $(READY) ## print measured times beside their floors, with ratios (PARTS="link load"; peers: npm, as root)
	sh tools/peers.sh || echo "peers could not be installed: they are left out"
	QT_QPA_PLATFORM=offscreen $(VENV)/python -m tests.bench $(PARTS)

soak: system-test $(READY) ## all tests with many more rounds and random cases
	QT_QPA_PLATFORM=offscreen CASEBOOK_EFFORT=soak $(VENV)/python -m pytest -m "" --timeout=0 $(PYTEST_OPTIONS)

pictures: system-test $(READY) ## write a picture of every screen: both languages, light and dark, 100 % and 200 %, into build/pictures/
	$(VENV)/python -m tests.screens build/pictures

build: system-build $(READY) ## build the application into build/dist/casebook and let it test itself
	tools/build.sh

clean: ## remove everything that was made, .venv included
	rm -rf .venv build dist *.egg-info .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system-run system-test system-build:
	@sh tools/setup.sh system $(@:system-%=%)

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@sh tools/setup.sh packages
	@touch $@
