#!/bin/sh
# Other tracers of crewAI, each in a place of its own, for `make bench ARGS=peers`.
set -eu
for name in ${*:-mlflow mlflow-older openinference openllmetry openlit}; do
    wanted="requirements/peers-$name.in"
    there=".venv/peers-$name"
    if ! cmp -s "$wanted" "$there/peers.in" 2>/dev/null; then
        rm -rf "$there"
        .venv/bin/python -m uv venv --quiet --python .venv/bin/python "$there"
        .venv/bin/python -m uv pip install --quiet --compile-bytecode --python "$there/bin/python" \
            --requirement "$wanted"
        cp "$wanted" "$there/peers.in"
    fi
done
