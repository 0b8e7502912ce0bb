# Every target does the set-up it needs; nothing is done twice. `make help` lists them.
SHELL := /bin/bash
PY := .venv/bin/python
export AIRFLOW_HOME ?= $(CURDIR)/airflow-home
export VERMILLION_ROOT ?= $(CURDIR)/data/demo

.PHONY: help setup demo test coverage fuzz escape check ui gallery reference docs screenshots hard-cases natural-cases audit-figures cluster-smoke cluster-training image-smoke train-setup train-smoke vllm-smoke clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## virtual environment, pinned packages, Chromium, fonts
	@scripts/setup

demo: setup ## the main job: bundled sources to published shards, through Airflow, no GPU, no key
	@scripts/demo

test: setup ## all tests, a file at a time on each of up to four cores
	@$(PY) -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile

coverage: setup ## covered lines, one line a room; `make coverage TESTS=tests/records` measures some tests
	@$(PY) scripts/coverage $(TESTS)

fuzz: setup ## 10,000 programs that nobody wrote through the corrupt stage; none may end a build
	@FUZZ_INPUTS=10000 $(PY) -m pytest --timeout=7200 tests/annotators/test_fuzz.py

escape: setup ## the hostile programs of all modalities; for root, as an ordinary user too
	@scripts/escape

check: setup ## format, lint, types, imports
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

ui: setup ## Airflow on loopback, http://127.0.0.1:8080, with the three DAGs
	@scripts/airflow standalone

gallery: setup ## one page per corruption in docs/gallery
	@$(PY) -m vermillion.pages.catalog docs/gallery

reference: setup ## the reference pages and the drawing of the documentation, from the code
	@$(PY) -m vermillion.pages.reference docs/reference
	@$(PY) -m vermillion.pages.architecture docs/architecture.svg

docs: setup reference ## the documentation site, built strictly into out/site; no dead link
	@.venv/bin/sphinx-build -q -W --keep-going -b html docs out/site
	@$(PY) -m vermillion.pages.links out/site

screenshots: setup ## the pictures of our pages in docs, from a small build and Airflow on loopback; some minutes
	@$(PY) -m vermillion.pages.screenshots docs

hard-cases: setup ## the pictures of docs/hard-cases.md
	@$(PY) -m vermillion.pages.hard_cases docs

natural-cases: setup ## docs/natural.md, where the natural pairs lie at ../shared/data/natural
	@$(PY) -m vermillion.pages.natural_cases docs ../shared/data/natural

train-setup: setup ## the training environment, .venv-train; 6 GB with CUDA's libraries
	@scripts/train-setup

train-smoke: setup ## training in small on a CPU: two processes, kill and resume, evaluation, GRPO, refinement
	@scripts/train-smoke

vllm-smoke: setup ## policy and annotator through a real vLLM on a CPU, by a server and by Ray Data, with a tiny random model
	@scripts/vllm-smoke

audit-figures: setup ## docs/reference/audit.md: every lane of the audit, minutes; the pairs of others lie at ../shared/data
	@$(PY) -m vermillion.pages.audit docs/reference ../shared/data

cluster-smoke: setup ## a cluster on loopback (Postgres, Redis, S3, Celery) builds while parts of it break; MANY=1100 adds so many shards
	@$(PY) -m vermillion.cluster.smoke $(if $(MANY),--many $(MANY))

cluster-training: setup ## train_visual_erm on two workers that share no disk, killed, failed and ended; as root
	@scripts/train-setup
	@$(PY) -m vermillion.cluster.rehearsal

image-smoke: setup ## the image without Docker: its root by debootstrap, doctor and a build under runc; as root, some minutes
	@$(PY) -m vermillion.cluster.image out/image/root

clean: ## everything that was generated, but the environment
	rm -rf data airflow-home out .pytest_cache .mypy_cache .ruff_cache
