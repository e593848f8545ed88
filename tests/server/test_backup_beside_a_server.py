"""A home is copied while its server takes spans."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from journals import crew, piece, span
from telltale.client.client import Client
from telltale.nouns.errors import StoreBroken
from telltale.store.backup import back_up
from testbed.disks import needs_mount, small_disk
from testbed.servers import RunningServer
from testbed.waiting import wait_until

JOURNAL = "/api/v1/journal"


def test_a_backup_of_a_running_server_is_a_home_with_all_that_was_acknowledged(tmp_path):
    home, copy = tmp_path / "home", tmp_path / "copy"
    with (
        RunningServer(home) as server,
        httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http,
    ):
        acknowledged: list[str] = []
        going = True

        def load(worker: int) -> None:
            number = 0
            while going:
                root = crew(name=f"{worker} {number}", experiment=f"experiment {number % 7}")
                spans = [root, *(span("step", under=root) for _ in range(5))]
                assert http.post(JOURNAL, content=piece(spans)).status_code == 200
                acknowledged.append(root.name)
                number += 1

        with ThreadPoolExecutor(4) as pool:
            loads = [pool.submit(load, worker) for worker in range(4)]
            try:
                wait_until(lambda: len(acknowledged) > 200)
                before = set(acknowledged)
                made = back_up(home, copy, lambda words: None)
            finally:
                going = False
            for one in loads:
                one.result()
        with Client(server.base_url) as client:
            assert {trace.name for trace in client.traces()} == set(acknowledged)

    assert made.bytes == sum(path.stat().st_size for path in copy.iterdir())
    assert {path.name for path in copy.iterdir()} == {"traces.db", "metadata.db"}
    assert [path.stat().st_mode & 0o777 for path in copy.iterdir()] == [0o600, 0o600]
    with RunningServer(copy) as server, Client(server.base_url) as client:
        traces = list(client.traces())
        experiments = {experiment.id for experiment in client.experiments()}
    assert before <= {trace.name for trace in traces} <= set(acknowledged)
    assert {trace.experiment_id for trace in traces} <= experiments
    assert all(trace.spans == 6 for trace in traces)


@needs_mount
def test_a_backup_without_room_leaves_nothing_and_harms_nobody(tmp_path):
    home, text = tmp_path / "home", "東京 " * 20_000
    large = [crew(attributes={"telltale.inputs": text}) for _ in range(40)]
    with (
        RunningServer(home) as server,
        httpx2.Client(base_url=server.base_url, trust_env=False, timeout=30) as http,
        small_disk(tmp_path / "disk", "17m") as disk,
    ):
        assert http.post(JOURNAL, content=piece(large)).status_code == 200
        with pytest.raises(StoreBroken, match="MB are free there"):
            back_up(home, disk / "copy", lambda words: None)

        assert list(disk.iterdir()) == []
        assert http.post(JOURNAL, content=piece([crew()])).status_code == 200
