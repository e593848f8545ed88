#!/bin/sh
# Make .venv from the committed lock. Needs a Python that crewAI runs on, and nothing else.
set -eu

fits() {
    "$1" - 2>/dev/null <<'PYTHON'
import sys, venv
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON
}

python=""
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "no python3")
    echo "setup: found $found, but crewAI runs on Python 3.11 to 3.13." >&2
    echo "Install one of them (Debian: apt-get install python3 python3-venv; anywhere: uv python" >&2
    echo "install 3.13), or name it: make setup PYTHON=/path/to/python3.13" >&2
    exit 1
fi

if ! .venv/bin/python -c '' 2>/dev/null; then
    echo "setup: making .venv with $("$python" --version)" >&2
    rm -rf .venv
    if ! "$python" -m venv .venv 2>.venv-error; then
        cat .venv-error >&2
        rm -rf .venv .venv-error
        echo "setup: $python cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2
        exit 1
    fi
    rm -f .venv-error
fi
if ! .venv/bin/python -m uv --version >/dev/null 2>&1; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
fi
echo "setup: installing what requirements/dev.txt locks" >&2
.venv/bin/python -m uv pip sync --quiet --compile-bytecode --require-hashes \
    --python .venv/bin/python requirements/dev.txt
.venv/bin/python -m uv pip install --quiet --no-deps --no-build-isolation \
    --python .venv/bin/python --editable .
