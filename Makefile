# Two commands do everything: `make demo` runs the main job, `make test` every check. Each creates .venv on first use.
#
#   PYTHON=/path/to/python   the interpreter to build .venv from (3.11 or newer); found by itself otherwise
#   TORCH='torch==2.7.1 torchvision==0.22.1'   another torch, such as one that matches an older GPU driver

.PHONY: demo test bench clean help
SHELL := /bin/sh
PYTHON ?=
TORCH ?= torch==2.14.1 torchvision==0.29.1

help:
	@sed -n 's/^# //p' Makefile

demo: .venv/.app
	@.venv/bin/traindeck demo

test: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest -n 2 --dist loadfile

# `make bench` takes half an hour; docs/performance.md says what is measured. The last one needs `pip install lightning scikit-learn`.
bench: .venv/.dev
	.venv/bin/python -m tests.bench.bench_overhead
	.venv/bin/python -m tests.bench.bench_data
	.venv/bin/python -m tests.bench.bench_growth
	.venv/bin/python -m tests.bench.bench_processes
	.venv/bin/python -m tests.bench.bench_diagnosis --ablations
	.venv/bin/python -m tests.bench.bench_long_log
	.venv/bin/python -m tests.bench.bench_monitor_open
	.venv/bin/python -m tests.bench.bench_monitor
	.venv/bin/python -m tests.bench.bench_charts
	.venv/bin/python -m tests.bench.bench_home
	.venv/bin/python -m tests.bench.bench_overlay
	.venv/bin/python -m tests.bench.bench_editor
	.venv/bin/python -m tests.bench.bench_config_files
	.venv/bin/python -m tests.bench.bench_yaml_pane
	.venv/bin/python -m tests.bench.bench_rivals

.venv/.app: pyproject.toml
	@PYTHON='$(PYTHON)' TORCH='$(TORCH)' sh .ci/venv .

.venv/.dev: .venv/.app
	@sh .ci/venv '.[dev]'

clean:
	rm -rf .venv
