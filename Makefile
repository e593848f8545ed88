# Everything that a person or CI runs. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench torture matrix lock

BIN := .venv/bin
READY := .venv/.ready

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with Telltale, today's crewAI and the test tools
	@echo "setup: done. Next: make demo" >&2

demo: $(READY) ## run the trip crew offline and show it at http://127.0.0.1:5000 (ARGS=--exit to end after it)
	@$(BIN)/telltale demo $(ARGS)

test: check ## everything that CI runs
	@sh scripts/browser.sh
	@sh scripts/sdk-alone.sh
	@$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## formatting, lint, types, direction of imports
	@$(BIN)/ruff format --check --quiet . || { echo "run: $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

bench: $(READY) ## measure, and write the tables of docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

torture: $(READY) ## kill, starve and soak it for an hour, and write the tables of docs/reliability.md
	@$(BIN)/python -m torture $(ARGS)

matrix: $(READY) ## run all that crewAI can do on every version of it, and write the table of docs/crewai.md
	@$(BIN)/python -m matrix $(ARGS)

lock: $(READY) ## resolve the dependencies anew
	@sh scripts/lock.sh

$(READY): requirements/dev.txt pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh
	@touch $(READY)
