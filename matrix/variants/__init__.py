"""The variants, by name, in the order in which they are run.

Only names are known here: what a variant does imports crewAI, and that is for `perform` alone.
"""

import ast
import importlib
from collections.abc import Callable
from pathlib import Path

MODULES = (
    "crews",
    "functions",
    "models",
    "streams",
    "own",
    "tools",
    "flows",
    "agents",
    "providers",
    "clouds",
    "gateways",
    "remote",
    "resume",
    "recall",  # On 1.14.7 no checkpoint is kept behind a memory that failed.
)


def names() -> list[str]:
    """All of them: the public functions of a module that are listed at its end."""
    found = []
    for module in MODULES:
        tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text("utf-8"))
        (listed,) = [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VARIANTS"
        ]
        assert isinstance(listed, ast.Tuple)
        found += [ast.unparse(element) for element in listed.elts]
    return found


def variants() -> dict[str, Callable[[], object]]:
    """What they do, by name."""
    modules = [importlib.import_module(f"{__name__}.{module}") for module in MODULES]
    return {function.__name__: function for module in modules for function in module.VARIANTS}
