"""Replace functions of other people's libraries, safely and reversibly.

Patches are put on by table and taken off again to the identical object. The library is imported
by the user, never by us: a patch whose module is not there yet waits for its import.
"""

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from importlib.metadata import PackageNotFoundError, version
from types import ClassMethodDescriptorType, FunctionType, ModuleType
from typing import Any, NamedTuple

from telltale.tracing.guard import aloud, fault, say_once, sheltered, talkative_lock


class Patch(NamedTuple):
    """One function to be replaced."""

    path: str
    """`package.module:Class.method` or `package.module:function`."""
    make: Callable[[Any], Any]
    """From the plain function to its stand-in; `staticmethod` and `classmethod` are kept."""
    required: bool = False
    """Without it the integration sees nothing, and that is said."""
    unless: str = ""
    """A path that does better where the library's version has it."""

    @property
    def module(self) -> str:
        """Name of the module that has it."""
        return self.path.partition(":")[0]


def within(
    block: Callable[..., AbstractContextManager[Any]],
    tell: Callable[[Any, Any], object] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """What makes a stand-in, by which each call is made inside a block of ours.

    Args:
        block: From the call's arguments to the block.
        tell: Is told, inside, what the block has given and what the function has answered.
    """

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with block(*args, **kwargs) as given:
                result = original(*args, **kwargs)
                if tell is not None:
                    tell(given, result)
                return result

        @functools.wraps(original)
        async def inside_async(*args: Any, **kwargs: Any) -> Any:
            with block(*args, **kwargs) as given:
                result = await original(*args, **kwargs)
                if tell is not None:
                    tell(given, result)
                return result

        return inside_async if inspect.iscoroutinefunction(original) else inside

    return make


def while_on(
    original: Callable[..., Any], stand_in: Callable[..., Any], is_on: Callable[[], bool]
) -> Callable[..., Any]:
    """The stand-in as long as it is wanted; from then on what it stands for.

    Who has patched over it holds it for longer than we do, and may put it back one day.
    """

    @functools.wraps(original)
    def either(*args: Any, **kwargs: Any) -> Any:
        return (stand_in if is_on() else original)(*args, **kwargs)

    @functools.wraps(original)
    async def either_async(*args: Any, **kwargs: Any) -> Any:
        return await (stand_in if is_on() else original)(*args, **kwargs)

    return either_async if inspect.iscoroutinefunction(stand_in) else either


def plain_function(method: Any) -> Callable[..., Any]:
    """A function of a method's instance and its arguments.

    What other tracers put in its place may be none: wrapt's objects learn by being bound whose
    method they are, and are told nobody's where they are called like a function.
    """
    if type(method) is FunctionType or not hasattr(method, "__get__"):
        return method
    return _bound_first(method, lambda instance: method.__get__(instance, type(instance)))


def _bound_first(method: Any, bind: Callable[[Any], Callable[..., Any]]) -> Callable[..., Any]:
    """A function that binds the method to its first argument, and gives it the rest."""

    @functools.wraps(method)
    def function(first: Any, *args: Any, **kwargs: Any) -> Any:
        return bind(first)(*args, **kwargs)

    @functools.wraps(method)
    async def function_async(first: Any, *args: Any, **kwargs: Any) -> Any:
        return await bind(first)(*args, **kwargs)

    return function_async if inspect.iscoroutinefunction(method) else function


class Watched:
    """Methods of classes that nobody could name beforehand, each class's from when it is met."""

    def __init__(self, names: Sequence[str], make: Callable[[Any], Any]) -> None:
        self._names = names
        self._make = make
        self._replaced: dict[type, dict[str, tuple[Any, Any]]] = {}
        """By class and name: what stood there, and what stands there instead."""
        self._changing = talkative_lock()

    def __contains__(self, cls: type) -> bool:
        return cls in self._replaced

    def add(self, cls: type) -> None:
        """Replace the methods that this class itself defines; those of its parents are theirs."""
        if cls in self._replaced:
            return
        with aloud, self._changing:
            if cls in self._replaced:
                return
            replaced: dict[str, tuple[Any, Any]] = {}
            self._replaced[cls] = replaced

            def is_on() -> bool:
                # Somebody may hold the stand-in of an earlier time, and put it back beneath ours.
                return self._replaced.get(cls) is replaced

            for name in self._names:
                original = vars(cls).get(name)
                if inspect.isfunction(original):
                    function = plain_function(original)
                    stand_in = while_on(function, self._make(function), is_on)
                    replaced[name] = original, stand_in
                    setattr(cls, name, stand_in)

    def let_go(self) -> None:
        """Give every class its own functions back."""
        with aloud, self._changing:
            while self._replaced:
                cls, replaced = self._replaced.popitem()
                for name, (original, stand_in) in replaced.items():
                    if vars(cls).get(name) is stand_in:
                        setattr(cls, name, original)


class _Applied(NamedTuple):
    owner: Any
    name: str
    original: Any
    """What stood there, descriptor and all."""
    stand_in: Any
    inherited: bool


class Patches:
    """A set of patches that is on or off as a whole."""

    def __init__(self, patches: Sequence[Patch]) -> None:
        self._waiting: dict[str, list[Patch]] = {}
        """By module, for every import of the program's asks whether its module is waited for."""
        for patch in patches:
            self._waiting.setdefault(patch.module, []).append(patch)
        self._applied: list[_Applied] = []
        self._changing = talkative_lock()
        self.is_on = False
        self.missing: list[str] = []
        """Paths that the installed version of the library does not have."""

    def put_on(self) -> None:
        """Patch what is imported; wait for the rest."""
        for name in list(self._waiting):
            _wait_for_another_thread(name)
        with aloud, self._changing:
            self.is_on = True
            for name in list(self._waiting):
                if name in sys.modules:
                    self.apply_to(name)
            if self._waiting:
                _FINDER.watch(self)

    def take_off(self) -> None:
        """Give every function back, the identical object."""
        with aloud, self._changing:
            self.is_on = False
            _FINDER.forget(self)
            for owner, name, original, stand_in, inherited in reversed(self._applied):
                if vars(owner).get(name) is not stand_in:
                    continue  # Somebody patched over ours, which only passes calls on from now.
                if inherited:
                    delattr(owner, name)
                else:
                    setattr(owner, name, original)
            self._applied.clear()
            self._waiting.clear()

    @property
    def is_waiting(self) -> bool:
        """Whether any patch still waits for an import."""
        return bool(self._waiting)

    def awaits(self, module: str) -> bool:
        """Whether a patch waits for this module."""
        return module in self._waiting

    def apply_to(self, module: str) -> None:
        """Put on what waits for this module, which has just been imported."""
        with aloud, self._changing:
            for patch in self._waiting.pop(module, ()):
                try:
                    self._apply(patch)
                except Exception as error:  # noqa: BLE001  the user's program comes first
                    fault(f"patching {patch.path}", error)

    def _apply(self, patch: Patch) -> None:
        if patch.unless and _owner(patch.unless) is not None:
            return
        owner, name = _owner(patch.path), patch.path.rpartition(".")[2].rpartition(":")[2]
        if owner is None:
            self.missing.append(patch.path)
            if patch.required:
                _say_missing(patch)
            return
        # As it is written down: an attribute's value would be bound, or no staticmethod any more.
        original = inspect.getattr_static(owner, name)
        inherited = name not in vars(owner)
        keep, function = _taken_apart(original, owner, name if inherited else "")
        stand_in = keep(while_on(function, patch.make(function), lambda: self.is_on))
        setattr(owner, name, stand_in)
        self._applied.append(_Applied(owner, name, original, stand_in, inherited))


def _wait_for_another_thread(name: str) -> None:
    """Until it has imported a module that it has begun to; half of one has half of its functions.

    Without a lock of ours: the module's end may need it.
    """
    spec = getattr(sys.modules.get(name), "__spec__", None)
    if getattr(spec, "_initializing", False):
        # Its program's own fault, which it is told where it imports.
        with suppress(Exception):
            importlib.import_module(name)


def _taken_apart(
    original: Any, owner: Any, inherited_name: str
) -> tuple[Callable[[Any], Any], Callable[..., Any]]:
    """What makes an attribute of a function, and the function that this attribute is made of."""
    if isinstance(owner, ModuleType):
        return _as_it_is, original
    # An object of another tracer's says that it is what it stands for, and binds as that would.
    if isinstance(original, staticmethod):
        return staticmethod, original.__get__(None, owner)
    if isinstance(original, classmethod | ClassMethodDescriptorType):
        if inherited_name:
            # A class of the program's may have other parents, whose turn would be before.
            return classmethod, _bound_first(
                original, lambda cls: getattr(super(owner, cls), inherited_name)
            )
        return classmethod, _bound_first(original, lambda cls: original.__get__(None, cls))
    return _as_it_is, plain_function(original)


def _as_it_is(function: Any) -> Any:
    return function


def _owner(path: str) -> Any:
    """What has the last name of a path as its attribute; None where nothing has."""
    module, _, names = path.partition(":")
    owner: Any = sys.modules.get(module)
    *parents, name = names.split(".")
    for parent in parents:
        owner = getattr(owner, parent, None)
    return owner if owner is not None and hasattr(owner, name) else None


def _say_missing(patch: Patch) -> None:
    package = patch.module.partition(".")[0]
    try:
        installed = version(package)
    except PackageNotFoundError:
        installed = "of unknown version"
    say_once(
        f"missing {patch.path}",
        "Telltale: %s %s has no %s, so it is not traced. Install a version that Telltale "
        "supports, or a newer Telltale.",
        package,
        installed,
        patch.path,
    )


class _Finder(importlib.abc.MetaPathFinder):
    """Sees imports while a patch waits, and is not there otherwise."""

    def __init__(self) -> None:
        self._watching: list[Patches] = []
        self._finding = threading.local()

    def watch(self, patches: Patches) -> None:
        if patches not in self._watching:
            self._watching.append(patches)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def forget(self, patches: Patches) -> None:
        # Two threads may import the last two modules at once.
        with suppress(ValueError):
            self._watching.remove(patches)
        if not self._watching:
            with suppress(ValueError):
                sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if getattr(self._finding, "busy", False) or not any(
            patches.awaits(fullname) for patches in self._watching
        ):
            return None
        self._finding.busy = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._finding.busy = False
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            _call_after_import(spec.loader, lambda: self._imported(fullname))
        return spec

    def _imported(self, fullname: str) -> None:
        for patches in list(self._watching):
            if patches.awaits(fullname):
                patches.apply_to(fullname)
            if not patches.is_waiting:
                self.forget(patches)


def _call_after_import(loader: Any, then: Callable[[], None]) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        # The loader is this module's alone and is left as it was found.
        del loader.exec_module
        execute(module)
        with sheltered(f"patching {module.__name__}"):
            then()

    loader.exec_module = exec_module


_FINDER = _Finder()
