# The first target explains the others.
.DEFAULT_GOAL := help
.PHONY: help run test check bench screenshots translations clean dev

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
ENVIRONMENT := $(PYTHON) scripts/environment.py

# Bytecode on disk makes every later start ten seconds faster.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing and open the app in the browser (ARGS="--server.port 8600")
	@$(ENVIRONMENT) requirements.txt
	$(VENV_PYTHON) -m streamlit run app.py $(if $(CI),--server.headless true) $(ARGS)

test: ## Run every test, the browser's included (ARGS="-k language")
	@$(ENVIRONMENT) requirements-dev.txt --browser
	OMP_NUM_THREADS=1 $(VENV_PYTHON) scripts/tests.py $(ARGS)

check: dev ## Format, lint, types and the fast tests
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	OMP_NUM_THREADS=1 $(VENV_PYTHON) -m pytest -q -n auto -m "not slow and not e2e" $(ARGS)

bench: dev ## Measure against peers, side by side (ARGS="tracing")
	$(VENV_PYTHON) -m benchmarks $(ARGS)

screenshots: ## Take README's pictures from the running app
	@$(ENVIRONMENT) requirements-dev.txt --browser
	$(VENV_PYTHON) scripts/screenshots.py $(ARGS)

translations: dev ## Bring assets/locale in step with the texts in the source
	$(VENV_PYTHON) -m explainer.ui.translations $(ARGS)

clean: ## Remove the environment and all caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache test-results

dev:
	@$(ENVIRONMENT) requirements-dev.txt
