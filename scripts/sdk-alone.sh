#!/bin/sh
# A production agent has the light SDK and nothing of the server: its tests run in such a place.
set -eu
there=.venv/sdk-alone
if ! cmp -s requirements/sdk.txt "$there/locked.txt" 2>/dev/null; then
    rm -rf "$there"
    .venv/bin/python -m uv venv --quiet --python .venv/bin/python "$there"
    .venv/bin/python -m uv pip sync --quiet --require-hashes --python "$there/bin/python" requirements/sdk.txt
    .venv/bin/python -m uv pip install --quiet --no-deps --no-build-isolation \
        --python "$there/bin/python" --editable .
    cp requirements/sdk.txt "$there/locked.txt"
fi
"$there/bin/python" -m pytest --quiet -p no:cacheprovider tests/nouns tests/conventions tests/otlp tests/tracing
