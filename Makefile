lock: ## Pin every package again, with hashes
	.venv/bin/uv pip compile pyproject.toml --group dev --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --quiet -o requirements-dev.lock
	.venv/bin/uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 --no-annotate --no-header --quiet -c requirements-dev.lock -o requirements.lock
