"""Many threads write at once, in one thread's transactions, and none suffers for another."""

import sqlite3
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest
from store_records import record, trace_id

from telltale.nouns.errors import BadInput, StoreBroken, StoreBusy, TelltaleError
from telltale.store.questions import ChangesSince, CountTraces, FindTraces, ReadTrace
from telltale.store.traces import open_trace_store
from telltale.store.traces.sqlite.arrival import store_spans
from telltale.store.traces.sqlite.connection import open_writer
from telltale.store.traces.sqlite.rows import stage
from telltale.store.traces.sqlite.store import SqliteTraceStore
from telltale.store.traces.sqlite.writer import Writer
from testbed.waiting import wait_until

THREADS = 8


@pytest.fixture
def path(tmp_path):
    return tmp_path / "traces.db"


@pytest.fixture
def store(path):
    store = open_trace_store(path, reading_version=1)
    yield store
    store.close()


def test_eight_threads_lose_nothing_and_repeat_nothing(store):
    def write_some(thread):
        # Each trace gets one span from every thread.
        return [store.write([record(trace=n, span=thread + 1)]) for n in range(50)]

    with ThreadPoolExecutor(THREADS) as threads:
        seqs = list(threads.map(write_some, range(THREADS)))

    traces = store.read(FindTraces()).traces
    assert [trace.spans for trace in traces] == [THREADS] * 50
    assert len({trace.seq for trace in traces}) == 50
    assert all(of_one == sorted(of_one) for of_one in seqs)


def test_a_poisoned_write_fails_alone(store):
    def write(number):
        poisoned = number % 5 == 0
        store.write([record(trace=number, experiment_id="none" if poisoned else 0)])

    with ThreadPoolExecutor(THREADS) as threads:
        attempts = [threads.submit(write, number) for number in range(200)]
    failed = [attempt.exception() for attempt in attempts if attempt.exception()]

    assert len(failed) == 40
    assert {type(error) for error in failed} == {BadInput}
    assert store.read(CountTraces()) == {0: 160}


def test_a_fault_of_ours_is_logged_told_as_ours_and_fails_alone(path, caplog):
    def store_most(connection, spans):
        if any(span.trace_id == trace_id(0) for span in spans):
            raise AttributeError("a fault of ours")
        return store_spans(connection, spans)

    writer = Writer(open_writer(path), path, store_most)
    is_held, all_wait = threading.Event(), threading.Event()

    def hold_up(connection):
        is_held.set()
        all_wait.wait()

    with ThreadPoolExecutor(THREADS + 1) as threads:
        threads.submit(writer.run, hold_up, in_transaction=False)
        is_held.wait()
        attempts = [
            threads.submit(writer.write, stage([record(trace=n % 3)], 1)) for n in range(THREADS)
        ]
        try:
            wait_until(lambda: writer.backlog().writes == THREADS)
        finally:
            all_wait.set()
    writer.close()

    failed = [number for number, attempt in enumerate(attempts) if attempt.exception()]
    assert failed == [0, 3, 6]
    error = attempts[0].exception()
    assert type(error) is StoreBroken
    assert "a fault in Telltale" in str(error) and "log" in str(error)
    assert len(caplog.records) == len(failed)
    assert "AttributeError: a fault of ours" in caplog.text


def test_a_reader_never_sees_half_of_a_write(store):
    def write(number):
        store.write([record(trace=number, span=n, parent=1 if n > 1 else None) for n in (1, 2, 3)])

    seen = []
    with ThreadPoolExecutor(THREADS) as threads:
        writes = [threads.submit(write, number) for number in range(100)]
        while not all(write.done() for write in writes):
            page = store.read(FindTraces(limit=1000))
            seen += [trace.spans for trace in page.traces]
            assert all(trace.seq <= page.seq for trace in page.traces)

    assert set(seen) <= {3}
    assert len(store.read(ChangesSince(seq=0)).traces) == 100


def test_a_write_is_visible_once_it_is_answered(store):
    for number in range(50):
        seq = store.write([record(trace=number)])
        assert store.read(ReadTrace(trace_id(number))).seq == seq


def test_writers_are_sent_away_when_too_much_waits(path):
    store = SqliteTraceStore(path, 1, most_waiting_bytes=1)
    other_program = sqlite3.connect(path, isolation_level=None)
    other_program.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(THREADS) as threads:
        attempts = [threads.submit(store.write, [record(trace=n)]) for n in range(THREADS)]
        # One is being written, one waits, and there is no room for a third.
        refused, _ = wait(attempts, return_when=FIRST_COMPLETED)
        other_program.execute("ROLLBACK")
    errors = [attempt.exception() for attempt in attempts if attempt.exception()]

    assert {type(attempt.exception()) for attempt in refused} == {StoreBusy}
    assert {type(error) for error in errors} == {StoreBusy}
    assert errors[0].retry_after_s > 0
    assert store.read(CountTraces()) == {0: THREADS - len(errors)}
    store.close()
    other_program.close()


def test_closing_finishes_what_was_accepted(path):
    store = open_trace_store(path, reading_version=1)

    def write(number):
        try:
            store.write([record(trace=number)])
        except TelltaleError:
            return 0
        return 1

    with ThreadPoolExecutor(THREADS) as threads:
        attempts = [threads.submit(write, number) for number in range(100)]
        wait(attempts, return_when=FIRST_COMPLETED)
        store.close()
    accepted = sum(attempt.result() for attempt in attempts)

    again = open_trace_store(path, reading_version=1)
    assert again.read(CountTraces()) == {0: accepted}
    again.close()
