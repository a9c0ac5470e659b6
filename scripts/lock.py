"""Resolve the dependencies again and write requirements/*.lock.

Usage: python scripts/lock.py [--upgrade]

Without ``--upgrade`` the pins that still satisfy pyproject.toml stay. The locks hold names,
versions, markers and hashes, for Python 3.11 and newer on every platform, and no address of any
registry: docs/adr/0001 says why. The resolver (uv) is fetched by pip into a temporary environment.
"""

import argparse
import re
import subprocess
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESOLVER = "uv==0.13.8"
HEADER = "# Written by `make lock`; do not edit. Installed by `make setup` with --require-hashes.\n"
SERVICE = ("agent", "numpy", "postgresql", "server", "tracing", "wasi")
"""The extras of the container in deploy/compose/."""
ENTRY = re.compile(
    r"""
    (?P<name>[a-z0-9][a-z0-9-]*) == (?P<version>[0-9A-Za-z.+!]+) (?:\ ;\ (?P<marker>[^\\]+?))?
    (?:\ \\\n\ {4}--hash=sha256:[0-9a-f]{64})+\n
    """,
    re.VERBOSE,
)


def check(text: str) -> None:
    """Refuse a lock that holds anything but pins and hashes, such as an address.

    Raises:
        ValueError: With the first line that is something else.
    """
    rest = ENTRY.sub("", text.removeprefix(HEADER))
    if rest:
        raise ValueError(f"the lock holds more than pins and hashes: {rest.splitlines()[0]!r}")


def resolve(uv: Path, target: Path, source: list[str], given: str, *, upgrade: bool) -> None:
    """Write one lock.

    Args:
        uv: The resolver.
        target: The lock; its pins are kept where they still fit, unless ``upgrade``.
        source: What to resolve, as uv's arguments.
        given: What uv reads from its standard input.
        upgrade: Whether to take the newest versions.
    """
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / target.name
        if target.exists():
            scratch.write_text(target.read_text())
        command = [
            *(str(uv), "pip", "compile", *source, "--output-file", str(scratch), "--quiet"),
            *("--universal", "--python-version=3.11", "--generate-hashes", "--no-build"),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
            *(["--upgrade"] if upgrade else []),
        ]
        subprocess.run(command, input=given, text=True, check=True, cwd=ROOT)
        text = HEADER + scratch.read_text()
    check(text)
    target.write_text(text)
    print(f"{target.relative_to(ROOT)}: {len(ENTRY.findall(text))} pins")


def applications() -> list[str]:
    """What the distributions below apps/ require, to run and to be built, Ringfence excepted."""
    found: list[str] = []
    for path in sorted((ROOT / "apps").glob("*/pyproject.toml")):
        table = tomllib.loads(path.read_text())
        found += table["build-system"]["requires"] + table["project"]["dependencies"]
        for extra in table["project"].get("optional-dependencies", {}).values():
            found += extra
    return [one for one in found if not re.match(r"ringfence\b", one)]


def main() -> None:
    """Resolve the locks."""
    parser = argparse.ArgumentParser(description="Write requirements/*.lock.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = parser.parse_args().upgrade
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", RESOLVER], check=True)
        uv = python.with_name("uv")
        # pip itself too: the one that installs the rest is the same everywhere.
        build = "\n".join(["pip", *project["build-system"]["requires"]])
        locks = ROOT / "requirements"
        resolve(uv, locks / "build.lock", ["-"], build, upgrade=upgrade)
        everything = ["pyproject.toml", "-", "--all-extras", "--group=dev"]
        # These two go into one environment, so what they share has to be the same.
        everything.append(f"--constraint={locks / 'build.lock'}")
        resolve(uv, locks / "dev.lock", everything, "\n".join(applications()), upgrade=upgrade)
        # What a container of the service has, at the versions that were tested.
        service = ["pyproject.toml", *(f"--extra={name}" for name in SERVICE)]
        service += [f"--constraint={locks / name}" for name in ("build.lock", "dev.lock")]
        resolve(uv, locks / "service.lock", service, "", upgrade=upgrade)


if __name__ == "__main__":
    main()
