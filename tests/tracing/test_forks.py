"""A forked child has a journal of its own; its parent's is none of its business."""

import pytest
from shippers import PATIENT

from fakes.journal_server import JournalServer
from programs import run_program
from recording import Recording
from testbed.waiting import wait_until


def of_each_process(recording) -> set[str]:
    """Names of the ended spans in each journal, in their order."""
    return {"+".join(s.name for s in one.spans if s.end_ns) for one in recording.segments}


def test_parent_and_child_write_journals_of_their_own(home):
    program = run_program(
        """
        import os, telltale
        with telltale.start_span("before"): pass
        if (pid := os.fork()) == 0:
            with telltale.start_span("child"): pass
            os._exit(0)
        os.waitpid(pid, 0)
        with telltale.start_span("after"): pass
        """,
        home,
    )

    segments = program.recording.segments
    assert of_each_process(program.recording) == {"before+after", "child"}
    assert len({segment.header.journal_id for segment in segments}) == 2
    assert len({segment.header.pid for segment in segments}) == 2
    assert len(list(program.recording.folder.glob("*.lock"))) == 2


def test_a_child_that_traces_nothing_leaves_no_journal(home):
    program = run_program(
        """
        import os, telltale
        with telltale.start_span("before"): pass
        if (pid := os.fork()) == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        """,
        home,
    )

    assert len(program.recording.files) == 1


def test_spans_of_a_child_belong_to_the_span_that_was_open_at_the_fork(home):
    program = run_program(
        """
        import os, telltale
        with telltale.start_span("parent"):
            if (pid := os.fork()) == 0:
                with telltale.start_span("child"): pass
                os._exit(0)
            os.waitpid(pid, 0)
        """,
        home,
    )

    parent, child = program.recording.named("parent"), program.recording.named("child")
    assert (child.trace_id, child.parent_id) == (parent.trace_id, parent.span_id)


def test_a_child_that_leaves_its_parents_span_writes_into_no_file_of_the_users(home, tmp_path):
    program = run_program(
        f"""
        import os, sys, telltale
        with telltale.start_span("parent"):
            if (pid := os.fork()) == 0:
                mine = [open({str(tmp_path)!r} + f"/mine{{n}}", "wb") for n in range(9)]
            else:
                os.waitpid(pid, 0)
        if pid == 0:
            telltale.start_span("child").__enter__().end()
        """,
        home,
    )

    assert program.returncode == 0
    assert [path.read_bytes() for path in sorted(tmp_path.glob("mine*"))] == [b""] * 9
    assert of_each_process(program.recording) == {"parent", "parent+child"}
    assert "fault" not in program.stderr


def test_a_fork_in_the_middle_of_writing_threads_harms_neither_side(home):
    program = run_program(
        """
        import os, threading, telltale
        telltale.start_span  # The lock of an import that goes on elsewhere would be inherited.
        going = threading.Event()
        def write(name):
            while not going.is_set():
                with telltale.start_span(name): pass
        threads = [threading.Thread(target=write, args=("thread",)) for _ in range(3)]
        for thread in threads: thread.start()
        for n in range(10):
            if (pid := os.fork()) == 0:
                with telltale.start_span(f"child {n}"): pass
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        going.set()
        for thread in threads: thread.join()
        """,
        home,
    )

    assert program.returncode == 0, program.stderr
    assert {f"child {n}" for n in range(10)} <= set(program.recording.names)
    assert all(segment.damaged == 0 for segment in program.recording.segments)


def test_a_child_may_patch_what_another_thread_was_patching_at_the_fork(home, tmp_path):
    for name in ("slow", "quick"):
        (tmp_path / f"{name}.py").write_text("def call(): pass\n")
    program = run_program(
        """
        import os, threading, telltale.tracing.patching as patching

        forked, patched = threading.Event(), threading.Event()

        def slowly(function):
            patched.set()
            forked.wait(10)
            return function

        patches = patching.Patches(
            [patching.Patch("slow:call", slowly), patching.Patch("quick:call", lambda call: call)]
        )
        patches.put_on()
        thread = threading.Thread(target=__import__, args=["slow"])
        thread.start()
        patched.wait(10)
        if (pid := os.fork()) == 0:
            import quick
            os._exit(0)
        forked.set()
        thread.join()
        for _ in range(1000):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                break
            threading.Event().wait(0.01)
        else:
            os.kill(pid, 9)
        print(ended == pid and status)
        """,
        home,
        PYTHONPATH=str(tmp_path),
    )

    assert program.stdout == "0\n"


def test_a_child_ships_what_it_recorded_and_so_does_its_parent(home):
    with JournalServer() as server:
        program = run_program(
            f"""
            import os, sys, telltale
            {PATIENT}
            with telltale.start_span("before"): pass
            telltale.flush()
            if (pid := os.fork()) == 0:
                with telltale.start_span("child"): pass
                sys.exit(0)
            os.waitpid(pid, 0)
            with telltale.start_span("after"): pass
            """,
            home,
            server.url,
        )

    assert (program.returncode, program.stderr) == (0, "")
    assert sorted(server.names) == ["after", "before", "child"]
    assert list(program.recording.folder.iterdir()) == []


def test_a_worker_of_multiprocessing_ships_while_it_lives(home):
    with JournalServer() as server:
        program = run_program(
            f"""
            import multiprocessing, telltale
            {PATIENT}
            def work():
                with telltale.start_span("worker"): pass
                assert telltale.flush()
            with telltale.start_span("main"):
                worker = multiprocessing.get_context("fork").Process(target=work)
                worker.start()
                worker.join()
                assert worker.exitcode == 0
            """,
            home,
            server.url,
        )

    assert (program.returncode, program.stderr) == (0, "")
    assert sorted(server.names) == ["main", "worker"]


@pytest.mark.parametrize(
    "pool",
    [
        "ProcessPoolExecutor(1, multiprocessing.get_context('fork')).map",
        "multiprocessing.get_context('fork').Pool(1).map",
    ],
)
def test_what_a_pool_is_asked_for_belongs_to_nobody_in_whose_span_it_was_forked(pool, home):
    program = run_program(
        f"""
        import multiprocessing, telltale
        from concurrent.futures import ProcessPoolExecutor
        def work(name):
            with telltale.start_span(name): pass
        with telltale.start_span("request 1"):
            run = {pool}
            list(run(work, ["work 1"]))
        with telltale.start_span("request 2"):
            list(run(work, ["work 2"]))
        """,
        home,
    )

    assert sorted(program.recording.names) == ["request 1", "request 2", "work 1", "work 2"]
    assert len({span.trace_id for span in program.recording.spans}) == 4


def test_a_child_that_a_pools_worker_forks_belongs_to_its_span(home):
    program = run_program(
        """
        import multiprocessing, os, telltale
        from concurrent.futures import ProcessPoolExecutor
        def work():
            with telltale.start_span("worker"):
                if (pid := os.fork()) == 0:
                    with telltale.start_span("child"): pass
                    os._exit(0)
                os.waitpid(pid, 0)
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            pool.submit(work).result()
        """,
        home,
    )

    assert program.recording.named("child").parent_id == program.recording.named("worker").span_id


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_worker_that_traces_while_it_imports_its_main_module_ships_at_its_end(
    method, home, tmp_path
):
    main = tmp_path / "main_module.py"
    main.write_text(
        "import multiprocessing, telltale\n"
        "with telltale.start_span('import of ' + __name__): pass\n"
        "def work(): pass\n"
        "if __name__ == '__main__':\n"
        f"    worker = multiprocessing.get_context({method!r}).Process(target=work)\n"
        "    worker.start(); worker.join()\n"
    )
    with JournalServer() as server:
        program = run_program(
            f"import runpy; runpy.run_path({str(main)!r}, run_name='__main__')", home, server.url
        )

        assert (program.returncode, program.stderr) == (0, "")
        # The fork server imports the module once for all its workers, and ends behind its program.
        server.wait_for(lambda s: len(s.names) == 2)
        assert sorted(server.names) == ["import of __main__", "import of __mp_main__"]
        wait_until(lambda: not Recording(home).files)
