"""A process that has imported the service once and forks servers: they are there in no time.

It is the reaper of all that a server leaves behind, so that it can say when nothing is left. Lines of
JSON come in and go out: ``{"start": {…environment…}, "log": path}`` -> ``{"pid": …, "url": …}``, and
``{"wait": pid, "all": bool}`` -> ``{"status": …, "left": [pids]}``.
"""

import ctypes
import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from types import FrameType
from typing import Any, Never

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 30


def main() -> None:
    assert ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    import ringfence.server.routes
    import ringfence.server.serving

    for module in pkgutil.iter_modules(ringfence.server.routes.__path__):
        importlib.import_module(f"ringfence.server.routes.{module.name}")

    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        told = _start(asked) if "start" in asked else _wait(asked["wait"], asked["all"])
        print(json.dumps(told), flush=True)


def _start(asked: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _serve(asked["start"], asked["log"], writing)
    os.close(writing)
    with open(reading) as pipe:
        url = pipe.readline().strip()
    return {"pid": pid, "url": url}


def _serve(environment: dict[str, str], log: str, writing: int) -> Never:
    status = 1
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        null = os.open(os.devnull, os.O_RDONLY)
        for number, to in ((0, null), (1, output), (2, output)):
            os.dup2(to, number)
        for name in [name for name in os.environ if name.startswith("RINGFENCE_")]:
            if not name.startswith("RINGFENCE_TEST"):
                del os.environ[name]
        os.environ.update(environment)
        from ringfence.server.serving import Server
        from ringfence.server.settings import Settings

        server = Server(Settings.read())

        def started() -> None:
            os.write(writing, f"{server.url}\n".encode())
            os.close(writing)

        server.serve(started)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _wait(pid: int, everything: bool) -> dict[str, Any]:
    """Until a server has ended, and all that it started."""

    def tired(_: int, __: FrameType | None) -> Never:
        raise TimeoutError

    signal.signal(signal.SIGALRM, tired)
    signal.alarm(_PATIENCE)
    status: int | None = None
    try:
        _, status = os.waitpid(pid, 0)
        while everything:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    except TimeoutError:
        return {"status": status, "left": _children()}
    finally:
        signal.alarm(0)
    return {"status": status, "left": []}


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as children:
        return [int(one) for one in children.read().split()]


if __name__ == "__main__":
    main()
