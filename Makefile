# Two commands do everything: `make demo` and `make test`. Both set up .venv first. What looks at the dashboard through a
# browser is `make browser-test`, since it needs Chromium; what trains models is `make train-test`, since it needs torch;
# `make cluster-test` starts clusters on this machine; and `make kill-test` kills commands at every step.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin

# Without compiled files every worker of the tests, and every process that these start, begins seconds later.
unexport PYTHONDONTWRITEBYTECODE

# One more than there are cores: a test that waits for a process or a server leaves its core to another one.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

SECONDS ?= 60
SEED ?= 1

.PHONY: demo test browser-test train-test cluster-test kill-test fuzz style lint docs bench clean

demo: $(VENV)/installed
	@rm -rf build/demo
	@$(BIN)/curation demo --data build/demo

test: style
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --ignore tests/browser --ignore tests/train --ignore tests/cluster

style: $(VENV)/installed-dev
	@$(BIN)/ruff check curation dashboards tests benchmarks docs
	@$(BIN)/ruff format --check --quiet curation dashboards tests benchmarks docs

# The types of what trains are checked against those of torch.
lint: style $(VENV)/installed-train
	@$(BIN)/mypy

browser-test: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n auto --dist loadfile tests/browser

train-test: $(VENV)/installed-train
	@$(BIN)/python -m pytest -n auto --dist loadscope tests/train

# Dask, Ray and jobs as Slurm has them, started and ended here; one process of tests, since the clusters take the cores.
# Their packages leave sockets and processes to the garbage collector, which is theirs to mend.
cluster-test: $(VENV)/installed-cluster
	@$(BIN)/python -m pytest -p no:unraisableexception tests/cluster

# Every command that writes, killed before each of its steps on the disk; the tests try a few of them. An hour or less.
kill-test: $(VENV)/installed-dev
	@$(BIN)/python -m tests.kill

# Mutated inputs for SECONDS, or so many as INPUTS says; each fault with the line to see it again.
fuzz: $(VENV)/installed-dev
	@$(BIN)/python -m tests.fuzz --seed $(SEED) $(if $(INPUTS),--inputs $(INPUTS),--seconds $(SECONDS))

# The figures of the docs; DATA is a folder with the sets, each unpacked under its name. WORKSPACE, if it is given, has the
# corpora `baseline` and `strict`; it is only read.
BENCHMARKS := benchmarks benchmarks.landing benchmarks.mojibake benchmarks.language_speed benchmarks.language_accuracy \
	benchmarks.near_duplicates benchmarks.whole_run benchmarks.growth benchmarks.compare \
	benchmarks.waits benchmarks.ngram benchmarks.dashboard
INVENTED := benchmarks.crowds benchmarks.typos
OF_WORKSPACE := benchmarks.export benchmarks.sweep

bench: $(VENV)/installed-bench
	@for one in $(BENCHMARKS); do $(BIN)/python -m $$one $(DATA) || exit 1; done
	@for one in $(INVENTED); do $(BIN)/python -m $$one || exit 1; done
	@for one in $(if $(WORKSPACE),$(OF_WORKSPACE)); do $(BIN)/python -m $$one $(WORKSPACE) || exit 1; done

docs: $(VENV)/installed-dev
	@$(BIN)/python -m docs.generate

$(VENV)/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "curation needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# This release of torch has a build for CPUs alone; a range would take the newest, with gigabytes of CUDA.
$(VENV)/installed-train: $(VENV)/installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[train]'
	@touch $@

$(VENV)/installed-cluster: $(VENV)/installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[ray,slurm,dask,s3]'
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@touch $@

clean:
	@rm -rf $(VENV) build
