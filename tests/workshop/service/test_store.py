"""The database: its schema, its age, accounts and tokens, and the audit chain."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ringfence.errors import (
    ConfigurationError,
    WorkshopNotAvailable,
    WorkshopNotUsable,
    WorkshopRefused,
)
from ringfence.workshop import Head, Rules
from ringfence.workshop.members import Members
from ringfence.workshop.store import Store
from ringfence.workshop.store.models import Base
from tests.support.schemas import described
from tests.workshop.service.scenes import House, Rows, people, write_all

WHEN = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


# --- the schema --------------------------------------------------------------------------------


def test_migrations_make_exactly_what_the_models_say(
    address: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if address.startswith("sqlite"):
        other = f"sqlite:///{tmp_path}/other.db"
    else:
        other = request.getfixturevalue("postgresql").new_database()
    store, models = Store.open(address), Store(other)
    try:
        with models._writing.begin() as connection:
            Base.metadata.create_all(connection)
        assert described(store._engine) == described(models._engine)
        assert set(described(store._engine)) == set(Base.metadata.tables)
        with store._engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
    finally:
        store.close()
        models.close()


def test_migrating_again_changes_nothing(address: str) -> None:
    store = Store(address)
    assert store.migrate() == (None, "0002")
    assert store.migrate() == ("0002", "0002")
    store.close()


def test_tokens_of_before_are_brought_along(address: str) -> None:
    from alembic import command

    from ringfence.workshop.store.migrating import STEPS

    store = Store(address)
    with store._writing.begin() as connection:
        command.upgrade(STEPS.config(connection), "0001")
        connection.execute(
            sqlalchemy.text(
                "INSERT INTO accounts (id, name, skeleton, scopes, created) "
                "VALUES (1, 'ada', 'ada', '[\"publish\"]', '2026-03-01 00:00:00')"
            )
        )
        connection.execute(
            sqlalchemy.text(
                "INSERT INTO tokens (id, account_id, digest, label, scopes, created, expires) "
                "VALUES ('0123456789abcdef', 1, '', 'ci', '[\"publish\"]', "
                "'2026-03-01 00:00:00', '2026-04-01 00:00:00')"
            )
        )
    assert store.migrate() == ("0001", "0002")
    (token,) = Members(store, Rules()).tokens("ada")
    assert (token.id, token.label, token.parent) == ("0123456789abcdef", "ci", "")
    store.close()


def test_a_database_of_a_newer_version_is_refused(address: str) -> None:
    store = Store.open(address)
    with store._writing.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '0999'"))
    store.close()
    for migrating in (True, False):
        with pytest.raises(WorkshopNotUsable, match=r"is of a newer Ringfence \(revision '0999'\)"):
            Store.open(address, migrating=migrating)


def test_a_database_without_a_schema_is_told_how_to_get_one(address: str) -> None:
    with pytest.raises(WorkshopNotUsable, match="ringfence workshop migrate"):
        Store.open(address, migrating=False)


def test_two_that_migrate_at_once(address: str) -> None:
    import threading

    together = threading.Barrier(3)
    came: list[str] = []

    def migrate() -> None:
        store = Store(address)
        together.wait()
        came.append(store.migrate()[1])
        store.close()

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == ["0002"] * 3


# --- which database ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "mysql://root@localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql://a b:c d/",
        "x://",
    ],
)
def test_what_is_no_database_of_ours_is_refused(address: str) -> None:
    with pytest.raises((ConfigurationError, WorkshopNotAvailable), match="database"):
        Store.open(address)


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(WorkshopNotAvailable) as caught:
        Store.open(f"postgresql://ada:h4ckme@/x?host={tmp_path}", patience=1)
    assert "postgresql+psycopg://ada:***@/x" in str(caught.value)
    assert "h4ckme" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(WorkshopNotAvailable, match="file is not a database"):
        Store.open(str(tmp_path / "x.db"))


# --- accounts and tokens -------------------------------------------------------------------------


@pytest.fixture
def members(database: Store) -> Members:
    return Members(database, Rules())


def refused(work: Any, reason: str) -> str:
    with pytest.raises(WorkshopRefused) as caught:
        work()
    assert caught.value.reason == reason
    return caught.value.message


def test_a_token_is_hashed_and_shown_once(members: Members, database: Store) -> None:
    token, info = members.new_token("rob", label="laptop", days=7)
    secret = token.rpartition("_")[2] if token.count("_") == 2 else token.split("_", 2)[2]
    with database.read() as work:
        rows = work.audit._session.execute(sqlalchemy.text("SELECT * FROM tokens")).all()
        audit = str(list(work.audit.rows()))
    assert secret not in str(rows)
    assert secret not in audit
    assert (info.account, info.label, info.scopes) == ("rob", "laptop", frozenset({"review"}))
    assert members.sign_in(token).account.name == "rob"
    assert members.sign_in(token).scopes == frozenset({"review"})


@pytest.mark.parametrize(
    "token", ["", "rfw_", "x" * 80, "rfw_0123456789abcdef_" + "A" * 43, "rfw_é_é", "\0", "' OR 1=1"]
)
def test_what_is_no_token_does_not_hold(members: Members, token: str) -> None:
    refused(lambda: members.sign_in(token), "not-signed-in")


def test_a_token_ends_by_revocation_by_time_and_with_its_account(database: Store) -> None:
    members = Members(database, Rules())
    first, info = members.new_token("ada")
    changed = first[:-1] + ("A" if first[-1] != "A" else "B")
    refused(lambda: members.sign_in(changed), "not-signed-in")
    members.sign_in(first)
    refused(lambda: members.revoke_token(info.id, account="eve"), "unknown")
    assert members.revoke_token(info.id, account="ada").revoked is not None
    refused(lambda: members.sign_in(first), "not-signed-in")

    second, _ = members.new_token("ada", days=1)
    clock = database._clock
    try:
        database._clock = lambda: clock() + datetime.timedelta(days=1, seconds=1)
        refused(lambda: members.sign_in(second), "not-signed-in")
    finally:
        database._clock = clock
    members.sign_in(second)
    members.close("ada")
    refused(lambda: members.sign_in(second), "not-signed-in")
    refused(lambda: members.new_token("ada"), "not-allowed")


def test_a_token_allows_no_more_than_its_account(members: Members) -> None:
    refused(lambda: members.new_token("ada", scopes=["operate"]), "not-allowed")
    token, _ = members.new_token("ada")
    members.allow("ada", ())
    assert members.sign_in(token).scopes == frozenset()
    members.allow("ada", ("publish", "review"))
    assert members.sign_in(token).scopes == frozenset({"publish"})
    refused(lambda: members.allow("ada", ("everything",)), "malformed")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Ada", "malformed"),
        ("a" * 65, "malformed"),
        ("ada\x1b[2J", "malformed"),
        ("ada", "taken"),
        ("a-da", "confusable"),
        ("operator", "taken"),
        ("operat0r", "taken"),
    ],
)
def test_names_that_no_account_gets(members: Members, name: str, reason: str) -> None:
    refused(lambda: members.create(name), reason)


def test_anybody_registers_only_where_the_rules_say_so(database: Store) -> None:
    refused(lambda: Members(database, Rules()).register("newcomer"), "not-allowed")
    members = Members(database, Rules(register=True))
    token, info = members.register("newcomer")
    assert info.scopes == frozenset({"publish"})
    assert members.sign_in(token).account.name == "newcomer"
    refused(lambda: members.register("newcomer"), "taken")


# --- the audit -----------------------------------------------------------------------------------


def test_the_chain_tells_all_in_order(house: House) -> None:
    head = house.workshop.verify_audit()
    rows = list(house.workshop.audit())
    assert [row.number for row in rows] == [1, 2, 3, 4] == list(range(1, head.number + 1))
    assert (rows[0].actor, rows[0].action, rows[0].subject) == (
        "operator", "account.created", "ada",
    )  # fmt: skip
    assert rows[0].previous == "0" * 64
    assert [row.number for row in house.workshop.audit(after=2, most=1)] == [3]


TAMPERINGS = {
    "a value": ("UPDATE audit SET subject = 'eve' WHERE number = 1", "row 1 .* is not what was"),
    "a detail": ("UPDATE audit SET detail = '{}' WHERE number = 2", "row 2 .* is not what was"),
    "a time": ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 2", "row 2"),
    "a missing row": ("DELETE FROM audit WHERE number = 2", "row 2 is missing"),
    "a missing end": ("DELETE FROM audit WHERE number = 4", "it ends at row 3, and row 4 was"),
    "two rows swapped": (
        "UPDATE audit SET number = CASE number WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE number END;"
        "UPDATE audit SET number = -number WHERE number < 0",
        "row 2",
    ),
    "no end": ("DELETE FROM chain", "has no end"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_chain_that_was_tampered_with_is_found_out(
    house: House, database: Store, what: str
) -> None:
    statements, said = TAMPERINGS[what]
    with database._writing.begin() as connection:
        for statement in statements.split(";"):
            connection.execute(sqlalchemy.text(statement))
    with pytest.raises(WorkshopNotUsable, match=said):
        house.workshop.verify_audit()


def test_a_chain_that_was_written_anew_differs_from_what_was_noted(
    house: House, database: Store, beginning: Rows
) -> None:
    noted = house.workshop.audit_head()
    house.workshop.accounts.close("eve")
    house.workshop.verify_audit(noted)
    house.workshop.verify_audit(Head(0, "0" * 64))

    nothing: Rows = {table: [] for table in beginning}
    write_all(database, {**nothing, "chain": [{"id": 1, "number": 0, "hash": "0" * 64}]})
    people(house.workshop.accounts)
    house.workshop.verify_audit()
    with pytest.raises(WorkshopNotUsable, match="was written anew: row 4 is not the one"):
        house.workshop.verify_audit(noted)
