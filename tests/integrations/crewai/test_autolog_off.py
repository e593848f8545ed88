"""Autolog leaves nothing behind when it is switched off."""

import os
import subprocess
import sys

import pytest

from telltale.demo.environment import live_environment

pytestmark = pytest.mark.crew

PROGRAM = """
import importlib
import inspect
import sys
import telltale

early = {early}
if early:
    telltale.crewai.autolog()

from telltale.integrations import anthropic, azure, bedrock, gemini, litellm, openai
from telltale.integrations.crewai.integration import INTEGRATION
from crewai.rag.embeddings import factory
from crewai.rag.embeddings.providers.custom.custom_provider import CustomProvider
from crewai.rag.embeddings.providers.custom.embedding_callable import CustomEmbeddingFunction

NOT_THERE = object()
INNER = [one.INTEGRATION for one in (anthropic, azure, bedrock, gemini, litellm, openai)]
PATHS = [
    (place.path, place.unless)
    for integration in (INTEGRATION, *INNER)
    for place in (*integration.patches, *integration.targets)
]

def owner_of(path):
    module, _, names = path.partition(":")
    try:
        owner = importlib.import_module(module)
    except ImportError:
        return None
    *parents, name = names.split(".")
    for parent in parents:
        owner = getattr(owner, parent, None)
    return owner if hasattr(owner, name) else None

PLACES = [
    (owner, path.rpartition(".")[2].rpartition(":")[2])
    for path, unless in PATHS
    if (owner := owner_of(path)) is not None and not (unless and owner_of(unless))
]
of_crewai = {patch.path for patch in INTEGRATION.patches}
missing = [path for path in of_crewai if owner_of(path) is None]
assert len(of_crewai) - len(missing) > 50, f"this version has none of {missing}"

class Own(CustomEmbeddingFunction):
    def __init__(self): pass
    def __call__(self, input): return [[1.0] for _ in input]
    def embed_query(self, input): return self(input)

HELD = [(Own, "__call__"), (Own, "embed_query")]
held = [vars(owner)[name] for owner, name in HELD]

def standing():
    return [vars(owner).get(name, NOT_THERE) for owner, name in PLACES]

def plain(function):
    return getattr(function, "__func__", function)

def patched_once(function, original):
    function, times = plain(function), 0
    while function is not original and hasattr(function, "__wrapped__"):
        times += function.__code__.co_name in ("either", "either_async")
        function = plain(function.__wrapped__)
    return function is original and times == 1

def told(wrong):
    return [place for place, is_wrong in zip(PLACES, wrong) if is_wrong]

first = standing()
if early:
    telltale.crewai.autolog(disable=True)
    at_import, first = first, standing()
original = [plain(inspect.getattr_static(owner, name)) for owner, name in PLACES]
if early:
    others = told(not patched_once(a, b) for a, b in zip(at_import, original))
    assert not others, f"not what was imported: {others}"
for _ in range(2):
    telltale.crewai.autolog()
    telltale.crewai.autolog()
    patched = standing()
    unpatched = told(a is b for a, b in zip(first, patched))
    assert not unpatched, f"not patched: {unpatched}"
    twice = told(not patched_once(b, a) for a, b in zip(original, patched))
    assert not twice, f"patched twice: {twice}"
    factory.build_embedder(CustomProvider(embedding_callable=Own))(["text"])
    watched = [vars(owner)[name] for owner, name in HELD]
    assert not any(a is b for a, b in zip(held, watched)), "an embedder is not watched"
    telltale.crewai.autolog(disable=True)
    assert held == [vars(owner)[name] for owner, name in HELD], "an embedder is still watched"
    others = told(a is not b for a, b in zip(first, standing()))
    assert not others, f"not identical: {others}"
assert not [f for f in sys.meta_path if type(f).__module__.startswith("telltale")]
"""


@pytest.mark.parametrize("early", [True, False], ids=["before the import", "after the import"])
def test_every_patched_function_is_the_identical_object_again(early, tmp_path):
    program = PROGRAM.replace("{early}", str(early))

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, **live_environment(tmp_path / "storage")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
