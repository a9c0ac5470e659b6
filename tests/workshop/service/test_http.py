"""The workshop over HTTP: a real server and real clients, and what strangers may not do."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import http.server
import json
import logging
import socket
import threading
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from ringfence.errors import (
    BundleRefused,
    ConfigurationError,
    ReleaseRevoked,
    WorkshopNotAvailable,
    WorkshopRefused,
    WorkshopUnreachable,
)
from ringfence.plugins.bundle import MOST_BYTES
from ringfence.workshop import HttpFetch, Rate, Rates, Rules, Server, WorkshopClient, application
from ringfence.workshop.http.prompt import MOST_CONNECTIONS
from ringfence.workshop.http.rates import RateLimiter
from ringfence.workshop.signing import Client, Repository
from ringfence.workshop.store import Store
from tests.workshop.service.scenes import House, make

UNLIMITED = Rates(
    requests=Rate(10_000, 10_000), uploads=Rate(1_000, 1_000), sign_ins=Rate(1_000, 1_000)
)
HOST = "workshop.example"
PEER = "192.0.2.200"


class Front:
    """A house over HTTP, in this process: what ASGI has, without a socket."""

    def __init__(self, house: House, **options: Any) -> None:
        self.house = house
        given = {"hosts": {HOST}, "rates": UNLIMITED, **options}
        self.transport = httpx.ASGITransport(
            application(house.workshop, **given), raise_app_exceptions=False, client=(PEER, 1)
        )
        self.tokens = {
            name: house.workshop.accounts.new_token(name)[0]
            for name in ("ada", "eve", "rob", "opal")
        }

    def ask(
        self,
        method: str,
        path: str | httpx.URL,
        by: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> httpx.Response:
        headers = dict(headers)
        if by is not None:
            headers["authorization"] = f"Bearer {self.tokens.get(by, by)}"
        content = body if isinstance(body, bytes | type(None)) else json.dumps(body).encode()

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self.transport, base_url=f"https://{HOST}"
            ) as client:
                return await client.request(method, path, content=content, headers=headers)

        return asyncio.run(send())


@pytest.fixture
def front(house: House) -> Front:
    return Front(house)


ON_A_FILE = pytest.mark.parametrize("store", ["sqlite"], indirect=True, scope="session")
"""For what has nothing to do with the kind of database."""


def error(answer: httpx.Response, status: int, reason: str) -> str:
    """The message of an answer that is an error."""
    assert (answer.status_code, answer.json()["error"]["reason"]) == (status, reason), answer.text
    return str(answer.json()["error"]["message"])


# --- a server, and those who come to it ----------------------------------------------------------


@pytest.fixture
def server(database: Store, repository: Repository) -> Iterator[tuple[House, str]]:
    """A server with its worker; what is clean is published."""
    with House(database, repository, Rules(publish_clean=True, register=True)) as house:
        server = Server(house.workshop)
        ready = threading.Event()
        thread = threading.Thread(target=server.serve, args=(ready.set,))
        thread.start()
        try:
            assert ready.wait(30)
            yield house, server.url
        finally:
            server.stop()
            thread.join()


def until(client: WorkshopClient, number: str, state: str) -> dict[str, Any]:
    """A submission, once it is in a state; the test's own time limit ends what never is."""
    told = client.submission(number)
    while told["state"] != state:
        assert told["state"] != "refused", told
        told = client.submission(number)
    return told


def test_publish_install_and_revoke_over_http(
    server: tuple[House, str], repository: Repository, tmp_path: Path
) -> None:
    house, url = server
    with WorkshopClient(url) as anybody:
        token = anybody.register("newcomer")["token"]
    with WorkshopClient(url, token) as author:
        assert author.about()["specs"] == ["test.arithmetic"]
        assert author.account()["allowed"] == ["publish"]
        sent = author.submit(make(title="Adder"))
        assert sent["state"] == "uploaded"
        told = until(author, sent["id"], "published")
        assert told["analysis"]["verdict"] == "clean"
        assert [one["id"] for one in author.submissions()] == [sent["id"]]
        found, count = author.search("adder")
        assert (count, found[0]["sha256"]) == (1, sent["sha256"])
        assert author.plugin("adder")["account"] == "newcomer"

        fetch = HttpFetch(url)
        client = Client(tmp_path / "client", root=repository.root, fetch=fetch)
        assert client.install("adder").sha256 == sent["sha256"]
        assert client.load("adder").manifest.title == "Adder"

        assert author.yank("adder", "1.0.0", "slow")["status"] == "yanked"
        assert author.reinstate("adder", "1.0.0")["status"] == "published"
        assert author.revoke("adder", "1.0.0", "hostile")["status"] == "revoked"
        client.refresh()
        with pytest.raises(ReleaseRevoked):
            client.load("adder")
        with pytest.raises(FileNotFoundError):
            b"".join(fetch("metadata/99.root.json"))
        fetch.close()
    house.workshop.verify_audit()


@ON_A_FILE
def connected(url: str) -> socket.socket:
    """A connection that has said nothing; its end is waited for no longer than the test's own."""
    return socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0))


@ON_A_FILE
def test_connections_that_say_nothing_keep_nobody_out(server: tuple[House, str]) -> None:
    _, url = server
    with contextlib.ExitStack() as open_, WorkshopClient(url) as client:
        first = open_.enter_context(connected(url))
        for _ in range(2 * MOST_CONNECTIONS):
            open_.enter_context(connected(url)).sendall(b"GET / HTTP/1.1\r\n")
        assert client.about()["specs"] == ["test.arithmetic"]
        assert first.recv(1) == b""  # who waited longest has given way


@ON_A_FILE
@pytest.mark.parametrize(
    "said", [b"", b"GET /v1 HTTP/1.1\r\nhost: ", b"GET /v1 HTTP/1.1\r\nhost: {host}\r\n\r\nGET /"]
)
def test_headers_that_do_not_end_are_waited_for_only_so_long(
    database: Store, repository: Repository, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr("ringfence.workshop.http.prompt._PATIENCE", 0.3)
    with House(database, repository) as house:
        server = Server(house.workshop)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            with connected(server.url) as stranger:
                stranger.sendall(said.replace(b"{host}", server.url[7:].encode()))
                answer = b"".join(iter(lambda: stranger.recv(1 << 16), b""))
            assert answer[:15] == (b"HTTP/1.1 200 OK" if said.endswith(b"GET /") else b"")
        finally:
            server.stop()
            thread.join()


def test_errors_come_back_as_what_they_are(server: tuple[House, str]) -> None:
    house, url = server
    token, _ = house.workshop.accounts.new_token("ada")
    with WorkshopClient(url, token) as ada, WorkshopClient(url) as anybody:
        with pytest.raises(BundleRefused, match="no zip archive"):
            ada.submit(b"nothing")
        with pytest.raises(WorkshopRefused) as caught:
            anybody.account()
        assert caught.value.reason == "not-signed-in"
        with pytest.raises(WorkshopRefused) as caught:
            ada.approve("0" * 32)
        assert caught.value.reason == "not-allowed"
        with pytest.raises(ConfigurationError):
            ada.plugin("../../v1/account")
        made = ada.new_token(scopes=["publish"], label="ci", days=1)
        with WorkshopClient(url, made["token"]) as ci:
            assert ci.account()["name"] == "ada"
            ada.revoke_token(made["id"])
            with pytest.raises(WorkshopRefused):
                ci.account()
        assert [one["label"] for one in ada.tokens()] == ["", "ci"]


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with WorkshopClient("http://127.0.0.1:1") as client, pytest.raises(WorkshopUnreachable):
        client.about()
    with pytest.raises(WorkshopUnreachable):
        b"".join(HttpFetch("http://127.0.0.1:1")("metadata/timestamp.json"))


@pytest.fixture
def bomb() -> Iterator[str]:
    """The address of a server whose every answer is 64 MiB, in a few hundred bytes."""
    layer = gzip.compress(gzip.compress(bytes(64 << 20)))
    assert len(layer) < 1_000

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-encoding", "gzip, gzip")
            self.send_header("content-length", str(len(layer)))
            self.end_headers()
            self.wfile.write(layer)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_nothing_is_unpacked_on_the_way(bomb: str) -> None:
    tracemalloc.start()
    try:
        with HttpFetch(bomb) as fetch, pytest.raises(WorkshopUnreachable, match="'gzip, gzip'"):
            b"".join(fetch("metadata/timestamp.json"))
        with WorkshopClient(bomb) as client, pytest.raises(WorkshopUnreachable, match="encoding"):
            client.about()
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "url",
    ["", "workshop", "ftp://x", "http://", "https://ada:secret@x", "https://x/?a", "https://x#a"],
)
def test_what_is_no_address_of_a_workshop(url: str) -> None:
    with pytest.raises(ConfigurationError):
        WorkshopClient(url)


def test_a_token_is_never_sent_in_the_clear() -> None:
    with pytest.raises(ConfigurationError, match="in the clear; it has to be https"):
        WorkshopClient("http://workshop.example", "rfw_x")
    WorkshopClient("http://localhost:1", "rfw_x").close()
    WorkshopClient("https://workshop.example", "rfw_x").close()


@ON_A_FILE
@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_a_public_address_needs_a_proxy_that_ends_tls(house: House, address: str) -> None:
    with pytest.raises(ConfigurationError, match="put a proxy that ends TLS in front"):
        Server(house.workshop, address=address)


# --- the door ------------------------------------------------------------------------------------


@ON_A_FILE
def test_another_host_is_turned_away(front: Front) -> None:
    for host in ("evil.example", f"{HOST}:8080", ""):
        answer = front.ask("GET", "/v1", headers={"host": host})
        error(answer, 421, "malformed")
    assert front.ask("GET", "/v1", headers={"host": HOST.upper()}).status_code == 200


@ON_A_FILE
def test_every_answer_is_no_page(front: Front) -> None:
    front.house.published()
    root = front.house.workshop.releases.metadata_file("1.root.json")
    for path, kind in (
        ("/v1", "application/json"),
        ("/nothing", "application/json"),
        ("/v1/plugins", "application/json"),
        ("/metadata/1.root.json", "application/json"),
        ("/metadata/timestamp.json", "application/json"),
    ):
        answer = front.ask("GET", path)
        assert answer.headers["content-type"] == kind
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert front.ask("GET", "/metadata/1.root.json").content == root
    assert front.ask("GET", "/metadata/timestamp.json").headers["cache-control"] == "no-cache"


@ON_A_FILE
def test_text_of_strangers_stays_text(front: Front) -> None:
    title = '<script>alert(1)</script>"&\u202e'.replace("\u202e", "")
    front.house.published(make(title=title))
    answer = front.ask("GET", "/v1/plugins")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["plugins"][0]["title"] == title


@pytest.mark.parametrize(
    "path",
    [
        "/metadata/../keys/x",
        "/metadata/%2e%2e%2fkeys",
        "/metadata/settings.json",
        "/targets/../../keys",
        "/targets/%2e%2e/%2e%2e/settings.json",
        "/targets/adder/" + "0" * 64 + ".adder-1.0.0.zip",
        "/targets/",
        "/metadata/",
        "/metadata/1.root.json/",
        "/v1/plugins/%00",
        "/v1/plugins/%00/versions/%00",
        "/v1/plugins/%FF",
        "/v1/submissions/%00/bundle",
        "/v1/submissions/../account",
    ],
)
def test_there_is_nothing_beside_what_is_signed(front: Front, path: str) -> None:
    answer = front.ask("GET", httpx.URL(f"https://{HOST}").copy_with(raw_path=path.encode()))
    assert answer.status_code in {401, 404}, answer.text
    assert answer.json()["error"]["reason"] in {"unknown", "not-signed-in"}


@ON_A_FILE
def test_behind_a_proxy_nobody_comes_past_it(house: House) -> None:
    front = Front(house, proxy=PEER, rates=Rates(requests=Rate(2, 1)))

    def ask(**headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return front.ask("GET", "/v1", headers=told)

    error(ask(), 403, "not-allowed")
    error(ask(x_forwarded_proto="http", x_forwarded_for="192.0.2.1"), 403, "not-allowed")
    # Who the proxy says it is, is the last; what stands before it anybody can write.
    for forged in ("192.0.2.1", "10.0.0.1, 192.0.2.1"):
        assert ask(x_forwarded_proto="https", x_forwarded_for=forged).status_code == 200
    last = ask(x_forwarded_proto="https", x_forwarded_for="10.9.9.9, 192.0.2.1")
    assert last.status_code == 429
    other = ask(x_forwarded_proto="https", x_forwarded_for="192.0.2.2")
    assert other.status_code == 200
    # Of IPv6 one person has a network; and what is no address is one address.
    for same in (("2001:db8::1", "2001:db8::2", "2001:db8::3:4"), ("a", "b" * 9_000, "")):
        assert [
            ask(x_forwarded_proto="https", x_forwarded_for=one).status_code for one in same
        ] == [200, 200, 429]
    outside = Front(house, proxy="192.0.2.9")
    error(outside.ask("GET", "/v1", headers={"x-forwarded-proto": "https"}), 403, "not-allowed")


# --- how often, and how much ---------------------------------------------------------------------


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    limiter = RateLimiter(Rate(2, 60), lambda: now[0])
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 1]
    assert limiter.take("b") == 0
    now[0] = 1.0
    assert (limiter.wait("a"), limiter.take("a"), limiter.take("a")) == (0, 0, 1)
    for number in range(30_000):
        limiter.take(str(number))
    assert len(limiter._buckets) == 20_000


@ON_A_FILE
def test_who_asks_too_often_waits(house: House) -> None:
    front = Front(house, rates=Rates(requests=Rate(2, 30)))
    assert [front.ask("GET", "/v1").status_code for _ in range(2)] == [200, 200]
    answer = front.ask("GET", "/v1")
    assert error(answer, 429, "too-many") == "you ask too often; ask again in 2 s"
    assert answer.headers["retry-after"] == "2"


@ON_A_FILE
def test_tokens_are_not_guessed(house: House) -> None:
    front = Front(house, rates=Rates(sign_ins=Rate(3, 1)))
    for _ in range(3):
        answer = front.ask("GET", "/v1/account", by="rfw_0123456789abcdef_" + "A" * 43)
        error(answer, 401, "not-signed-in")
        assert answer.headers["www-authenticate"] == 'Bearer realm="workshop"'
    # Also with the right one, or it could be told from the wrong ones.
    error(front.ask("GET", "/v1/account", by="ada"), 429, "too-many")
    assert front.ask("GET", "/v1/plugins").status_code == 200


@ON_A_FILE
def test_an_account_uploads_so_often(house: House) -> None:
    front = Front(house, rates=Rates(uploads=Rate(1, 1)))
    assert front.ask("POST", "/v1/submissions", by="ada", body=make()).status_code == 202
    error(front.ask("POST", "/v1/submissions", by="ada", body=make()), 429, "too-many")
    assert front.ask("POST", "/v1/submissions", by="eve", body=make("other")).status_code == 202


@ON_A_FILE
def test_an_upload_that_says_it_is_too_large_is_not_read(front: Front) -> None:
    answer = front.ask("POST", "/v1/submissions", by="ada", body=b"x" * (MOST_BYTES * 2 + 1))
    assert error(answer, 413, "too-large") == "a request may have 8,388,608 bytes here"


@ON_A_FILE
def test_a_stream_without_an_end_is_cut_off(server: tuple[House, str]) -> None:
    house, url = server
    token, _ = house.workshop.accounts.new_token("ada")
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", "/v1/submissions")
    connection.putheader("authorization", f"Bearer {token}")
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    piece = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
    try:
        for _ in range(64):
            connection.send(piece)
    except OSError:
        pass  # it hung up, which is an answer as well
    else:
        assert connection.getresponse().status == 413
    connection.close()
    assert house.workshop.submissions.find(house.rob) == []


@ON_A_FILE
def test_nobody_uploads_without_a_token(front: Front) -> None:
    error(front.ask("POST", "/v1/submissions", body=make()), 401, "not-signed-in")
    error(front.ask("POST", "/v1/submissions", by="rob", body=make()), 403, "not-allowed")


@ON_A_FILE
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"reason": 1}',
        b'{"reason": ""}',
        b'{"reason": "a\\nb"}',
        b'{"reason": "\\ud800"}',
        b'{"reason": "x", "more": 1}',
        b'{"reason": NaN}',
        b"[" * 10_000,
    ],
)
def test_requests_that_say_nothing(front: Front, body: bytes) -> None:
    front.house.published()
    answer = front.ask("POST", "/v1/plugins/adder/versions/1.0.0/yank", by="ada", body=body)
    error(answer, 400, "malformed")
    assert front.ask("GET", "/v1/plugins/adder/versions/1.0.0").json()["status"] == "published"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/plugins?most=0", 400),
        ("/v1/plugins?most=1e9", 400),
        ("/v1/plugins?first=-1", 400),
        ("/v1/plugins?most=99999999999999999999", 400),
        ("/v1/plugins?query=" + "x" * 201, 400),
        ("/v1/plugins?query=" + "x" * 2_001, 414),
        ("/v1/plugins?query=%00", 400),
        ("/v1/plugins?spec=%00", 400),
        ("/v1/plugins?query=%FF", 200),
        ("/v1/submissions?state=nowhere", 400),
    ],
)
def test_queries_that_say_nothing(front: Front, path: str, status: int) -> None:
    assert front.ask("GET", path, by="ada").status_code == status


@ON_A_FILE
def test_a_method_that_there_is_not(front: Front) -> None:
    error(front.ask("DELETE", "/v1/plugins"), 405, "malformed")
    error(front.ask("GET", "/"), 404, "unknown")


# --- who sees and does what ----------------------------------------------------------------------


def test_a_review_over_http(front: Front) -> None:
    told = front.house.submitted()
    one = f"/v1/submissions/{told.id}"
    for by in ("eve", "opal"):
        error(front.ask("GET", one, by=by), 404, "unknown")
        error(front.ask("GET", f"{one}/bundle", by=by), 404, "unknown")
    error(front.ask("POST", f"{one}/approve", by="ada"), 403, "not-allowed")
    answer = front.ask("GET", f"{one}/bundle", by="rob")
    assert answer.content == make()
    assert answer.headers["content-disposition"].startswith("attachment")
    found = front.ask("GET", "/v1/submissions?state=in-review", by="rob").json()["submissions"]
    assert [(row["id"], "analysis" in row) for row in found] == [(told.id, False)]
    assert front.ask("POST", f"{one}/retry", by="rob").json()["state"] == "uploaded"
    front.house.workshop.process_all()
    assert front.ask("POST", f"{one}/approve", by="rob").json()["state"] == "published"
    error(front.ask("POST", f"{one}/withdraw", by="ada"), 409, "state")


def test_a_token_makes_no_token_that_may_more(front: Front) -> None:
    front.house.workshop.accounts.allow("ada", ("publish", "operate"))
    small, _ = front.house.workshop.accounts.new_token("ada", scopes=["publish"])
    answer = front.ask("POST", "/v1/account/tokens", by=small, body={"scopes": ["operate"]})
    error(answer, 403, "not-allowed")
    answer = front.ask("POST", "/v1/account/tokens", by=small, body={})
    assert (answer.status_code, answer.json()["scopes"]) == (201, ["publish"])
    error(
        front.ask("DELETE", f"/v1/account/tokens/{answer.json()['id']}", by="eve"), 404, "unknown"
    )


def test_a_token_outlives_none_that_made_it(front: Front) -> None:
    accounts = front.house.workshop.accounts
    leaked, info = accounts.new_token("ada", days=1)
    for days in ({}, {"days": 3_660}):
        child = front.ask("POST", "/v1/account/tokens", by=leaked, body=days)
        assert child.status_code == 201
        assert child.json()["expires"] == info.expires.isoformat()
        assert child.json()["parent"] == info.id
    child = front.ask("POST", "/v1/account/tokens", by=leaked, body={"days": 1})
    grandchild = front.ask("POST", "/v1/account/tokens", by=child.json()["token"])
    family = (child.json()["token"], grandchild.json()["token"])
    assert all(front.ask("GET", "/v1/account", by=one).status_code == 200 for one in family)

    assert front.ask("DELETE", f"/v1/account/tokens/{info.id}", by="ada").status_code == 200

    for one in (leaked, *family):
        error(front.ask("GET", "/v1/account", by=one), 401, "not-signed-in")
    assert front.ask("GET", "/v1/account", by="ada").status_code == 200
    assert front.house.actions().count("token.revoked") == 5
    # Nor does it make another, for whoever was let in before.
    with pytest.raises(WorkshopRefused, match="does not hold"):
        accounts.new_token("ada", parent=info.id)
    with pytest.raises(WorkshopRefused, match="there is no such token"):
        accounts.new_token("eve", parent=info.id)


@ON_A_FILE
def test_nobody_registers_where_the_operator_does_it(front: Front) -> None:
    error(front.ask("POST", "/v1/accounts", body={"name": "x"}), 403, "not-allowed")


@ON_A_FILE
def test_a_database_that_is_away_is_told_without_its_address(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: object, **__: object) -> None:
        raise WorkshopNotAvailable("postgresql://ada@db.internal/x does not answer")

    monkeypatch.setattr(front.house.workshop.releases, "search", away)
    with caplog.at_level(logging.ERROR):
        answer = front.ask("GET", "/v1/plugins")
    said = error(answer, 503, "not-available")
    assert said == (
        "the workshop cannot do this now: its database does not answer; nothing is lost, ask again "
        "later"
    )
    assert answer.headers["retry-after"] == "30"
    assert "db.internal" in caplog.text


@ON_A_FILE
def test_it_is_mounted_in_another_application(house: House) -> None:
    house.published()
    inner = application(house.workshop, hosts=None)
    front = Front(house)
    front.transport = httpx.ASGITransport(Starlette(routes=[Mount("/workshop", inner)]))
    assert front.ask("GET", "/workshop/v1/plugins").json()["count"] == 1
    assert front.ask("GET", "/workshop/metadata/1.root.json").status_code == 200
