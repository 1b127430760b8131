# Every target sets up what it needs, on a fresh Debian with Python 3.11 or newer. `make test` is what decides.
BIN := .venv/bin
# The tests start hundreds of processes: none of them has to compile what the last one did.
export PYTHONDONTWRITEBYTECODE :=
SETUP := pyproject.toml .ci/setup

.PHONY: demo run test test-long check fmt score bench
.NOTPARALLEL:

demo: .venv/.ready  ## the whole story in a throw-away home
	@$(BIN)/python -m daemon.demo

run: .venv/.ready  ## make run ARGS="trips calendar.ics"
	@$(BIN)/homeward $(ARGS)

check: .venv/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Real servers included. The line that pytest closes with is the last one.
test: check
	$(BIN)/pytest -n 2 -m "not long" --hypothesis-profile ci --cov --cov-branch --cov-report=term --durations=12

test-long: check  ## soaks and long fuzzing too
	$(BIN)/pytest -n 2 --timeout 3600

fmt: .venv/.ready-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

score: .venv/.ready  ## make score TITLES=FILE.jsonl; its last line is one JSON object
	@$(BIN)/python -m daemon.score $(TITLES)

bench: .venv/.ready-dev  ## homeward and its peers side by side; ratios of one run
	@sh benchmarks/setup .bench
	@$(BIN)/python benchmarks/run.py .bench
	@$(BIN)/python benchmarks/caldav.py .bench
	@$(BIN)/python benchmarks/imap.py
	@$(BIN)/python benchmarks/google_costs.py
	@$(BIN)/python benchmarks/service.py .bench

.venv/.ready: $(SETUP)
	@sh .ci/setup run

.venv/.ready-dev: $(SETUP)
	@sh .ci/setup dev
