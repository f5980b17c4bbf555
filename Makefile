# PYTHON=python3.12 make setup    another Python, 3.10 to 3.13
# make test ARGS='-k midplanes'   arguments for pytest, or for the demo

SHELL := bash
PYTHON ?= $(shell test -x .venv/bin/python && echo .venv/bin/python || echo python3)
STAMP := .venv/setup-stamp

.PHONY: setup demo test lint

# Of two callers, the second waits here and finds nothing left to do.
setup:
	@$(shell command -v flock > /dev/null && echo flock Makefile) \
		$(MAKE) -s --no-print-directory $(STAMP)

demo: setup
	.venv/bin/python tools/demo.py $(ARGS)

# One thread a worker: two workers on two cores get in each other's way otherwise.
test: setup
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: setup
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check

# --- .venv ---

OTHER := name another: PYTHON=python3.11 make setup
# The real path, because .venv/bin/python goes with .venv. Python 2 can answer, too.
ASK := import os, sys; \
	print('%d.%d ' % sys.version_info[:2] + os.path.realpath(sys.executable))
FOUND := $(shell $(PYTHON) -c "$(ASK)" 2> /dev/null)
VERSION := $(firstword $(FOUND))
BASE := $(wordlist 2, $(words $(FOUND)), $(FOUND))
ifeq ($(filter 3.10 3.11 3.12 3.13, $(VERSION)),)
$(error dem-mmaction needs Python 3.10 to 3.13, \
	$(PYTHON) $(if $(VERSION),is $(VERSION),does not run); $(OTHER))
endif

# The stamp is empty while an installation runs or was broken off. At its end it names
# the place and the Python: an environment works with no other.
ifneq ($(shell cat $(STAMP) 2> /dev/null), $(CURDIR) $(VERSION))
.PHONY: $(STAMP)
endif
# Without the stamp, .venv counts as somebody else's: keep it when interrupted.
.PRECIOUS: $(STAMP)

# Each package is named as pip comes to it; all that pip says goes to the log.
define pip_install
set -o pipefail; .venv/bin/python -m pip install --progress-bar off $(1) 2>&1 \
	| tee -a .venv/setup.log | sed -unE \
		-e 's,^(Collecting|Processing) ([^ ]*/)?([^ ]+).*,  \3,p' \
		-e 's,^Installing collected packages.*,  unpacking,p' -e '/^ERROR/p' \
	|| { echo 'dem-mmaction: pip failed; all it said is in .venv/setup.log'; exit 1; } >&2
endef

$(STAMP): $(wildcard requirements/*.txt) setup.py dem_mmaction/version.py
	$(if $(shell "$(BASE)" -c 'import ensurepip, venv' 2> /dev/null && echo there),,\
		$(error dem-mmaction: this Python has no venv or no ensurepip module; \
		install it (Debian: python3-venv) or $(OTHER)))
	$(if $(wildcard .venv/*),$(if $(wildcard $(STAMP)),,\
		$(error dem-mmaction: .venv is not from `make setup`; \
		move it away to let that make one)))
	echo 'Installing the tested versions into .venv, which can take minutes'
	mkdir -p .venv && : > $(STAMP)
	find .venv -mindepth 1 -maxdepth 1 ! -path $(STAMP) -exec rm -r {} +
	"$(BASE)" -m venv .venv
	$(call pip_install, -r requirements/tests.txt)
	$(call pip_install, --no-deps --no-build-isolation -e .)
	echo "$$(pwd -P) $(VERSION)" > $(STAMP)
