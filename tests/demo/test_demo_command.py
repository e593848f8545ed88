"""`telltale demo` with a real crew, whatever stands in the user's environment."""

import os
import subprocess
import sys

import pytest


@pytest.mark.crew
def test_a_switch_that_would_silence_tracing_does_not_reach_the_demos_crew(free_port, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "telltale.cli", "demo", "--exit", "--port", str(free_port)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "OTEL_SDK_DISABLED": "true",
        },
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "53 spans" in done.stdout
    assert "OTEL_SDK_DISABLED is set" in done.stderr
