"""A warning of ours meets handlers of the program's own, which may do anything."""

from pathlib import Path

import pytest

from programs import run_program

TRACING_HANDLER = """
import logging, sys, threading, telltale

def traced():
    with telltale.start_span("logged"): pass

class Tracing(logging.Handler):
    "Begins a span in another thread, and waits for it."
    def emit(self, record):
        other = threading.Thread(target=traced, daemon=True)
        other.start()
        other.join(5)
        print("stuck" if other.is_alive() else "free", flush=True)

logging.getLogger("telltale").addHandler(Tracing())
"""


@pytest.fixture
def unusable(tmp_path: Path) -> Path:
    """A home that is a file."""
    home = tmp_path / "file"
    home.touch()
    return home


def test_a_handler_may_wait_for_a_span_of_another_threads(unusable):
    program = run_program(
        f"""{TRACING_HANDLER}
with telltale.start_span("first"): pass
""",
        unusable,
    )

    assert (program.returncode, program.stdout) == (0, "free\n")


def test_a_handler_may_wait_for_autolog_in_another_thread(home, tmp_path):
    # A crewAI of the user's own making has none of what is patched, and that is said.
    bus = tmp_path / "crewai" / "events"
    bus.mkdir(parents=True)
    (bus.parent / "__init__.py").touch()
    (bus / "__init__.py").touch()
    (bus / "event_bus.py").touch()
    # Nothing is said of the client, which would be the handler waiting for itself.
    (tmp_path / "openai.py").touch()
    program = run_program(
        f"""{TRACING_HANDLER}
traced = telltale.openai.autolog
import crewai.events.event_bus
telltale.crewai.autolog()
""",
        home,
        PYTHONPATH=str(tmp_path),
    )

    assert (program.returncode, program.stdout) == (0, "free\n")


def test_a_handler_may_be_set_up_with_a_span_while_another_thread_begins_its_first(unusable):
    program = run_program(
        """
        import logging.config, threading, telltale
        telltale.start_span  # Python's own locks for imports are not what is tried here.

        asked = threading.Event()

        class Traced(logging.Handler):
            def __init__(self):
                super().__init__()
                first.start()
                asked.wait(5)
                with telltale.start_span("set up"): pass

        def begin():
            from telltale.tracing import state
            opened = state.Tracing._opened
            def slowly(*arguments):
                asked.set()
                return opened(*arguments)
            state.Tracing._opened = slowly
            with telltale.start_span("first"): pass

        first = threading.Thread(target=begin, daemon=True)
        setting_up = threading.Thread(
            target=logging.config.dictConfig,
            args=[{"version": 1, "handlers": {"traced": {"()": Traced}}}],
            daemon=True,
        )
        setting_up.start()
        setting_up.join(10)
        first.join(10)
        print("stuck" if setting_up.is_alive() or first.is_alive() else "free", flush=True)
        """,
        unusable,
    )

    assert (program.returncode, program.stdout) == (0, "free\n")


def test_what_a_handler_starts_is_told_of_signals_like_the_rest_of_the_program(home):
    program = run_program(
        """
        import logging, os, signal, threading, telltale

        told = threading.Event()

        class Starting(logging.Handler):
            def emit(self, record):
                worker = threading.Thread(target=say)
                worker.start()
                worker.join()

        def say():
            print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
            told.set()

        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
        logging.getLogger("telltale").addHandler(Starting())
        with telltale.start_span("for nobody"): pass
        assert told.wait(30)  # The shipper's thread says that there is no server.
        """,
        home,
    )

    assert (program.returncode, program.stdout) == (0, "[<Signals.SIGUSR2: 12>]\n")


def test_a_server_that_has_hung_up_ends_nobody_when_that_is_said(home):
    program = run_program(
        """
        import signal, threading
        from telltale.tracing import guard

        def work():
            signal.pthread_kill(threading.get_ident(), signal.SIGPIPE)  # As a broken socket does.
            guard.say_once("hung up", "said")

        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        thread = guard.background("ours", work)
        thread.start()
        thread.join()
        """,
        home,
    )

    assert (program.returncode, program.stderr) == (0, "said\n")
