"""Keep our own faults away from the user's program, and its signals away from us.

A fault of ours is logged once per place and swallowed; so is a warning that would otherwise
repeat with every span. What a signal's handler of the user's raises while our code runs is no
fault, whatever its class, and goes on its way: their time-out happens.

The program's log handlers may do anything. So they are called where we hold no lock that another
thread of theirs may want, and with signals blocked as they are in the program's own threads.
"""

import functools
import logging
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any, NamedTuple, TypeVar
from weakref import WeakSet

LOGGER = logging.getLogger("telltale")

_Error = TypeVar("_Error", bound=BaseException)
_HAS_REST = 0x04
"""Flag of a code object that takes `*arguments`."""

_OUR_OWN_DOING = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT}
"""What a thread brings upon itself cannot be blocked, and `faulthandler` is to tell of it."""

_said: set[str] = set()
_masks = threading.local()
"""`programs` in a thread of ours: the signals that the program itself has blocked."""


class _Warning(NamedTuple):
    message: str
    arguments: tuple[object, ...]
    error: BaseException | None


_unsaid: deque[_Warning] = deque()
_locks: WeakSet[Any] = WeakSet()


def ours(kind: type[_Error]) -> tuple[type[_Error], ...]:
    """For an `except` that does not end in `fault`: the kind, or nothing where it is not ours.

    A time-out is an `OSError`, and is not to be taken for what a disk says.
    """
    return () if is_users(sys.exc_info()[1]) else (kind,)


def fault(place: str, error: BaseException) -> None:
    """Log a fault of ours, once per place.

    Raises:
        BaseException: The error itself, where it is none of ours.
    """
    if is_users(error):
        raise error
    if place not in _said:
        _said.add(place)
        _warn(
            "Telltale had a fault in %s and went on without it (said once): %s: %s",
            place,
            type(error).__name__,
            error,
            error=error,
        )


def background(name: str, work: Callable[..., None], *arguments: Any) -> threading.Thread:
    """A thread for work of ours, not yet started; the program's end does not wait for it.

    No signal is delivered to it: what the program has blocked in its own threads stays blocked,
    and a server that hangs up ends nobody, where SIGPIPE does what it does by default.
    """
    of_our_threads = getattr(_masks, "programs", None)

    def undisturbed() -> None:
        inherited = signal.pthread_sigmask(
            signal.SIG_BLOCK, signal.valid_signals() - _OUR_OWN_DOING
        )
        _masks.programs = inherited if of_our_threads is None else of_our_threads
        work(*arguments)

    return threading.Thread(target=undisturbed, name=name, daemon=True)


class sheltered:  # noqa: N801  it reads as a word of the language, as `suppress` does
    """A block of ours within a call of the user's: a fault in it is logged, and goes no further."""

    __slots__ = ("_place",)

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> bool:
        if not isinstance(error, Exception):
            return False
        fault(self._place, error)
        return True


def say_once(topic: str, message: str, *arguments: object) -> None:
    """Warn, once per topic and process."""
    if topic not in _said:
        _said.add(topic)
        _warn(message, *arguments)


def talkative_lock() -> Any:
    """A re-entrant lock whose holder may have to warn: he is heard once he has let go of it.

    with aloud, lock: …
    """
    lock = threading.RLock()
    _locks.add(lock)
    return lock


def _after_in_child() -> None:
    """No other thread is left in a child that was forked, and none that would let go of a lock."""
    _unsaid.clear()
    for lock in list(_locks):
        # What the forking thread itself holds it lets go of on its way back.
        if not _is_mine(lock) and hasattr(lock, "_at_fork_reinit"):
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_in_child)


class _Aloud:
    """A block behind which is said what could not be within: it held a lock of ours."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if _unsaid:
            speak()


aloud = _Aloud()


def speak() -> None:
    """Say what waits to be said, unless this thread still holds a lock of ours."""
    while _unsaid and not any(map(_is_mine, list(_locks))):
        try:
            warning = _unsaid.popleft()
        except IndexError:
            return  # Another thread was quicker.
        _log(warning)


def _warn(message: str, *arguments: object, error: BaseException | None = None) -> None:
    _unsaid.append(_Warning(message, arguments, error))
    speak()


def _log(warning: _Warning) -> None:
    programs = getattr(_masks, "programs", None)
    if programs is not None:
        if signal.SIGPIPE in signal.sigpending():
            signal.sigwait({signal.SIGPIPE})  # A server has hung up on us.
        own = signal.pthread_sigmask(signal.SIG_SETMASK, programs)
    try:
        detail = warning.error if LOGGER.isEnabledFor(logging.DEBUG) else None
        LOGGER.warning(warning.message, *warning.arguments, exc_info=detail)
    except ours(Exception):
        pass  # A filter or handler of the program's own may raise anything.
    finally:
        if programs is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, own)


def _is_mine(lock: Any) -> bool:
    """Whether this thread holds a lock: only its holder may notify those who wait for it."""
    try:
        threading.Condition(lock).notify(0)
    except RuntimeError:
        return False
    return True


def may_say_again(topic: str) -> None:
    """Let the next warning on the topic through: what it warned of has ended."""
    _said.discard(topic)


def forget() -> None:
    """Let every warning through again, as in a process that has said nothing yet."""
    _said.clear()


def is_users(error: BaseException | None) -> bool:
    """Whether it was raised by what Python calls between two steps of ours, unasked by us.

    That is a signal's handler or a debugger's trace function. Python gives them the frame that they
    interrupt, which nobody else is given by the frame itself; a handler that has dropped it is
    known as one that is installed now.
    """
    link = None if error is None else error.__traceback__
    while link is not None and (entered := link.tb_next) is not None:
        if _interrupts(entered.tb_frame, link.tb_frame):
            return True
        link = entered
    return False


def _interrupts(frame: FrameType, interrupted: FrameType) -> bool:
    before: Any = None
    for given in _given(frame):
        if given is interrupted and type(before) is int:
            return True  # handler(signum, frame)
        if before is interrupted and type(given) is str:
            return True  # trace(frame, event, argument)
        before = given
    return frame.f_code in map(_code, map(signal.getsignal, signal.valid_signals()))


def _given(frame: FrameType) -> Iterator[Any]:
    """The arguments that a function was called with, as far as it still holds them."""
    code, held = frame.f_code, frame.f_locals
    named = code.co_argcount + code.co_kwonlyargcount
    for name in code.co_varnames[:named]:
        yield held.get(name)
    rest = held.get(code.co_varnames[named]) if code.co_flags & _HAS_REST else None
    if type(rest) is tuple:
        yield from rest


def _code(handler: Any) -> CodeType | None:
    """What runs where a function, method, partial or object is called; None of what is none."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    if callable(handler) and not hasattr(handler, "__code__"):
        handler = type(handler).__call__
    return getattr(handler, "__code__", None)
