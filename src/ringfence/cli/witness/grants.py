"""What a policy grants or asks for: given exactly, or refused."""

from __future__ import annotations

from ringfence.cli.witness.bench import Bench, describe_result
from ringfence.cli.witness.evidence import Probe, Seen, fell, stood

__all__ = ["GRANTS"]

_LOOK = """
import os
seen = {"granted": open(granted + "/public").read()}
for name, path, mode in (
    ("beside", secret_file, "r"),
    ("write", granted + "/public", "r+"),
    ("make", granted + "/new", "w"),
):
    try:
        open(path, mode).close()
        seen[name] = "worked"
    except OSError as error:
        seen[name] = type(error).__name__
seen
"""
_SPIN = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end:\n    pass"
_RANDOM = "import random, os; [random.random(), os.urandom(8)]"


def _read(bench: Bench) -> Seen:
    granted = bench.canaries.folder / "granted"
    granted.mkdir(exist_ok=True)
    granted.chmod(0o777)
    (granted / "public").write_text("public")
    (granted / "public").chmod(0o666)
    result = bench.run(f"granted = {str(granted)!r}\n{_LOOK}", policy={"read": [granted]})
    seen = result.value
    if result.status != "ok" or type(seen) is not dict:
        return fell(describe_result(result))
    wrong = [name for name in ("beside", "write", "make") if seen.get(name) == "worked"]
    if seen.get("granted") != "public" or wrong:
        return fell(f"it saw {seen!r:.200}")
    return stood("it reads there, writes nothing, and sees nothing beside")


def _cpu_share(bench: Bench) -> Seen:
    result = bench.run(_SPIN, policy={"cpu_share": 0.1})
    cpu = result.usage.cpu
    if result.status != "ok" or cpu is None:
        return fell(describe_result(result))
    text = f"{cpu:.2f} s of CPU in 1 s"
    return stood(text) if cpu < 0.3 else fell(text)


def _deterministic(bench: Bench) -> Seen:
    first, second = (bench.run(_RANDOM, policy={"deterministic": True}).value for _ in range(2))
    return stood("two guests drew the same") if first == second else fell("they drew differently")


def _tenant(bench: Bench) -> Seen:
    result = bench.run("1 + 1", policy={"isolation": "tenant"})
    return stood("it ran from an image of its own") if result.ok else fell(describe_result(result))


GRANTS = (
    Probe("grant", "read", "read=[folder] shows it, read-only, and nothing else", _read),
    Probe("grant", "cpu_share", "compute for 1 s with cpu_share=0.1", _cpu_share),
    Probe("grant", "deterministic", "deterministic=True fixes randomness", _deterministic),
    Probe("grant", "isolation", 'isolation="tenant" runs', _tenant),
)
"""Those that an engine cannot honour must be refused."""
