#!/bin/sh
# Logfire and MLflow, for `make bench ARGS=span` to measure beside us. .venv has nothing of them.
set -eu
there=.venv/peers
if ! cmp -s requirements/peers.in "$there/peers.in" 2>/dev/null; then
    rm -rf "$there"
    .venv/bin/python -m uv venv --quiet --python .venv/bin/python "$there"
    .venv/bin/python -m uv pip install --quiet --compile-bytecode --python "$there/bin/python" \
        --requirement requirements/peers.in
    cp requirements/peers.in "$there/peers.in"
fi
