"""What one tenant sees of another: nothing, not even that there is something."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.hatchery import Hatchery, Server
from tests.server.process import Reply

OCTETS = {"Content-Type": "application/octet-stream"}
CALLS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("DELETE", "", None),
    ("POST", "/execute", {"code": "1"}),
    ("POST", "/call", {"name": "f"}),
    ("POST", "/cancel", None),
    ("GET", "/variables", None),
    ("POST", "/save", None),
    ("POST", "/put-aside", None),
    ("GET", "/state", None),
    ("POST", "/fork", {"session_id": "stolen"}),
    ("POST", "/snapshot", None),
    ("POST", "/rollback", {}),
    ("GET", "/files", None),
    ("GET", "/files/secret.txt", None),
    ("PUT", "/files/secret.txt", b"mine"),
    ("DELETE", "/files/secret.txt", None),
]


@pytest.fixture(scope="module")
def scene(
    hatched: Hatchery, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, dict[str, str], dict[str, str]]]:
    hatched.home = tmp_path_factory.mktemp("tenants")
    hatched.log = hatched.home / "server.log"
    owner, other = hatched.make_keys("owner", "other")
    with hatched.server() as server:
        server.execute(
            "def f(): return 'secret'\nopen('secret.txt', 'w').write('secret')",
            session_id="s",
            headers=owner,
        )
        yield server, owner, other


def told(reply: Reply) -> tuple[int, dict[str, Any]]:
    body = reply.json
    assert body.pop("instance").startswith("urn:ringfence:request:")
    return reply.status, body


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_a_session_of_another_tenant_is_no_different_from_none(
    scene: tuple[Server, dict[str, str], dict[str, str]], method: str, path: str, body: Any
) -> None:
    server, _, other = scene
    headers = {**other, **(OCTETS if isinstance(body, bytes) else {})}
    foreign = server.ask(method, f"/v1/sessions/s{path}", body, headers)
    unknown = server.ask(method, f"/v1/sessions/x{path}", body, headers)
    assert foreign.status == 404
    assert told(foreign) == told(unknown)


def test_after_all_that_the_owner_has_it_as_it_was(
    scene: tuple[Server, dict[str, str], dict[str, str]],
) -> None:
    server, owner, other = scene
    assert server.ask("GET", "/v1/sessions/s/files/secret.txt", headers=owner).body == b"secret"
    assert server.ask("GET", "/v1/sessions/s", headers=owner).json["turns"] == 1
    listed = server.ask("GET", "/v1/sessions", headers=other).json
    assert listed == {"sessions": [], "next": None}
    # The same id is another session for another tenant.
    mine = server.execute("globals().get('f')", session_id="s", headers=other)
    assert (mine["value"], mine["session"]["created"]) == (None, True)
    assert server.ask("DELETE", "/v1/sessions/s", headers=other).status == 204
    assert server.ask("GET", "/v1/sessions/s", headers=owner).status == 200


def test_a_run_of_another_tenant_is_no_different_from_none(
    scene: tuple[Server, dict[str, str], dict[str, str]],
) -> None:
    server, owner, other = scene
    run_id = server.execute("'secret'", headers=owner)["run_id"]
    for method, path in (("GET", "events"), ("POST", "cancel")):
        foreign = server.ask(method, f"/v1/runs/{run_id}/{path}", headers=other)
        unknown = server.ask(method, f"/v1/runs/run_{'0' * 24}/{path}", headers=other)
        assert foreign.status == 404
        assert told(foreign) == told(unknown)


def test_a_state_of_another_tenant_is_refused(
    scene: tuple[Server, dict[str, str], dict[str, str]],
) -> None:
    server, owner, other = scene
    state = server.ask("GET", "/v1/sessions/s/state", headers=owner).body
    path = "/v1/sessions/restore?session_id=taken"
    refused = server.ask("POST", path, state, {**other, **OCTETS})
    assert (refused.status, refused.problem) == (422, "malformed")
    assert b"owner" not in refused.body
    assert server.ask("POST", path, state, {**owner, **OCTETS}).status == 201


def test_a_state_of_another_service_is_refused(
    scene: tuple[Server, dict[str, str], dict[str, str]],
) -> None:
    from ringfence.sandbox import Sandbox

    server, owner, _ = scene
    contexts: list[dict[str, str] | None] = [
        None,
        {"for": "client", "tenant": "owner"},
        {"for": "session", "tenant": "owner", "session": "s"},
    ]
    with Sandbox() as box:
        box.run("x = 'forged'")
        for context in contexts:
            state = box.save(key=b"the key of another service", context=context)
            refused = server.ask("POST", "/v1/sessions/restore", bytes(state), {**owner, **OCTETS})
            assert (refused.status, refused.problem) == (422, "malformed")


def test_a_state_in_the_database_is_good_for_its_session_only(
    hatched: Hatchery, tmp_path: Any
) -> None:
    import sqlite3

    from tests.server.hatchery import hatchery

    with hatchery(tmp_path) as made:
        with made.server() as server:
            server.execute("x = 'a'", session_id="a")
            server.execute("x = 'b'", session_id="b")
        with sqlite3.connect(tmp_path / "service.db") as database:
            database.execute(
                "UPDATE sessions SET state = (SELECT state FROM sessions WHERE id = 'a')"
                " WHERE id = 'b'"
            )
        database.close()
        with made.server() as server:
            swapped = server.ask("POST", "/v1/execute", {"code": "x", "session_id": "b"})
            assert (swapped.status, swapped.problem) == (410, "lost")
            assert server.execute("x", session_id="a")["value"] == "a"
        with made.server(state_key="another key of the service") as server:
            rekeyed = server.ask("POST", "/v1/execute", {"code": "x", "session_id": "a"})
            assert (rekeyed.status, rekeyed.problem) == (410, "lost")
        with made.server() as server:
            assert server.execute("x", session_id="a")["value"] == "a"


@pytest.mark.parametrize(
    "name",
    ["..", "../s", "a/../../b", "%2e%2e/x", "a%00b", "/etc/passwd", "%2Fetc%2Fpasswd", "a//b",
     "x" * 300, "a%0Ab", "d/" * 20 + "f", "a%5Cb", "%ff", "."],
)  # fmt: skip
def test_names_of_files_lead_nowhere_else(
    scene: tuple[Server, dict[str, str], dict[str, str]], name: str
) -> None:
    server, owner, _ = scene
    for method in ("GET", "PUT", "DELETE"):
        body = b"x" if method == "PUT" else None
        reply = server.ask(method, f"/v1/sessions/s/files/{name}", body, {**owner, **OCTETS})
        assert reply.status in (400, 404, 405, 422), (method, name, reply)
        assert reply.headers["content-type"] == "application/problem+json"
    listed = server.ask("GET", "/v1/sessions/s/files", headers=owner).json["files"]
    assert listed == [{"name": "secret.txt", "bytes": 6}]


def test_what_a_guest_calls_its_files_is_no_header_and_no_page(
    scene: tuple[Server, dict[str, str], dict[str, str]],
) -> None:
    server, owner, _ = scene
    name = 'a"; filename=evil.html'
    server.execute(f"open({name!r}, 'w').write('<script>')", session_id="h", headers=owner)
    path = "/v1/sessions/h/files/a%22;%20filename=evil.html"
    got = server.ask("GET", path, headers=owner)
    assert got.body == b"<script>"
    assert got.headers["content-disposition"] == 'attachment; filename="file"'
    assert "sandbox" in got.headers["content-security-policy"]
    assert json.loads(server.ask("GET", "/v1/sessions/h/files", headers=owner).body) == {
        "files": [{"name": name, "bytes": 8}]
    }
