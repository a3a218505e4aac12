# Everything sets itself up: git, make and some Python >= 3.12 are assumed.
PY = .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test slow lint bench lock clean setup jax boost spark

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup:
	@sh tools/bootstrap.sh

demo: setup  ## the whole path on a real retailer: check, fit, ROI table, plan, report
	@.venv/bin/outlay demo $(ARGS)

test: setup  ## the tests, a file at a time on every core (ARGS="tests/mmm -k roi -n 0" for some of them, on one)
	@$(PY) -m pytest -n logical --maxprocesses 4 --dist loadfile --durations=5 $(ARGS)

jax: setup  ## add the extra [jax] to .venv: the engine for a GPU, and its tests
	@sh tools/bootstrap.sh jax

boost:  ## add the extra [boost] to .venv: LightGBM and XGBoost for lead scores, and their tests
	@sh tools/bootstrap.sh boost

spark:  ## add the extra [spark] to .venv: tables behind spark://, and their tests (needs Java)
	@sh tools/bootstrap.sh spark

slow: jax boost spark  ## the slow tests: simulation studies and real fits
	@$(PY) -m pytest -m slow --durations=5 $(ARGS)

lint: setup  ## style, format, types, and who imports whom
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports

bench: setup  ## measurements side by side with peers
	@for file in benchmarks/*.py benchmarks/budget/run.py benchmarks/customers/*.py; do \
		if [ ! -e "$$file" ]; then echo "no benchmarks yet"; exit 0; fi; \
		echo "== $$file"; $(PY) "$$file" || exit 1; \
	done

lock: setup  ## renew the lock after a change of dependencies (ARGS=--upgrade for newer versions)
	.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" $(ARGS) requirements/uv.in -o requirements/uv.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
		--custom-compile-command "make lock" $(ARGS) --group dev pyproject.toml -o requirements/lock.txt
	@# the extras apart, in the versions of the lock where both name a package
	@for extra in jax boost spark; do \
		$(PY) -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['$$extra'], sep='\n')" \
		| .venv/bin/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" $(ARGS) --constraint requirements/lock.txt - -o requirements/$$extra.txt || exit 1; \
	done

clean:  ## remove the environment, caches and builds (runs and reports stay)
	rm -rf .venv .venv.lock build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
