"""``ringfence workshop`` as people use it, from an empty folder to a revoked plugin: a real server,
real signatures, the real analysis, and trials in a sandbox.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import ringfence
from ringfence.cli.app import app
from ringfence.cli.workshop.connecting import TOKEN
from ringfence.cli.workshop.homes import HOME
from tests.workshop.service.scenes import make

SPEC = '''
from ringfence import plugins
from ringfence.plugins import Case, hook


def is_sum(value):
    assert value == 5, f"2 and 3 are not {value}"


class Sums(plugins.HookSpec, name="test.sums", version="1.0"):
    """Adding."""

    @hook()
    def add(self, one: int, other: int) -> int:
        """The sum."""
        return one + other

    cases = (Case("add", {"one": 2, "other": 3}, title="two and three", check=is_sum),)
'''
RIGHT = "def add(one, other):\n    return one + other\n"
WRONG = "def add(one, other):\n    return one * other\n"
HOSTILE = "import os\n\ndef add(one, other):\n    return os.system('id')\n"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def _an_engine() -> None:
    try:
        ringfence.run("None")
    except (ringfence.EngineNotAvailable, ringfence.PolicyNotEnforceable) as error:
        pytest.skip(f"no engine can run trials here: {error}")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder of its own; it must end with the status that is expected."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    monkeypatch.delenv(TOKEN, raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "sums.py").write_text(SPEC)

    def command(*arguments: str, token: str = "", status: int = 0) -> Result:
        env = {TOKEN: token} if token else {}
        done = CliRunner().invoke(app, ["workshop", *arguments], env=env)
        assert done.exit_code == status, (arguments, done.output, done.exception)
        return done

    return command


def plugin(folder: Path, version: str, body: str, *, more: str = "") -> str:
    folder.mkdir(exist_ok=True)
    (folder / "plugin.toml").write_text(
        f'[plugin]\nname = "adder"\nversion = "{version}"\nauthor = "Ada"\ntitle = "Adds"\n'
        f'entry = "main"\n{more}\n[spec]\nname = "test.sums"\nversion = "1.0"\n'
    )
    (folder / "main.py").write_text(body)
    return str(folder)


@pytest.fixture
def served(run: Run, tmp_path: Path) -> Iterator[str]:
    """The address of a workshop that is served by a process of its own."""
    run("init", "shop", "--spec", "sums:Sums", "--package", "numpy")
    process = subprocess.Popen(
        [sys.executable, "-m", "ringfence", "workshop", "serve", "shop", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    try:
        assert url, process.communicate()
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        _, complained = process.communicate()
    assert (process.returncode, complained) == (0, "")


@pytest.mark.usefixtures("_an_engine")
def test_a_plugin_from_its_folder_to_its_revocation(run: Run, served: str, tmp_path: Path) -> None:
    ada = run("account", "add", "ada", "shop").stdout.strip()
    rob = run("account", "add", "rob", "shop", "--scope", "review").stdout.strip()
    opal = run("account", "add", "opal", "shop", "--scope", "operate").stdout.strip()

    # Nobody can say by the address alone that it is the right one.
    said = run("add", served, status=2).stderr
    (found,) = re.findall(r"fingerprint ([0-9a-f]{64})", said)
    run("add", served, "--fingerprint", "0" * 64, status=2)
    assert run("add", served, "--fingerprint", found).stdout == f"added {served}\n"
    assert run("add", served, "--root", "shop/root.json").stdout == f"added {served}\n"

    # What is hostile or wrong is refused, and says why.
    source = plugin(tmp_path / "adder", "1.0.0", HOSTILE)
    done = run("publish", source, token=ada, status=1)
    assert done.stdout.startswith("adder 1.0.0: refused: the analysis refuses it: main.py, line 4:")
    plugin(tmp_path / "adder", "1.0.0", WRONG)
    done = run("publish", source, token=ada, status=1)
    assert "add, two and three: " in done.stdout
    assert "2 and 3 are not 6" in done.stdout
    assert [one["state"] for one in json.loads(run("status", "--json", token=ada).stdout)] == [
        "refused",
        "refused",
    ]

    plugin(tmp_path / "adder", "1.0.0", RIGHT)
    done = run("publish", source, token=ada)
    assert done.stdout.startswith("adder 1.0.0: in-review: everything is reviewed here\n")
    assert "  trial: 1 of 1 test cases passed\n" in done.stdout
    assert run("search", "add").stdout == "nothing was found\n"

    # Reviewed, and looked at.
    (waiting,) = json.loads(run("review", "--json", token=rob).stdout)
    run("review", waiting["id"], "--out", "seen.zip", token=rob)
    run("pack", source, "--out", "mine.zip")
    assert (tmp_path / "seen.zip").read_bytes() == (tmp_path / "mine.zip").read_bytes()
    run("review", waiting["id"], "--approve", token=ada, status=6)
    done = run("review", waiting["id"], "--approve", token=rob)
    assert done.stdout == "adder 1.0.0: published\n"
    assert "adder   1.0.0    plugin  test.sums 1.0  ada  Adds" in run("search", "ADD").stdout

    plugin(tmp_path / "adder", "0.9.0", RIGHT)
    told = json.loads(run("publish", source, "--json", token=ada).stdout)
    run("review", told["id"], "--refuse", "the title says nothing", token=rob)
    done = run("status", told["id"], token=ada)
    assert done.stdout.startswith("adder 0.9.0: refused: the title says nothing\n")
    listed = [line.split()[4] for line in run("status", token=ada).stdout.splitlines()[1:4]]
    assert listed == ["refused", "published", "refused"]

    # Installed; the update asks for more, and somebody has to agree.
    assert run("install", "adder").stdout == "installed adder 1.0.0 (test.sums 1.0)\n"
    plugin(tmp_path / "adder", "1.1.0", RIGHT, more='packages = ["numpy"]')
    done = run("publish", source, token=ada)
    assert "it asks for more than before: numpy" in done.stdout
    (waiting,) = json.loads(run("review", "--json", token=rob).stdout)
    run("review", waiting["id"], "--approve", token=rob)
    done = run("update", status=1)
    assert (
        "adder 1.1.0 asks for\n  the package numpy\nand nobody agreed to that. Nothing was"
    ) in done.stderr
    assert run("list").stdout == "adder 1.0.0 (test.sums 1.0)\n"
    assert run("update", "--yes").stdout == "updated to adder 1.1.0 (test.sums 1.0)\n"
    assert run("verify").stdout == "adder 1.0.0: as signed\nadder 1.1.0: as signed\n"

    # Withdrawn.
    done = run("yank", "adder", "1.1.0", "--reason", "slow", token=ada)
    assert done.stdout == "adder 1.1.0 is yanked\n"
    run("revoke", "adder", "1.1.0", "--reason", "hostile", token=rob, status=6)
    run("revoke", "adder", "1.1.0", "--reason", "hostile", token=ada)
    done = run("verify", status=1)
    assert "adder 1.1.0 was revoked by the workshop: hostile" in done.stdout
    assert "revoked" in run("show", "adder").stdout
    run("reinstate", "adder", "1.1.0", token=ada, status=6)
    run("reinstate", "adder", "1.1.0", token=opal)
    run("verify")
    run("remove", "adder")
    assert run("list").stdout == "nothing is installed\n"

    # What the operator sees.
    done = run("audit", "shop", "--most", "1")
    (end,) = re.findall(r"its end, to note elsewhere: (\d+:[0-9a-f]{64})", done.stdout)
    run("audit", "shop", "--noted", end)
    run("audit", "shop", "--noted", end.partition(":")[0] + ":" + "0" * 64, status=6)
    assert json.loads(run("audit", "shop", "--most", "1", "--json").stdout)["actor"] == "opal"


def test_a_workshop_s_folder(run: Run, tmp_path: Path) -> None:
    said = run("init", "shop", "--spec", "nothing:There", status=2).stderr
    assert "the spec nothing:There cannot be imported: No module named 'nothing'" in said
    assert not (tmp_path / "shop").exists()
    run("init", "shop", "--spec", "sums:Sums", "--root-keys", "away")
    assert (tmp_path / "shop").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "shop/workshop.toml").stat().st_mode & 0o777 == 0o600
    run("init", "shop", status=2)
    run("serve", "elsewhere", status=6)
    run("serve", "shop", "--address", "0.0.0.0", status=2)
    assert "is at revision 0002 already" in run("migrate", "shop").stdout
    before = (tmp_path / "shop/root.json").read_bytes()
    run("rotate", "shop", "--role", "targets", "--root-keys", "away")
    assert (tmp_path / "shop/root.json").read_bytes() != before
    assert "timestamp" in run("refresh", "shop").stdout

    token = run("account", "add", "ada", "shop").stdout.strip()
    run("account", "add", "a-da", "shop", status=6)
    run("account", "allow", "ada", "shop", "--scope", "publish", "--scope", "review")
    run("token", "new", "ada", "shop", "--label", "ci \x1b[2J", status=6)
    run("token", "new", "ada", "shop", "--label", "ci", "--days", "1")
    listed = run("token", "list", "ada", "shop").stdout
    assert token.rpartition("_")[2] not in listed
    number = token.split("_")[1]
    assert run("token", "revoke", number, "shop").stdout == f"{number} is revoked\n"
    assert "revoked" in run("token", "list", "ada", "shop").stdout
    leaked = run("token", "new", "ada", "shop", "--label", "leaked").stdout.strip()
    told = run("token", "revoke", leaked[:-1], "shop", status=6)
    assert leaked[20:-1] not in told.stdout + told.stderr  # it may be a secret: it is not told
    assert run("token", "revoke", leaked, "shop").stdout == f"{leaked[4:20]} is revoked\n"
    run("account", "close", "ada", "shop")
    assert "closed" in run("account", "list", "shop").stdout
    for wrong in ("nonsense = 1\n", 'specs = "x"\n', "[rules]\nmost_open = true\n", "= x\n"):
        (tmp_path / "shop/workshop.toml").write_text(wrong)
        run("migrate", "shop", status=6)


@pytest.mark.parametrize(
    "address", ["postgresql://ada:opensesame@db/shop", "postgresql://db/shop?password=opensesame"]
)
def test_a_password_is_not_written_into_the_settings(
    run: Run, tmp_path: Path, address: str
) -> None:
    told = run("init", "shop", "--database", address, status=2)
    assert "RINGFENCE_WORKSHOP_DATABASE" in told.stderr
    assert "opensesame" not in told.stdout + told.stderr
    assert not (tmp_path / "shop").exists()


def test_commands_that_cannot_do_anything(run: Run, tmp_path: Path) -> None:
    assert "no workshop was added" in run("search", status=2).stderr
    assert "no workshop was added" in run("install", "x", status=2).stderr
    assert f"set {TOKEN}" in run("status", "--workshop", "https://x", status=2).stderr
    run("publish", str(tmp_path / "nothing"), token="rfw_x", status=2)
    run("review", "--approve", token="rfw_x", status=2)
    run("pack", str(tmp_path), status=2)
    (tmp_path / "bundle.zip").write_bytes(make())
    done = run("pack", "bundle.zip", "--out", "again.zip")
    assert done.stdout.startswith("again.zip  sha256 ")
    assert (tmp_path / "again.zip").read_bytes() == make()
    (tmp_path / "link.zip").symlink_to(tmp_path / "kept")
    (tmp_path / "kept").write_text("kept")
    run("pack", "bundle.zip", "--out", "link.zip")
    assert (tmp_path / "kept").read_text() == "kept"
