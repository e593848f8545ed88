"""The home, its disk and its databases: what the doctor says of them."""

import errno
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from checkups import checkup
from journals import crew, piece
from recording import NOWHERE
from telltale.cli.checks.finding import Level, Topic
from telltale.cli.checks.home import check_file_system, file_system_of
from telltale.nouns.remedies import UPDATE
from telltale.store.traces import LAYOUT, look_at
from testbed.servers import RunningServer

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
filer:/homes /home nfs4 rw 0 0
overlay /srv/app overlay rw 0 0
me@far: /mnt/far fuse.sshfs rw 0 0
/dev/sdb1 /mnt/with\\040space xfs rw 0 0
/dev/sdc1 /home/ada/local ext4 rw 0 0
"""
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may do this")


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a disk in memory, with these options."""
    point = tmp_path / "disk"
    point.mkdir(mode=0o700)

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", f"mode=700,{options}", "tmpfs", str(point)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"nothing may be mounted here: {error}")
        return point

    yield mount
    if os.path.ismount(point):
        subprocess.run(["umount", str(point)], check=True)


def test_a_home_that_is_private_and_writable_is_ok(home):
    assert checkup(home).of("writable and private").level is Level.OK


def test_a_home_that_is_not_there_yet_will_be_made(tmp_path):
    assert checkup(tmp_path / "a" / "b").of("not there yet").level is Level.OK


def test_a_file_in_place_of_the_home_is_one_problem(tmp_path):
    (tmp_path / "home").touch()

    seen = checkup(tmp_path / "home")

    found = seen.of(str(tmp_path / "home"))
    assert (found.topic, found.level) == (Topic.HOME, Level.PROBLEM)
    assert "is not a folder" in found.found and "TELLTALE_HOME" in found.remedy
    assert not seen.says("Error")


@pytest.mark.parametrize("below", ["new", "new/deeper"])
def test_a_home_beneath_a_file_is_told_with_the_file(tmp_path, below):
    """That it may be written by this user does not help."""
    (tmp_path / "file").touch()

    found = checkup(tmp_path / "file" / below).of("cannot be made")

    assert (found.topic, found.level) == (Topic.HOME, Level.PROBLEM)
    assert f"{tmp_path / 'file'} is a file" in found.found and "by this user" not in found.found


@pytest.mark.skipif(not os.path.ismount("/proc"), reason="Linux has it")
def test_a_home_among_the_kernels_own_files_is_one_problem():
    """Root may write there, and nobody can make anything."""
    seen = checkup(Path("/proc/telltale"))

    assert seen.of("/proc/telltale").level is Level.PROBLEM
    assert "cannot be made" in seen.of("/proc/telltale").found


@pytest.mark.parametrize("to", ["nowhere", "home"])
def test_a_link_that_leads_nowhere_is_one_problem(tmp_path, to):
    (tmp_path / "home").symlink_to(to)

    seen = checkup(tmp_path / "home")

    assert seen.of(str(tmp_path / "home")).level is Level.PROBLEM
    assert seen.of("is a link that leads nowhere").topic is Topic.HOME
    assert not seen.says("Error")


def test_a_file_in_place_of_the_journal_is_one_problem(home):
    (home / "journal").touch()

    seen = checkup(home)

    found = seen.of(str(home / "journal"))
    assert (found.topic, found.level) == (Topic.JOURNAL, Level.PROBLEM)
    assert "move it away" in found.remedy
    assert seen.of("writable and private")
    assert not seen.says("Error")


@pytest.mark.parametrize(
    ("below", "mode"),
    [("", 0o500), ("", 0o000), ("new", 0o500), ("there", 0o000), ("there/new", 0o000)],
)
def test_a_home_that_may_not_be_used_is_one_problem(ordinary, below, mode):
    closed = ordinary.folder / "closed"
    (closed / "there").mkdir(parents=True)
    closed.chmod(mode)

    told = ordinary.telltale("doctor", "--home", closed / below, "--server", NOWHERE)

    (line,) = [line for line in told.stdout.splitlines() if str(closed) in line]
    assert line.split()[0] == "problem" and "nothing is recorded" in line
    assert "Error" not in told.stdout


@AS_ROOT
def test_a_home_of_another_user_is_a_warning(home):
    os.chown(home, 12345, -1)

    found = checkup(home).of("belongs to user 12345")

    assert found.level is Level.WARNING
    assert "chown" in found.remedy


@pytest.mark.parametrize(
    ("mode", "inner", "level"),
    [
        (0o777, 0o700, Level.WARNING),
        (0o755, 0o755, Level.WARNING),
        (0o755, 0o700, Level.NOTE),
        (0o740, 0o755, Level.NOTE),
    ],
)
def test_a_home_that_is_open_to_others_is_as_bad_as_what_they_can_do(home, mode, inner, level):
    (home / "journal").mkdir()
    (home / "journal").chmod(inner)
    home.chmod(mode)

    found = checkup(home).of(f"mode {mode:04o}")

    assert found.level is level
    assert found.remedy == f"chmod 700 {home}"


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/ada/.telltale", "nfs4"),
        ("/home/ada/local/.telltale", "ext4"),
        ("/homeless", "ext4"),
        ("/mnt/with space/x", "xfs"),
        ("/run", "tmpfs"),
    ],
)
def test_the_deepest_mount_says_what_a_path_lies_on(tmp_path, place, kind):
    assert file_system_of(tmp_path.__class__(place), MOUNTS) == kind


@pytest.mark.parametrize(
    ("place", "level", "words"),
    [
        ("/home/ada/.telltale", Level.WARNING, "network file system (nfs4)"),
        ("/mnt/far/.telltale", Level.WARNING, "network file system (fuse.sshfs)"),
        ("/srv/app/.telltale", Level.NOTE, "a container's own layer"),
        ("/var/tmp/telltale", Level.WARNING, "deletes files"),
    ],
)
def test_a_disk_that_does_not_keep_or_lock_is_told(tmp_path, place, level, words):
    (found,) = check_file_system(tmp_path.__class__(place), MOUNTS)

    assert found.level is level
    assert words in found.found
    assert not list(check_file_system(tmp_path.__class__("/opt/telltale"), MOUNTS))


def test_a_home_in_memory_is_a_warning(small_disk):
    found = checkup(small_disk("size=2g") / "home").of("in memory (tmpfs)")

    assert found.level is Level.WARNING
    assert "lost at a reboot" in found.found


@pytest.mark.parametrize(
    ("options", "level", "words"),
    [
        ("size=500m", Level.WARNING, "500.0 MiB free"),
        ("size=50m", Level.PROBLEM, "50.0 MiB free"),
        ("size=2g,nr_inodes=100", Level.WARNING, "more files"),
    ],
)
def test_a_disk_that_is_nearly_full_is_told_with_what_is_left(small_disk, options, level, words):
    found = checkup(small_disk(options)).of(words)

    assert (found.topic, found.level) == (Topic.HOME, level)


def test_databases_are_told_with_their_sizes(home):
    with RunningServer(home):
        running = checkup(home).of("traces.db")
    stopped = checkup(home).of("traces.db")

    for found in (running, stopped):
        assert found.level is Level.OK
        assert "metadata.db" in found.found and f"(layout {LAYOUT})" in found.found


@pytest.mark.parametrize(
    ("off", "level", "words"),
    [(1, Level.PROBLEM, "a newer one wrote it"), (-1, Level.NOTE, "this Telltale's is ")],
)
def test_another_layout_is_told_with_the_side_to_update(home, off, level, words):
    with RunningServer(home):
        pass
    change(home / "traces.db", f"PRAGMA user_version={LAYOUT + off}")

    found = checkup(home).of(words)

    assert found.level is level
    assert f"layout {LAYOUT + off}" in found.found
    assert ("`telltale db upgrade" in found.remedy) == (off < 0)
    assert (UPDATE in found.remedy) == (off > 0)


def test_a_layout_that_no_telltale_has_written_is_a_problem(home):
    with RunningServer(home):
        pass
    change(home / "traces.db", "PRAGMA user_version=0")

    found = checkup(home).of("layout 0,")

    assert found.level is Level.PROBLEM
    assert "upgrade" not in found.remedy and "update" not in found.remedy


def test_a_layout_that_stands_in_the_log_only_is_seen(home):
    with RunningServer(home):
        pass
    writing = sqlite3.connect(home / "traces.db", isolation_level=None)
    writing.execute(f"PRAGMA user_version={LAYOUT + 1}")

    assert look_at(home / "traces.db").layout == LAYOUT + 1
    writing.close()


@pytest.mark.parametrize("what", ["database", "text"])
def test_a_file_of_somebody_else_is_a_problem_and_stays_as_it_is(home, what):
    path = home / "traces.db"
    if what == "database":
        change(path, "CREATE TABLE theirs (x)")
    else:
        path.write_text("a diary")
    before = path.read_bytes()

    found = checkup(home).of("leaves it as it is")

    assert found.level is Level.PROBLEM
    assert path.read_bytes() == before
    assert sorted(home.iterdir()) == [path]


def test_a_log_that_is_never_taken_in_is_a_warning(home):
    with RunningServer(home):
        pass
    with (home / "traces.db-wal").open("wb") as log:
        log.truncate(300 << 20)

    found = checkup(home).of("traces.db-wal has 300.0 MiB")

    assert found.level is Level.WARNING


def change(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_copy_that_an_interrupted_upgrade_left_is_named_with_what_to_do(home):
    assert not checkup(home).says("interrupted")
    left = home / "traces.db.layout-1.changing"
    left.write_bytes(bytes(5000))

    found = checkup(home).of("interrupted")

    assert (found.topic, found.level) == (Topic.HOME, Level.NOTE)
    assert f"{left} (4.9 KiB)" in found.found
    assert "db upgrade" in found.remedy and "rename it to traces.db.layout-1 " in found.remedy


def test_what_waits_in_a_home_that_is_read_only_is_told(small_disk):
    disk = small_disk("size=1m")
    (disk / "journal").mkdir()
    (disk / "journal" / f"{'ab' * 16}.0").write_bytes(piece([crew()]))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    seen = checkup(disk)

    assert seen.of("nothing is recorded").level is Level.PROBLEM
    assert seen.of("no program records now").topic is Topic.JOURNAL
    assert seen.of("from programs that ended").topic is Topic.JOURNAL


def test_a_file_system_that_lets_itself_be_read_alone_is_a_problem(tmp_path, monkeypatch):
    """As after an error of its disk: permissions and mount options say that all is well."""
    real = os.open

    def refuse(path, flags, *more, **named):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse)

    found = checkup(tmp_path).of("takes no writes now")
    assert (found.topic, found.level) == (Topic.HOME, Level.PROBLEM)
