# The commands of the project; README.md says more.
.DEFAULT_GOAL := help
.PHONY: help setup run test eval bench lint
.NOTPARALLEL:

BIN := .venv/bin
EVAL ?=
ARGS ?=
WORKERS ?= 2

help:
	@echo "make run    start the assistant (PORT=8000, RASA_PORT=5005)"
	@echo "make test   run every test, with the real Rasa process and a real browser (WORKERS=2 processes)"
	@echo "make eval   score the shipped knowledge on the question sets (EVAL=folder adds more, ARGS=options)"
	@echo "make bench  run the benchmarks"

# Both environments side by side: each waits for downloads more than for a core.
setup:
	@requirements/install.sh app & app=$$!; \
	 requirements/install.sh rasa; rasa=$$?; wait $$app && exit $$rasa

run: setup
	@exec $(BIN)/lvxiaoyu serve

test: setup
	@requirements/install.sh app test
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

eval: setup
	@requirements/install.sh app test
	@$(BIN)/python -m index.evaluation --encoder "$${LVXIAOYU_ENCODER:-builtin}" $(if $(EVAL),--data $(EVAL)) $(ARGS)

bench: setup
	@requirements/install.sh app test
	@for name in $(or $(NAME),search turn stock_rasa publish import_document outbox replies backup dialogues telegram wechat widget); do echo "# $$name"; $(BIN)/python -m bench.$$name || exit 1; done
