# PYTHON=python3.12 make setup    another Python, 3.10 to 3.13
# make test ARGS='-k midplanes'   arguments for pytest, or for the demo

PYTHON ?= $(shell test -x .venv/bin/python && echo .venv/bin/python || echo python3)

.PHONY: setup demo test lint

setup:
	@$(PYTHON) tools/setup_env.py

demo: setup
	.venv/bin/python tools/demo.py $(ARGS)

# One thread a worker: two workers on two cores get in each other's way otherwise.
test: setup
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: setup
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
