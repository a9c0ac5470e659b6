"""What no guest may do, whatever its limits: files, network, processes, what the host holds."""

from __future__ import annotations

from ringfence.cli.witness.bench import Bench, describe_result
from ringfence.cli.witness.evidence import Probe, Seen, fell, stood

__all__ = ["DENIALS"]


def _denied(subject: str, claim: str, code: str) -> Probe:
    return Probe("denial", subject, claim, lambda bench: bench.deny(code))


def _environment(bench: Bench) -> Seen:
    result = bench.run("import os; dict(os.environ)")
    if result.status != "ok" or type(result.value) is not dict:
        return fell(describe_result(result))
    leak = bench.leak(result)
    names = ", ".join(sorted(map(str, result.value)))
    return fell(leak) if leak else stood(f"only {names or 'nothing'}")


_OPEN = """
import errno, os
found = {}
for number in range(1024):
    try:
        os.get_inheritable(number)
    except OSError:
        continue
    try:
        status = os.fstat(number)
        found[number] = (status.st_dev, status.st_ino)
    except OSError as error:
        if error.errno != errno.EBADF:
            found[number] = None
found
"""


def _descriptors(bench: Bench) -> Seen:
    result = bench.run(_OPEN)
    if result.status != "ok" or type(result.value) is not dict or not result.value:
        return fell(describe_result(result))
    told = bench.canaries.told
    number, identity = told["descriptor"], told["identity"]
    if result.value.get(number, ...) in (None, identity) or identity in result.value.values():
        return fell("a file that the host has open is open in the guest")
    return stood(f"only {', '.join(map(str, result.value))}")


DENIALS = (
    _denied("files", "read a file that every user may read", "open(secret_file).read()"),
    _denied("files", "read /etc/passwd", 'open("/etc/passwd").read()'),
    _denied("files", "list a folder of the host", "import os; os.listdir(secret_folder)"),
    _denied(
        "files",
        "write into a folder that every user may write",
        'open(secret_folder + "/written", "w").close()',
    ),
    _denied(
        "files",
        "read the environment from /proc",
        'open("/proc/self/environ", "rb").read()',
    ),
    _denied("files", "open its own library for writing", 'import os; open(os.__file__, "r+b")'),
    _denied(
        "network",
        "connect to a port of this machine",
        'import socket; socket.create_connection(("127.0.0.1", port), 2).close()',
    ),
    _denied(
        "network",
        "connect to an abstract socket of the host",
        'import socket; socket.socket(socket.AF_UNIX).connect("\\0" + abstract)',
    ),
    _denied(
        "network",
        "listen on a port",
        'import socket; socket.create_server(("127.0.0.1", 0)).getsockname()',
    ),
    _denied(
        "processes",
        "fork",
        "import os\npid = os.fork()\nif pid == 0:\n    os._exit(0)\nos.waitpid(pid, 0)",
    ),
    _denied(
        "processes",
        "start a program",
        'import subprocess, sys; subprocess.run([sys.executable, "-c", ""]).returncode',
    ),
    _denied(
        "processes",
        "become another program",
        'import os, sys; os.execv(sys.executable, [sys.executable, "-c", ""])',
    ),
    _denied("processes", "signal the host", "import os; os.kill(host_pid, 0)"),
    Probe("denial", "environment", "read the host's environment", _environment),
    Probe("denial", "descriptors", "use a file that the host has open", _descriptors),
)
"""Every one of them succeeds where there are no walls."""
