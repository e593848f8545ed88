"""Other people's functions are replaced by table, and come back as the identical objects."""

import importlib
import inspect
import sys
import threading

import pytest
from toys import noted, noting

from telltale.tracing import patching
from telltale.tracing.patching import Patch, Patches, Watched
from testbed.waiting import wait_until


def finders():
    return [finder for finder in sys.meta_path if isinstance(finder, patching._Finder)]


def test_what_is_imported_already_is_patched_at_once(library, put_on):
    toy = importlib.import_module(library("toy_there"))
    put_on("toy_there:function", "toy_there:Agent.run", "toy_there:Agent.Inner.deep")
    agent = toy.Agent()

    assert (toy.function(1), agent.run(2)) == (("function", 1), ("run", agent, 2))
    assert toy.Agent.Inner().deep() == "deep"
    assert noted == ["function", "run", "deep"]


def test_what_is_not_imported_yet_waits_and_is_not_imported_by_us(library, put_on):
    put_on(f"{library('toy_later')}:function")

    assert "toy_later" not in sys.modules
    toy = importlib.import_module("toy_later")
    assert toy.function(1) == ("function", 1)
    assert noted == ["function"]


def test_a_module_inside_a_package_may_be_waited_for(library, put_on):
    library("toy_pack.__init__", "")
    library("toy_pack.agents.__init__", "from toy_pack.agents.core import Agent")
    put_on(f"{library('toy_pack.agents.core')}:Agent.run")

    agents = importlib.import_module("toy_pack.agents")
    agents.Agent().run(1)

    assert noted == ["run"]


def test_a_module_that_fails_to_import_fails_as_it_would_and_waits_on(library, put_on, tmp_path):
    put_on(f"{library('toy_broken', 'import sys; sys.telltale_missing')}:function")

    with pytest.raises(AttributeError, match="telltale_missing"):
        importlib.import_module("toy_broken")
    library("toy_broken")
    importlib.import_module("toy_broken").function(1)

    assert noted == ["function"]


def test_a_module_that_does_not_exist_is_still_not_found(put_on):
    put_on("toy_nowhere:function")

    with pytest.raises(ModuleNotFoundError, match="toy_nowhere"):
        importlib.import_module("toy_nowhere")
    assert importlib.util.find_spec("toy_nowhere") is None


def test_a_module_is_loaded_as_it_would_be_without_us(library, put_on):
    put_on(f"{library('toy_same')}:function")
    toy = importlib.import_module("toy_same")

    assert toy.__spec__.loader is toy.__loader__
    assert "exec_module" not in vars(toy.__loader__)
    assert toy.__spec__.name == "toy_same"
    assert inspect.getsource(toy).startswith("\nclass Parent")


def test_a_module_that_many_threads_import_at_once_is_patched_once(library, put_on):
    put_on(f"{library('toy_threads')}:function")
    threads = [
        threading.Thread(target=importlib.import_module, args=("toy_threads",)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sys.modules["toy_threads"].function(1)
    assert noted == ["function"]


def test_a_module_that_another_thread_has_half_imported_is_patched_whole(library, put_on):
    name = library(
        "toy_half",
        "import threading\nbegun, going_on = threading.Event(), threading.Event()\n"
        "import sys\nsys.modules['toy_gate'] = sys.modules[__name__]\n"
        "begun.set()\ngoing_on.wait(10)\ndef function(x): return ('function', x)\n",
    )
    importing = threading.Thread(target=importlib.import_module, args=[name])
    importing.start()
    wait_until(lambda: "toy_gate" in sys.modules)
    gate = sys.modules["toy_gate"]
    patching_it = threading.Thread(target=put_on, args=[f"{name}:function"])
    patching_it.start()
    patching_it.join(0.05)
    gate.going_on.set()
    importing.join()
    patching_it.join()
    del sys.modules["toy_gate"]

    assert sys.modules[name].function(1) == ("function", 1)
    assert noted == ["function"]


def test_a_hook_that_the_librarys_class_inherits_goes_on_to_the_programs_other_parents(
    library, put_on
):
    patches = put_on(f"{library('toy_hook', 'class Base: pass')}:Base.__init_subclass__")
    toy, heard = importlib.import_module("toy_hook"), []

    class Mixin:
        def __init_subclass__(cls, said: str, **kwargs):
            super().__init_subclass__(**kwargs)
            heard.append((cls.__name__, said))

    class Child(toy.Base, Mixin, said="so"):
        pass

    assert (heard, noted) == ([("Child", "so")], ["__init_subclass__"])
    patches.take_off()
    assert "__init_subclass__" not in vars(toy.Base)


def test_the_finder_is_there_only_while_something_waits(library, put_on):
    assert finders() == []
    patches = put_on(f"{library('toy_wait')}:function")
    assert len(finders()) == 1

    importlib.import_module("toy_wait")
    assert finders() == []

    patches.take_off()
    assert finders() == []


def test_disabling_removes_the_finder_though_nothing_came(put_on):
    patches = put_on("toy_never:function")
    other = put_on("toy_never_either:function")

    patches.take_off()
    assert len(finders()) == 1
    other.take_off()
    assert finders() == []


def test_what_was_disabled_before_its_import_is_not_patched(library, put_on):
    put_on(f"{library('toy_off')}:function").take_off()

    importlib.import_module("toy_off").function(1)
    assert noted == []


PATHS = ["function", "Agent.run", "Agent.arun", "Agent.static", "Agent.of", "Agent.inherited",
         "Agent.inherited_static", "Agent.inherited_class", "Agent.Inner.deep"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_every_function_comes_back_as_the_identical_object(library, put_on, path, when):
    name = library("toy_back")
    *parents, last = path.split(".")
    if when == "after":
        patches = put_on(f"{name}:{path}")
    toy = importlib.import_module(name)
    if when == "before":
        patches = put_on(f"{name}:{path}")
    owner = toy
    for parent in parents:
        owner = getattr(owner, parent)
    assert last in vars(owner)
    patched = vars(owner)[last]
    patches.take_off()

    plain = importlib.util.module_from_spec(toy.__spec__)
    toy.__spec__.loader.exec_module(plain)
    fresh = plain
    for parent in parents:
        fresh = getattr(fresh, parent)
    assert vars(owner).keys() == vars(fresh).keys()
    assert vars(owner).get(last) is not patched
    original = inspect.getattr_static(owner, last)
    assert type(original) is type(inspect.getattr_static(fresh, last))
    function = getattr(original, "__func__", original)
    assert function.__qualname__.endswith(last)
    assert not function.__closure__


def test_the_object_that_stood_there_is_the_one_that_returns(library, put_on):
    toy = importlib.import_module(library("toy_identical"))
    before = {path: vars(toy.Agent).get(path) for path in ("run", "static", "of", "inherited")}
    function = toy.function
    patches = put_on(*[f"toy_identical:Agent.{name}" for name in before], "toy_identical:function")
    patches.take_off()

    assert {path: vars(toy.Agent).get(path) for path in before} == before
    assert all(vars(toy.Agent).get(path) is was for path, was in before.items())
    assert toy.function is function


@pytest.mark.parametrize(
    ("name", "result"),
    [("static", ("static", 1)), ("inherited_static", ("inherited_static", 1)),
     ("of", None), ("inherited_class", None)],
)  # fmt: skip
@pytest.mark.parametrize("by", ["class", "object", "subclass"])
def test_static_and_class_methods_are_called_as_before(library, put_on, name, result, by):
    toy = importlib.import_module(library("toy_methods"))
    put_on(f"toy_methods:Agent.{name}")

    class Subclass(toy.Agent):
        pass

    owner = {"class": toy.Agent, "object": toy.Agent(), "subclass": Subclass}[by]
    cls = Subclass if by == "subclass" else toy.Agent

    assert getattr(owner, name)(1) == (result or (name, cls, 1))
    assert noted == [name]


def test_the_class_that_a_method_was_inherited_from_is_left_alone(library, put_on):
    toy = importlib.import_module(library("toy_parent"))
    before = toy.Parent.inherited
    put_on("toy_parent:Agent.inherited")

    assert toy.Parent.inherited is before
    toy.Parent().inherited(1)
    assert noted == []


def test_patches_that_are_put_on_twice_are_on_once(library, put_on):
    toy = importlib.import_module(library("toy_twice"))
    patches = put_on("toy_twice:function")
    patches.put_on()

    toy.function(1)
    assert noted == ["function"]


@pytest.mark.parametrize("path", ["gone", "Agent.gone", "Gone.run", "Agent.run.gone"])
def test_what_the_installed_version_lacks_is_listed_and_harms_nothing(library, put_on, path):
    toy = importlib.import_module(library("toy_lacking"))
    patches = put_on(f"toy_lacking:{path}", "toy_lacking:function")

    toy.function(1)
    assert patches.missing == [f"toy_lacking:{path}"]
    assert noted == ["function"]


@pytest.mark.parametrize(("better", "is_patched"), [("Agent.run", False), ("Agent.none", True)])
def test_a_place_is_patched_only_where_no_better_one_is(library, better, is_patched):
    toy = importlib.import_module(library("toy_versions"))
    patches = Patches([Patch("toy_versions:function", noting, unless=f"toy_versions:{better}")])
    patches.put_on()
    toy.function(1)
    patches.take_off()

    assert noted == ["function"] * is_patched


def test_a_patch_that_cannot_be_made_leaves_the_function(library, caplog):
    toy = importlib.import_module(library("toy_fault"))
    plain = toy.function
    patches = Patches([Patch("toy_fault:function", lambda original: 1 / 0)])
    patches.put_on()

    assert toy.function is plain
    assert "patching toy_fault:function" in caplog.text
    patches.take_off()


def test_a_class_that_is_met_late_is_watched_in_what_it_defines_itself_and_let_go(library):
    class Parent:
        def run(self):
            return "parent"

    class Child(Parent):
        def walk(self):
            return "child"

    own = vars(Child)["walk"]
    watched = Watched(("run", "walk"), noting)
    watched.add(Child)
    watched.add(Child)
    held = vars(Child)["walk"]

    assert (Child().run(), Child().walk()) == ("parent", "child")
    assert noted == ["walk"]
    assert Child in watched and Parent not in watched
    watched.let_go()
    assert vars(Child)["walk"] is own
    assert "run" not in vars(Child)
    assert (held(Child()), noted) == ("child", ["walk"])


def test_where_somebody_patched_over_it_it_only_passes_calls_on_when_let_go(library):
    class Agent:
        def run(self):
            return "ran"

    watched = Watched(("run",), noting)
    watched.add(Agent)
    beneath = vars(Agent)["run"]
    Agent.run = lambda self: beneath(self)
    over = vars(Agent)["run"]
    watched.let_go()

    assert vars(Agent)["run"] is over
    assert (Agent().run(), noted) == ("ran", [])
