"""Run variants inside the version of crewAI that this Python has, as a user's program would.

    python -m matrix.perform [--plain] NAME …

Each stands in an experiment of its own name. A JSON line on stdout says what came of it; the
server that plays the model is told when one begins, so that its log falls into parts.

--plain runs them without autolog: what they answer then is the truth about results.
"""

import contextlib
import importlib
import io
import json
import os
import sys
import urllib.request

import telltale
from matrix.variants import variants

MARK = "/begin/"


def main(names: list[str]) -> None:
    """Run them, one after the other."""
    plain = "--plain" in names
    if not plain:
        telltale.crewai.autolog()
    # crewAI is imported behind it, as most people do.
    do, lacking = variants(), importlib.import_module("matrix.variants.parts").Lacking

    for name in names:
        if name.startswith("--"):
            continue
        _begin(name)
        telltale.set_experiment(name)
        said = io.StringIO()
        told = {"name": name}
        with contextlib.redirect_stdout(said):
            try:
                told["result"] = str(do[name]())
            except lacking as error:
                told["lacks"] = str(error)
            except BaseException as error:  # noqa: BLE001  Ctrl-C is one of the variants
                told["error"] = f"{type(error).__name__}: {error}"
        # Past sys.stdout, which some versions filter; libraries leave colours on the line before.
        os.write(1, f"\n{json.dumps(told)}\n".encode())


def _begin(name: str) -> None:
    address = os.environ["OPENAI_BASE_URL"].removesuffix("/v1")
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}{MARK}{name}"):
        pass


if __name__ == "__main__":
    main(sys.argv[1:])
