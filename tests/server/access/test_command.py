"""``ringfence keys``, ``tenants`` and ``audit`` as an operator uses them."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ringfence.cli.app import app
from ringfence.server.store import Store

Run = Callable[..., Result]
KEY = re.compile(r"rfk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}\n")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "service.db"


@pytest.fixture
def run(database: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command; it must end with the status that is expected."""
    for name in [one for one in os.environ if one.startswith("RINGFENCE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RINGFENCE_DATABASE", f"sqlite:///{database}")
    monkeypatch.setenv("RINGFENCE_QUOTA_CONCURRENT", "16")
    monkeypatch.setenv("COLUMNS", "120")

    def command(*arguments: str, status: int = 0) -> Result:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == status, (done.stdout, done.stderr, done.exception)
        return done

    return command


def listed(run: Run, *arguments: str) -> list[dict[str, Any]]:
    done = run(*arguments, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_from_the_first_key_to_the_last(run: Run, database: Path) -> None:
    first = run("keys", "create", "acme", "--label", "ci", "--days", "30")
    match = KEY.fullmatch(first.stdout)
    assert match is not None
    assert first.stderr == (
        "ringfence: keys: from now on the service lets nobody in without a key\n"
    )
    key_id = match[1]
    second = run("keys", "create", "acme", "--scope", "agent", "--scope", "run")
    assert KEY.fullmatch(second.stdout)
    assert second.stderr == ""

    one, other = listed(run, "keys", "list")
    assert (one["id"], one["tenant"], one["label"], one["scopes"], one["state"]) == (
        key_id, "acme", "ci", ["run"], "holds",
    )  # fmt: skip
    assert (other["scopes"], other["expires"]) == (["agent", "run"], None)
    assert first.stdout[21:-1] not in json.dumps(one)

    # A whole key is taken for its id, and its secret goes nowhere.
    rotated = run("keys", "rotate", first.stdout.strip(), "--grace", "2")
    assert KEY.fullmatch(rotated.stdout)
    assert run("keys", "revoke", first.stdout.strip()).stdout == f"{key_id} of acme is revoked\n"
    assert [one["state"] for one in listed(run, "keys", "list", "--all")] == [
        "revoked", "holds", "holds",
    ]  # fmt: skip
    assert len(listed(run, "keys", "list", "--tenant", "other")) == 0
    table = run("keys", "list", "--all").stdout
    assert [line.split()[:2] for line in table.splitlines()[:2]] == [
        ["key", "tenant"], [key_id, "acme"],
    ]  # fmt: skip
    secret = first.stdout[21:-1].encode()
    assert not any(secret in path.read_bytes() for path in database.parent.iterdir())


def test_quotas_of_tenants(run: Run) -> None:
    run("tenants", "set", "acme", "--concurrent", "3", "--cpu-per-day", "0.5")
    run("tenants", "set", "acme", "--per-minute", "60", "--concurrent", "default")
    run("tenants", "set", "acme", "--stored-bytes", "1GiB")
    run("tenants", "set", "other")
    acme, other = listed(run, "tenants", "list")
    assert (acme["concurrent"], acme["per_minute"], acme["cpu_seconds_per_day"]) == (None, 60, 0.5)
    assert (other["name"], other["per_minute"], other["cpu_seconds_today"]) == ("other", None, 0.0)
    assert (acme["stored_bytes"], acme["bytes_stored"], other["stored_bytes"]) == (2**30, 0, None)
    lines = run("tenants", "list").stdout.splitlines()
    assert lines[1].split() == ["acme", "(16)", "60", "0.5", "1024", "0.0", "0.0"]
    assert lines[-1] == "In parentheses: the service's settings."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "create", "Acme Inc."), "a tenant's name is at most 64 lower-case letters"),
        (("keys", "create", "acme", "--scope", "root"), "'root' is none"),
        (("keys", "create", "acme", "--days", "0"), "--days: more than 0"),
        (("keys", "create", "acme", "--days", "nan"), "--days: more than 0"),
        (("keys", "create", "acme", "--label", "a\nb"), "a label is one line"),
        (("keys", "revoke", "0123456789abcdef"), "there is no such key"),
        (("keys", "revoke", "x"), "there is no such key"),
        (("keys", "rotate", "0123456789abcdef"), "there is no such key"),
        (("keys", "rotate", "0123456789abcdef", "--grace", "-1"), "--grace: 0 to"),
        (("tenants", "set", "acme", "--concurrent", "0"), "--concurrent '0': write a whole number"),
        (("tenants", "set", "acme", "--concurrent", "1.5"), "write a whole number above 0"),
        (("tenants", "set", "acme", "--cpu-per-day", "inf"), "write a number above 0"),
        (("tenants", "set", "acme", "--stored-bytes", "much"), "--stored-bytes"),
        (("tenants", "set", "acme", "--per-minute", "100001"), "per_minute is at most 100000"),
        (("keys", "list", "--database", "mysql://x/y"), "is not supported"),
        (("audit", "verify", "--noted", "x"), "write NUMBER:HASH, as it was printed"),
    ],
)
def test_options_that_are_wrong(run: Run, arguments: tuple[str, ...], said: str) -> None:
    run("keys", "create", "first")
    assert said in " ".join(run(*arguments, status=2).stderr.split())
    assert len(listed(run, "keys", "list", "--all")) == 1


@pytest.mark.parametrize("arguments", [("keys", "list"), ("tenants", "list"), ("audit", "verify")])
def test_looking_makes_no_database(run: Run, database: Path, arguments: tuple[str, ...]) -> None:
    assert "there is no database at sqlite:///" in run(*arguments, status=2).stderr
    assert not database.parent.exists()


def test_the_audit_is_verified_and_shown(run: Run, database: Path) -> None:
    run("keys", "create", "acme")
    (verified,) = listed(run, "audit", "verify")
    assert (verified["holds"], verified["rows"]) == (True, 2)
    end = verified["end"]
    run("keys", "create", "acme", "--label", "second")
    told = run("audit", "verify", "--noted", end).stdout
    assert re.fullmatch(r"the audit log holds; its end, to note elsewhere: 3:[0-9a-f]{64}\n", told)

    rows = listed(run, "audit", "show")
    assert [row["kind"] for row in rows] == ["tenant.created", "key.created", "key.created"]
    assert [row["number"] for row in listed(run, "audit", "show", "--last", "1")] == [3]
    assert [row["number"] for row in listed(run, "audit", "show", "--after", "1")] == [2, 3]
    assert [
        row["number"]
        for row in listed(run, "audit", "show", "--kind", "tenant.created", "--tenant", "acme")
    ] == [1]
    shown = run("audit", "show").stdout.splitlines()
    assert re.match(r" +1 2\d{3}-\S+ tenant.created acme - \{\}$", shown[0])

    connection = sqlite3.connect(database)
    connection.execute("DELETE FROM audit WHERE number = 3")
    connection.commit()
    failed = run("audit", "verify", status=6).stderr
    assert "the audit chain is broken: it ends at row 2, and row 3 was written" in failed
    # Whoever may write everything hides that; what was noted tells.
    connection.execute(
        "UPDATE owner SET audit_number = 1, audit_hash = (SELECT hash FROM audit WHERE number = 1)"
    )
    connection.execute("DELETE FROM audit WHERE number = 2")
    connection.commit()
    connection.close()
    run("audit", "verify")
    failed = run("audit", "verify", "--noted", end, status=6).stderr
    assert "was written anew: row 2 is not the one that was noted" in failed


def test_guests_text_does_not_reach_the_terminal(run: Run, database: Path) -> None:
    run("keys", "create", "acme")
    connection = sqlite3.connect(database)
    connection.execute("UPDATE audit SET tenant = ? WHERE number = 1", ("\x1b]0;owned\x07",))
    connection.commit()
    connection.close()
    shown = run("audit", "show").stdout
    assert "\x1b" not in shown
    assert "owned" in shown


def test_commands_beside_a_server_that_runs(run: Run, database: Path) -> None:
    store = Store.open(f"sqlite:///{database}")
    run("keys", "create", "acme")
    run("audit", "verify")
    assert not store.fenced
    store.end()


def test_old_rows_of_the_audit_log_go_into_a_file(run: Run, tmp_path: Path) -> None:
    for tenant in ("acme", "bolt", "cove"):
        run("tenants", "set", tenant)
    noted = run("audit", "verify").stdout.rsplit(" ", 1)[1].strip()
    file, later = tmp_path / "old.jsonl", tmp_path / "later.jsonl"
    assert run("audit", "archive", "--before", "2020-01-01", "-o", str(file)).stdout.startswith(
        "there are no rows"
    )
    assert not file.exists()
    told = run("audit", "archive", "--before", "2100-01-01", "-o", str(file)).stdout
    count = int(noted.partition(":")[0])
    assert told == f"{count} rows are in {file}, up to {noted}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["number"] for row in rows] == list(range(1, count + 1))
    (left,) = listed(run, "audit", "show")
    assert (left["number"], left["kind"], left["details"]["last"]) == (
        count + 1, "audit.archived", count,
    )  # fmt: skip
    # What is left holds, also from the row that was noted, and the file with it.
    run("audit", "verify", "--noted", noted)
    first = f"1:{rows[0]['hash']}"
    assert "give the file" in run("audit", "verify", "--noted", first, status=2).stderr
    run("audit", "verify", "--noted", first, "--archive", str(file))
    run("tenants", "set", "dune")
    run("audit", "archive", "--before", "2100-01-01", "-o", str(later))
    run("audit", "verify", "--archive", str(file), "--archive", str(later))
    assert "is there already" in run(
        "audit", "archive", "--before", "2100-01-01", "-o", str(file), status=2
    ).stderr  # fmt: skip
    assert "write a day" in run(
        "audit", "archive", "--before", "soon", "-o", str(tmp_path / "x"), status=2
    ).stderr  # fmt: skip
    # A file that was changed, cut at either end, or is none, is found out.
    lines = file.read_text().splitlines(keepends=True)
    for wrong, said in (
        ("".join(lines).replace("bolt", "bold"), "is not what was written"),
        ("".join(lines[:-1]), "never ended with row"),
        ("".join(lines[1:]), "never began with row"),
        ("".join(lines[:1] + lines[2:]), "row 2 is missing"),
        ("[]\n", "no row of an audit log"),
        ("", "there are no rows in it"),
    ):
        file.write_text(wrong)
        refused = run("audit", "verify", "--archive", str(file), status=6).stderr
        assert said in " ".join(refused.split()), refused
