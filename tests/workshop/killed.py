"""Kill a process at every step that it takes on the disk, or let that step fail; run by the tests.

``python -m tests.workshop.killed FOLDER OPERATION HOW`` copies the workshop in FOLDER, forks a
process that does the operation and is struck before its first change of the disk; then one that is
struck before the second; and so on, until one comes to its end. After each it looks at what is
there. HOW is ``killed`` (SIGKILL) or ``full`` (the step fails, as on a disk that is full; then the
operation must succeed all the same, or raise an error of ours). Writing is two steps: half of the
bytes come first.

It prints one JSON object: how often it was struck, and how often the operation had happened.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.errors import ReleaseNotFound, WorkshopError, WorkshopNotUsable
from ringfence.workshop.signing import Client, Repository
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import MEMORY, Clock

STEPS = ("write", "fsync", "replace", "rename", "mkdir", "unlink", "rmdir", "link")


@dataclass(frozen=True)
class Operation:
    """What is done, and what must hold after a death in the middle of it.

    ``check`` raises where something is half done, and says whether the operation has happened.
    """

    do: Callable[[Path], object]
    check: Callable[[Path], bool]


def strike_at(number: int, strike: Callable[[], None]) -> Callable[[], bool]:
    """Have the step of this number, from 1, struck; returns what says whether it was."""
    taken = 0

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            nonlocal taken
            taken += 1
            if taken == number:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                strike()
            return real(*arguments, **named)

        return step

    real_open = os.open

    def opened(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        if not flags & os.O_CREAT:
            return real_open(path, flags, *arguments, **named)
        return int(counted("open", real_open)(path, flags, *arguments, **named))

    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))
    os.open = opened
    return lambda: taken >= number


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def served(folder: Path) -> Callable[[str], bytes]:
    """What a server of files would serve, that knows nothing of repositories."""
    return lambda path: (folder / "repo/public" / path).read_bytes()


def client(folder: Path, name: str, fetch: Callable[[str], bytes]) -> Client:
    root = (folder / "repo/public/metadata/1.root.json").read_bytes()
    return Client(folder / name, root=root, fetch=fetch, clock=Clock())


def whole(folder: Path) -> Repository:
    """The repository, opened again, with nothing left of what was begun; a client agrees."""
    repository = Repository.open(folder / "repo", clock=Clock())
    names = {path.name for path in (folder / "repo").iterdir()}
    assert names == {"keys", "lock", "public", "settings.json"}, names
    assert not [path for path in (folder / "repo").rglob("*") if ".draft" in path.name]
    keys = json.loads(repository.root)["signed"]["roles"]
    online = {key for role, of in keys.items() if role != "root" for key in of["keyids"]}
    assert {path.stem for path in (folder / "repo/keys").iterdir()} == online
    mine = client(folder, "after", repository.serve)
    mine.refresh()
    assert mine.available() == repository.releases()
    return repository


def publish(folder: Path) -> None:
    Repository.open(folder / "repo", clock=Clock()).publish(make_bundle("1.2.0"))


def published(folder: Path) -> bool:
    static = client(folder, "static", served(folder))
    static.refresh()  # before anybody has recovered anything
    if ("hills", "1.2.0") in static.available():
        static.install("hills", "1.2.0")
    releases = whole(folder).releases()
    happened = ("hills", "1.2.0") in releases
    assert len(releases) == 2 + happened
    publish(folder)  # and it can be done, or done again
    mine = client(folder, "after", served(folder))
    mine.install("hills", "1.2.0")
    assert mine.load("hills").sha256 == make_bundle("1.2.0").sha256
    return happened


def rotate(folder: Path) -> None:
    repository = Repository.open(folder / "repo", clock=Clock())
    repository.rotate("timestamp", offline=folder / "root-keys")


def rotated(folder: Path) -> bool:
    repository = whole(folder)
    return bool(json.loads(repository.root)["signed"]["version"] == 2)


def create(folder: Path) -> None:
    Repository.create(
        folder / "repo", offline=folder / "keys", root_keys=1, threshold=1, clock=Clock()
    )


def created(folder: Path) -> bool:
    happened = True
    try:
        Repository.open(folder / "repo", clock=Clock())
    except WorkshopNotUsable:
        happened = False
        create(folder)
    whole(folder).rotate("timestamp", offline=folder / "keys")  # its keys are all there
    return happened


def install(folder: Path) -> None:
    client(folder, "client", served(folder)).install("hills", "1.0.0")


def installed(folder: Path) -> bool:
    mine = client(folder, "client", served(folder))
    happened = mine.versions("hills") == ("1.0.0",)
    if happened:
        assert mine.load("hills").sha256 == make_bundle().sha256
    else:
        try:
            mine.load("hills")
        except ReleaseNotFound:
            pass
        else:
            raise AssertionError("it is not installed, and loads")
    mine.install("hills", "1.0.0")
    assert mine.load("hills").sha256 == make_bundle().sha256
    assert not [path for path in (folder / "client").rglob("*") if ".draft" in path.name]
    return happened


OPERATIONS = {
    "publish": Operation(publish, published),
    "rotate": Operation(rotate, rotated),
    "create": Operation(create, created),
    "install": Operation(install, installed),
}


def main(template: Path, name: str, how: str) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="workshop-") as place:
        happened = strike_everywhere(template, Path(place) / "copy", name, how)
    if how == "killed":  # once it has happened it stays so: there is one step that does it
        assert happened == sorted(happened)
    print(json.dumps({"struck": len(happened), "happened": sum(happened)}))


def strike_everywhere(template: Path, folder: Path, name: str, how: str) -> list[bool]:
    """Whether the operation had happened, for each time that it was struck."""
    operation = OPERATIONS[name]
    happened: list[bool] = []
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        if name == "create":
            folder.mkdir()
        else:
            shutil.copytree(template, folder)
        child = os.fork()
        if not child:
            os._exit(_do(operation, folder, len(happened) + 1, kill if how == "killed" else fail))
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert (how, os.WTERMSIG(status)) == ("killed", signal.SIGKILL)
        else:
            assert os.waitstatus_to_exitcode(status) in (UNTOUCHED, REFUSED, DONE)
        found = operation.check(folder)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != REFUSED:
            assert found
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == UNTOUCHED:
            return happened
        happened.append(found)


UNTOUCHED, REFUSED, DONE = 0, 7, 8


def _do(operation: Operation, folder: Path, number: int, strike: Callable[[], None]) -> int:
    """The operation, struck once, and how it ended."""
    struck = strike_at(number, strike)
    try:
        operation.do(folder)
    except WorkshopError:
        return REFUSED
    except BaseException:
        traceback.print_exc()
        return 1
    return DONE if struck() else UNTOUCHED


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
