#!/usr/bin/env python3
"""Make .venv with everything that Ringfence's demo, tests and tools need.

Usage: python3 scripts/setup.py [--python PATH]

Standard library only, and the syntax of Python 3.6: this runs with whatever ``python3`` the
machine has, and that one only has to find a Python that is new enough. Packages are installed by
plain pip, so every mirror or proxy configured for pip is used, from requirements/*.lock: each
file's hash is checked, and nothing is built from source except Ringfence itself.

A second run with nothing changed returns at once.
"""

import argparse
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from typing import Callable, Dict, List, NamedTuple, NoReturn, Optional, Set, Tuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
LOG = os.path.join(VENV, "setup.log")
STAMP = os.path.join(VENV, "ringfence-setup.json")
BUILD_LOCK = os.path.join(ROOT, "requirements", "build.lock")  # pip and the build backend
DEV_LOCK = os.path.join(ROOT, "requirements", "dev.lock")  # everything else
OLDEST = (3, 11)
NEWEST = (3, 14)  # the newest one the locks were resolved for; later ones are tried last
APPS = sorted(
    os.path.dirname(path) for path in glob.glob(os.path.join(ROOT, "apps/*/pyproject.toml"))
)
# What older venvs bring, and ourselves.
NOT_IN_LOCKS = {"setuptools", "wheel", "ringfence"} | {os.path.basename(app) for app in APPS}
PIP = [VENV_PYTHON, "-I", "-m", "pip"]

PROBE = """
import json, platform, sys
try:
    import ensurepip, venv
    has_venv = bool(ensurepip.version())
except Exception:
    has_venv = False
try:
    import pip
    pip_version = pip.__version__
except Exception:
    pip_version = ""
print(json.dumps({
    "path": sys.executable, "version": list(sys.version_info[:3]), "has_venv": has_venv,
    "pip": pip_version, "implementation": platform.python_implementation(),
}))
"""


class Interpreter(NamedTuple):
    """What a Python says about itself; ``pip`` is its version, empty where there is none."""

    path: str
    version: Tuple[int, ...]
    has_venv: bool
    pip: str
    implementation: str


class SetupError(Exception):
    """Something is missing; the message says what, and how to get it."""


class CommandError(Exception):
    """A command failed; the message is the end of what it printed."""


def say(step: str, text: str) -> None:
    """Print one line of progress."""
    print(f"  {step:<12} {text}", flush=True)


def fail(text: str) -> NoReturn:
    """Print why the set-up cannot go on, and end with status 1."""
    print("\nsetup: " + text, file=sys.stderr, flush=True)
    sys.exit(1)


def dotted(version: Tuple[int, ...]) -> str:
    """Write a version the way people do."""
    return ".".join(str(part) for part in version)


# -- finding an interpreter


def probe(path: str) -> Optional[Interpreter]:
    """Ask an interpreter what it is; None when it does not start (a dead shim, a broken link)."""
    try:
        found = subprocess.run(
            [path, "-I", "-c", PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
        answer = json.loads(found.stdout.decode())
        answer["version"] = tuple(answer["version"])
        return Interpreter(**answer)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def candidates() -> List[str]:
    """Name the places where a Python may be, the one that runs this script first."""
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    names += ["python3", "python"]
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    folders += ["/usr/local/bin", "/usr/bin"]
    found = [sys.executable]
    found += [os.path.join(folder, name) for name in names for folder in folders]
    found += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.*/bin/python3")))
    found += sorted(
        glob.glob(os.path.expanduser("~/.local/share/uv/python/cpython-3*/bin/python3"))
    )
    found += sorted(glob.glob("/opt/python*/bin/python3"))
    return [path for path in dict.fromkeys(found) if path and os.access(path, os.X_OK)]


def suitable(interpreter: Interpreter) -> bool:
    """Say whether Ringfence can run on it."""
    return interpreter.implementation == "CPython" and interpreter.version >= OLDEST


def find_interpreters(wanted: Optional[str]) -> List[Interpreter]:
    """List the interpreters that will do, best first.

    The best one is the one asked for, else the one that runs this script, else the first on PATH;
    one that can make environments goes before one that cannot.
    """
    if wanted:
        path = shutil.which(wanted)
        one = probe(path) if path else None
        if one is None:
            raise SetupError(f"{wanted} does not start, or is no Python.")
        if not suitable(one):
            raise SetupError(
                f"{wanted} is {one.implementation} {dotted(one.version)}; "
                f"Ringfence needs CPython {dotted(OLDEST)} or newer."
            )
        return [one]
    seen: Dict[str, Interpreter] = {}
    for path in candidates():
        interpreter = probe(path)
        if interpreter is None:
            continue
        seen.setdefault(os.path.realpath(interpreter.path), interpreter)
        if suitable(interpreter) and interpreter.has_venv and interpreter.version[:2] <= NEWEST:
            break  # the search goes on only for want of one like this
    good = [interpreter for interpreter in seen.values() if suitable(interpreter)]
    if good:
        return sorted(good, key=lambda one: (one.version[:2] > NEWEST, not one.has_venv))
    listed = "".join(
        f"\n    {one.implementation} {dotted(one.version)}  {one.path}" for one in seen.values()
    )
    raise SetupError(
        "Ringfence needs CPython {} or newer, and none was found. Seen here:{}\n"
        "  Install one (Debian 12+, Ubuntu 24.04+, Fedora: the package `python3`), or name one:\n"
        "    make setup PYTHON=/path/to/python3".format(dotted(OLDEST), listed or " none")
    )


# -- running commands


def run(command: List[str], progress: Optional["Progress"] = None) -> str:
    """Run a command, its output into the log; CommandError with the end of it when it fails."""
    environment = dict(os.environ)
    environment.update(
        PYTHONUNBUFFERED="1", PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1"
    )
    environment.pop("PIP_REQUIRE_HASHES", None)  # the lock steps ask for it themselves
    lines: List[str] = []
    with open(LOG, "a") as log:
        log.write("$ " + " ".join(command) + "\n")
        try:
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                universal_newlines=True,
                errors="replace",
            )
        except OSError as problem:
            raise CommandError(f"{command[0]}: {problem}") from problem
        with child:
            for line in child.stdout or ():
                log.write(line)
                lines.append(line.rstrip())
                if progress:
                    progress.feed(line)
    if child.returncode:
        told = [line for line in lines if line and not line.startswith("WARNING: Location")]
        raise CommandError("\n".join("    " + line for line in told[-15:]))
    return "\n".join(lines)


class Progress:
    """Turn pip's chatter into a count: rewritten in place on a terminal, some lines elsewhere."""

    STARTED = re.compile(
        r"\s*(?:Collecting ([A-Za-z0-9._-]+)|Processing \S*/([A-Za-z0-9._]+)-\S+\.whl)"
    )

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.live = sys.stdout.isatty()

    def feed(self, line: str) -> None:
        """Take one line that pip printed."""
        started = self.STARTED.match(line)
        if started:
            self.done += 1
            name = started.group(1) or started.group(2)
            self.show(f"{self.done}/{self.total} {name}")
        elif line.startswith("Installing collected"):
            self.show("all downloaded and verified; unpacking", force=True)
            if self.live:
                print(flush=True)

    def show(self, text: str, force: bool = False) -> None:
        """Print where we are, if it is worth a line."""
        if self.live:
            print("\r\x1b[K  {:<12} {}".format("packages", text), end="", flush=True)
        elif force or self.done % 15 == 0:
            say("packages", text)


# -- the environment


def make_environment(interpreters: List[Interpreter]) -> List[str]:
    """Make .venv and return the command of a pip that installs into it.

    Debian and Ubuntu ship Python without ensurepip (their package `python3-venv`), so there are
    several ways, tried in turn.
    """
    best = interpreters[0]
    ways: List[Tuple[str, Callable[[], List[str]]]] = [
        ("venv", lambda: plain_venv(best)),
        ("apt-get install python3-venv", lambda: venv_after_apt(best)),
        ("another Python's pip", lambda: venv_with_host_pip(best, interpreters)),
        ("virtualenv", lambda: with_virtualenv(best)),
    ]
    refusals = []
    for text, attempt in ways:
        try:
            return attempt()
        except CommandError as problem:
            refusals.append(f"  - {text}:\n{problem}\n")
    raise SetupError(
        "{} cannot make a virtual environment:\n{}"
        "  Ask an administrator for: apt-get install python3-venv".format(
            best.path, "".join(refusals)
        )
    )


def fresh_folder() -> None:
    """Empty .venv; the log of the set-up lives in it."""
    if os.path.isdir(VENV):
        shutil.rmtree(VENV)
    os.mkdir(VENV)


def plain_venv(best: Interpreter) -> List[str]:
    """Do it the ordinary way."""
    if not best.has_venv:
        raise CommandError("    its modules venv and ensurepip are not installed")
    fresh_folder()
    run([best.path, "-I", "-m", "venv", VENV])
    return PIP


def venv_after_apt(best: Interpreter) -> List[str]:
    """Install Debian's package first: root only."""
    if os.geteuid() != 0 or not shutil.which("apt-get") or not best.path.startswith("/usr/bin/"):
        raise CommandError("    only root can do this, for the system's own Python, on Debian")
    say("environment", "installing Debian's python3-venv")
    fresh_folder()
    run(["apt-get", "update"])
    package = f"python{dotted(best.version[:2])}-venv"
    run(["apt-get", "install", "-y", "--no-install-recommends", package])
    run([best.path, "-I", "-m", "venv", VENV])
    return PIP


def venv_with_host_pip(best: Interpreter, interpreters: List[Interpreter]) -> List[str]:
    """Make it without pip and let a pip outside install into it (`pip --python`, 22.3)."""
    fresh_folder()
    run([best.path, "-I", "-m", "venv", "--without-pip", VENV])
    for one in interpreters:
        release = [int(part) for part in re.findall(r"\d+", one.pip)[:2]]
        if release >= [22, 3]:
            pip = [one.path, "-m", "pip", "--python", VENV_PYTHON]
            run([*pip, "--version"])
            return pip
    raise CommandError("    no Python here has pip 22.3 or newer")


def with_virtualenv(best: Interpreter) -> List[str]:
    """Use virtualenv, which brings its own pip."""
    fresh_folder()
    run([best.path, "-m", "virtualenv", VENV])
    return PIP


def usable(wanted: Optional[Interpreter]) -> bool:
    """Say whether the .venv that is there can be kept (and, if one is wanted, is made from it)."""
    present = probe(VENV_PYTHON) if os.path.exists(VENV_PYTHON) else None
    if present is None or not suitable(present) or not present.pip:
        return False
    if wanted is None:
        return True
    return os.path.realpath(VENV_PYTHON) == os.path.realpath(wanted.path)


# -- the packages


def locked_names(path: str) -> Set[str]:
    """Name every distribution in a lock."""
    with open(path) as lock:
        return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock.read(), re.MULTILINE))


def install_lock(pip: List[str], path: str) -> None:
    """Install what a lock says; every file has to have one of the hashes that stand there."""
    options = ["--progress-bar=off", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    command = [*pip, "install", "--no-compile", *options, "-r", path]
    run(command, Progress(len(locked_names(path))))


def install_packages(pip: List[str]) -> None:
    """Bring .venv to exactly what the locks say."""
    install_lock(pip, BUILD_LOCK)  # brings the pip that does the rest: older ones are far slower
    install_lock(PIP, DEV_LOCK)
    listing = run([*PIP, "list", "--format=json"])
    rows = [line for line in listing.splitlines() if line.startswith("[")]
    installed = {re.sub(r"[-_.]+", "-", row["name"]).lower() for row in json.loads(rows[-1])}
    known = locked_names(BUILD_LOCK) | locked_names(DEV_LOCK) | NOT_IN_LOCKS
    surplus = sorted(installed - known)
    if surplus:
        say("packages", "removing what the locks do not name: " + ", ".join(surplus))
        run([*PIP, "uninstall", "-y", *surplus])
    say("packages", "compiling to bytecode")
    compile_packages()


def compile_packages() -> None:
    """Compile on all cores what pip would compile on one, without the packages' own tests.

    A jailed guest cannot write bytecode, so without it each one would compile what it imports.
    """
    command = [VENV_PYTHON, "-I", "-m", "compileall", "-q", "-j", "0", "-x", "/tests?/"]
    try:
        run([*command, os.path.join(VENV, "lib")])
    except CommandError:
        # Some packages ship files that are no Python of this version (templates); they are in the
        # log, and everything else has been compiled.
        say("packages", "some files could not be compiled; .venv/setup.log names them")


def install_project() -> None:
    """Install Ringfence and its applications, editable: edits under src/ take effect at once."""
    for project in [ROOT, *APPS]:
        run([*PIP, "install", "--no-deps", "--no-build-isolation", "--editable", project])
    run([*PIP, "check"])


# -- the stamp


def digest(paths: List[str]) -> str:
    """Hash the content of files."""
    whole = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as source:
            whole.update(source.read() + b"\0")
    return whole.hexdigest()


def application_sources() -> List[str]:
    """Name what decides how the applications are installed: metadata, build hooks, messages."""
    names = ["pyproject.toml", "hatch_build.py", "proto/vishwakarma_api/**/*.proto"]
    return sorted(
        path
        for app in APPS
        for name in names
        for path in glob.glob(os.path.join(app, name), recursive=True)
    )


def current_stamp() -> Dict[str, str]:
    """Say what a set-up of this tree, here, depends on."""
    return {
        "root": ROOT,
        "packages": digest([BUILD_LOCK, DEV_LOCK, os.path.abspath(__file__)]),
        "project": digest([os.path.join(ROOT, "pyproject.toml"), *application_sources()]),
    }


def read_stamp() -> Dict[str, str]:
    """Read what the last finished set-up left; empty when there was none."""
    try:
        with open(STAMP) as stamp:
            found = json.load(stamp)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def main() -> None:
    """Set up, or find that there is nothing to do."""
    started = time.time()
    parser = argparse.ArgumentParser(description="Make .venv with all that Ringfence needs.")
    parser.add_argument("--python", help="the Python to use (default: the first that will do)")
    wanted = parser.parse_args().python

    stamp, last = current_stamp(), read_stamp()
    asked = find_interpreters(wanted)[0] if wanted else None
    if stamp == last and usable(asked):
        return
    print("Setting up .venv (the first time takes a minute or two; later runs are instant)")
    kept = last.get("root") == ROOT and usable(asked)
    if kept:
        pip = PIP
        os.unlink(STAMP)  # until this run has finished
    else:
        interpreters = find_interpreters(wanted)
        best = interpreters[0]
        say("python", f"CPython {dotted(best.version)} ({best.path})")
        if best.version[:2] > NEWEST:
            say("", f"newer than {dotted(NEWEST)}: not tested yet")
        pip = make_environment(interpreters)
        say("environment", ".venv made")
    if not kept or last.get("packages") != stamp["packages"]:
        install_packages(pip)
    install_project()
    say("ringfence", "installed from src/ (editable)")
    with open(STAMP, "w") as target:
        json.dump(stamp, target)
    print(f"Ready in {time.time() - started:.0f} s.", flush=True)


if __name__ == "__main__":
    try:
        main()
    except SetupError as problem:
        fail(str(problem))
    except CommandError as problem:
        fail(
            f"a command failed. The end of what it printed:\n{problem}\n"
            "  The whole log is .venv/setup.log.\n"
            "  If a download failed, run it again: what came through is in pip's cache."
        )
    except OSError as problem:
        fail(f"{problem.filename or ROOT}: {problem.strerror or problem}")
    except KeyboardInterrupt:
        fail("interrupted; run it again to finish.")
