"""Others replace the same functions: before us, above us, and for longer than we do."""

import asyncio
import importlib
import inspect

import pytest
from toys import noted

from telltale.tracing.patching import Patch, Patches


def test_two_who_patch_the_same_function_come_off_in_turn(library, put_on):
    toy = importlib.import_module(library("toy_two"))
    plain = toy.function
    first, second = put_on("toy_two:function"), put_on("toy_two:function")
    toy.function(1)
    assert len(noted) == 2

    second.take_off()
    first.take_off()
    assert toy.function is plain


def test_what_somebody_else_put_over_ours_stays_when_we_go(library, put_on):
    toy = importlib.import_module(library("toy_over"))
    patches = put_on("toy_over:function", "toy_over:Agent.inherited")
    ours, ours_inherited = toy.function, toy.Agent.inherited
    toy.function = theirs = lambda x: ("theirs", ours(x))
    toy.Agent.inherited = theirs_inherited = lambda self, x: ours_inherited(self, x)

    patches.take_off()

    assert toy.function is theirs
    assert toy.Agent.inherited is theirs_inherited
    assert toy.function(1) == ("theirs", ("function", 1))


@pytest.mark.parametrize("name", ["run", "static", "of", "inherited"])
def test_what_somebody_else_keeps_of_ours_does_nothing_once_we_are_gone(library, put_on, name):
    toy = importlib.import_module(library("toy_kept"))
    expected = getattr(toy.Agent(), name)(1)[0]
    first = put_on(f"toy_kept:Agent.{name}")
    ours = vars(toy.Agent)[name]
    setattr(toy.Agent, name, lambda *args: None)
    first.take_off()
    setattr(toy.Agent, name, ours)  # As they take theirs off.

    assert getattr(toy.Agent(), name)(1)[0] == expected
    assert noted == []

    put_on(f"toy_kept:Agent.{name}")
    assert getattr(toy.Agent(), name)(1)[0] == expected
    assert noted == [name]


def test_a_coroutine_function_of_ours_does_nothing_either_once_we_are_gone(library):
    toy = importlib.import_module(library("toy_kept_async"))

    def noting_async(original):
        async def stand_in(*args):
            noted.append("arun")
            return await original(*args)

        return stand_in

    patches = Patches([Patch("toy_kept_async:Agent.arun", noting_async)])
    patches.put_on()
    ours, agent = toy.Agent.arun, toy.Agent()
    assert inspect.iscoroutinefunction(ours)
    assert asyncio.run(ours(agent, 1)) == ("arun", agent, 1)
    patches.take_off()

    assert asyncio.run(ours(agent, 1)) == ("arun", agent, 1)
    assert noted == ["arun"]


class Bound:
    """What wrapt puts in a method's place: no function, but it says that it is what it wraps."""

    def __init__(self, wrapped, instance=None):
        self.__wrapped__ = wrapped
        self.__name__ = wrapped.__name__
        self._instance = instance

    @property
    def __class__(self):
        return type(self.__wrapped__)

    @property
    def __code__(self):
        return self.__wrapped__.__code__

    def __get__(self, instance, owner):
        by = owner if isinstance(self.__wrapped__, classmethod) else instance
        return Bound(self.__wrapped__.__get__(instance, owner), by)

    def __call__(self, *args, **kwargs):
        noted.append(self._instance)
        return self.__wrapped__(*args, **kwargs)


@pytest.mark.parametrize(
    ("name", "whose"),
    [("run", "instance"), ("arun", "instance"), ("static", None), ("of", "class")],
)
def test_a_wrapper_that_stood_there_first_still_learns_whose_method_it_is(
    library, put_on, name, whose
):
    toy = importlib.import_module(library("toy_bound"))
    agent = toy.Agent()
    expected = asyncio.run(agent.arun(1)) if name == "arun" else getattr(agent, name)(1)
    theirs = Bound(vars(toy.Agent)[name])
    setattr(toy.Agent, name, theirs)

    patches = put_on(f"toy_bound:Agent.{name}")
    result = getattr(agent, name)(1)

    assert (asyncio.run(result) if name == "arun" else result) == expected
    assert noted == [name, {"instance": agent, "class": toy.Agent, None: None}[whose]]
    patches.take_off()
    assert vars(toy.Agent)[name] is theirs
