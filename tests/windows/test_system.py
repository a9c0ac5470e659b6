"""What hosts do otherwise on Windows: locks, folders, writing beneath them, jobs."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ringfence.cli.out import why_not_portable
from ringfence.system.beneath import Beneath
from ringfence.system.folders import cache_folder, state_folder
from ringfence.system.locks import locked
from ringfence.system.machine import machine_name
from tests.windows.programs import read_line, start

assert sys.platform == "win32"

from ringfence.system.windows_jobs import Job, continue_process, stop_process, used_by_process


def test_the_machine_is_called_what_linux_calls_it() -> None:
    assert machine_name() in {"x86_64", "aarch64"}


def test_folders_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOCALAPPDATA", r"C:\local")
    assert cache_folder() == Path(r"C:\local\ringfence\cache")
    assert state_folder() == Path(r"C:\local\ringfence\state")
    monkeypatch.setenv("XDG_CACHE_HOME", r"C:\other")
    assert cache_folder() == Path(r"C:\other\ringfence")


def test_a_lock_is_one_process_s_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    source = f"""
from pathlib import Path
from ringfence.system.locks import locked
print("asks", flush=True)
with locked(Path({str(path)!r})):
    print("has it", flush=True)
"""
    with locked(path):
        other = start(source)
        assert read_line(other) == "asks"
        assert other.poll() is None
    with other:
        assert read_line(other) == "has it"
        assert other.wait(60) == 0


def test_files_are_written_beneath_a_folder(tmp_path: Path) -> None:
    with contextlib.closing(Beneath(tmp_path)) as folder:
        folder.write("a/b/file.txt", b"one")
        folder.write("a/b/file.txt", b"two")
        folder.write("top", b"three")
        assert folder.why_not_file("top") is None
        assert folder.why_not_file("nothing") is None
        assert folder.why_not_file("a") == "something that is no file"
        with pytest.raises(NotADirectoryError):
            folder.write("top/file", b"four")
    assert (tmp_path / "a" / "b" / "file.txt").read_bytes() == b"two"
    assert sorted(os.listdir(tmp_path)) == ["a", "top"]


@pytest.mark.parametrize("name", ["a\\b", "..\\x", "C:x", "nul", "a/con.txt", "x\\..\\..\\y"])
def test_a_name_that_means_something_else_on_windows_is_refused(name: str) -> None:
    assert why_not_portable(name) is not None


def test_a_job_ends_what_is_in_it() -> None:
    job = Job()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    job.take(int(process._handle))  # type: ignore[attr-defined]
    job.close()
    job.close()
    process.wait(60)


def test_a_process_is_stopped_and_goes_on() -> None:
    with start("import sys\nfor line in sys.stdin: print(line, end='', flush=True)") as process:
        assert process.stdin is not None
        handle = int(process._handle)  # type: ignore[attr-defined]
        process.stdin.write("one\n")
        process.stdin.flush()
        assert read_line(process) == "one"
        stop_process(handle)
        process.stdin.write("two\n")
        process.stdin.flush()
        assert process.poll() is None
        continue_process(handle)
        assert read_line(process) == "two"
        process.kill()


def test_what_a_process_has_used_is_known_behind_its_end() -> None:
    process = subprocess.Popen([sys.executable, "-c", "sum(range(10**6))"])
    process.wait()
    used = used_by_process(int(process._handle))  # type: ignore[attr-defined]
    assert used.cpu > 0
    assert used.memory >= 0
    with pytest.raises(OSError):
        used_by_process(0)


def test_a_bound_of_a_job_can_be_set() -> None:
    job = Job()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    job.take(int(process._handle))  # type: ignore[attr-defined]
    job.bound(memory=1 << 30, seconds=60)
    assert psutil.Process(process.pid).is_running()
    job.close()
    process.wait(60)
