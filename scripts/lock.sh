#!/bin/sh
# Resolve what .venv is made of, for every Python and platform at once. No registry is named.
set -eu
compile() {
    .venv/bin/python -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-header --no-annotate --no-emit-index-url --upgrade "$@"
}
compile pyproject.toml --extra server --group crew --group test --output-file requirements/dev.txt
compile pyproject.toml --group sdk-test --output-file requirements/sdk.txt
