"""The addresses, as a page of ours and as strangers would use them."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from apps.worldgen.tests.samples import TRAP, bundle, files
from worldgen.atlas import Atlas
from worldgen.catalogue import Catalogue
from worldgen.web import Server
from worldgen.web.guard import HEADERS, LARGEST_BODY


def ask(
    client: httpx.Client, method: str, path: str, body: object = None, status: int = 200
) -> Any:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    for name, value in HEADERS.items():
        if name != "cache-control":
            assert answer.headers[name] == value
    return answer.json() if answer.content and "json" in answer.headers["content-type"] else answer


def test_a_world_from_making_it_to_deleting_it(client: httpx.Client) -> None:
    chain = [{"name": "islands", "parameters": {"many": 0.9}}]
    world = ask(
        client, "POST", "worlds", {"name": "API", "settings": {"seed": 4}, "chain": chain}, 201
    )
    at = f"worlds/{world['id']}"
    assert world["chain"][0]["version"] == "1.0.0" and len(world["chain"][0]["sha256"]) == 64
    assert world in ask(client, "GET", "worlds") and ask(client, "GET", at) == world
    tile = ask(client, "GET", f"{at}/tiles/0/-1/-1.png")
    picture = Image.open(io.BytesIO(tile.content))
    assert (tile.headers["content-type"], picture.size, picture.format) == (
        "image/png",
        (256, 256),
        "PNG",
    )
    assert tile.headers["x-worldgen-kept"] == "no" and "immutable" in tile.headers["cache-control"]
    again = ask(client, "GET", f"{at}/tiles/0/-1/-1.png")
    assert again.headers["x-worldgen-kept"] == "yes" and again.content == tile.content
    body = {
        "chain": [{"name": "islands", "version": "1.0.0", "parameters": {"many": 0.1}}],
        "revision": 1,
    }
    drafted = ask(client, "PUT", f"{at}/draft", body)
    assert drafted["chain"] == world["chain"] and drafted["draft"][0]["parameters"] == {"many": 0.1}
    preview = ask(client, "GET", f"{at}/draft/0/-1/-1.png")
    assert preview.content != tile.content == ask(client, "GET", f"{at}/tiles/0/-1/-1.png").content
    assert ask(client, "POST", f"{at}/adopt", {"revision": 7}, 409)["error"].startswith(
        "the world is at revision 1"
    )
    adopted = ask(client, "POST", f"{at}/adopt", {"revision": 1})
    assert adopted["draft"] is None and adopted["chain"] == drafted["draft"]
    assert ask(client, "GET", f"{at}/tiles/0/-1/-1.png").content == preview.content
    status = ask(client, "GET", f"{at}/status")
    assert (
        status["failures"] == []
        and status["links"][0]["manifest"]["parameters"]["many"]["high"] == 1.0
    )
    changed = ask(
        client,
        "PUT",
        at,
        {"name": "<b>", "settings": {"seed": 5, "sea_level": -10.0, "relief": 2.0}},
    )
    assert (changed["name"], changed["settings"]["seed"], changed["revision"]) == ("<b>", 5, 3)
    assert ask(client, "DELETE", at, status=204).content == b""
    assert ask(client, "GET", at, status=404) == {"error": "there is no such world"}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("worlds", {"name": ""}, "name"), ("worlds", {"name": 3}, "body.name"),
        ("worlds", {"name": "x", "settings": {"seed": 1.5}}, "body.settings.seed"),
        ("worlds", {"name": "x", "settings": {"seed": -1}}, "seed"),
        ("worlds", {"name": "x", "more": 1}, "body.more"),
        ("worlds", {"name": "x", "chain": [{"name": "islands", "parameters": {"many": 7}}]}, "at most 1"),
        ("worlds", {"name": "x", "chain": [{"name": "islands", "parameters": {"many": "<b>"}}]}, "float was expected"),
        ("worlds", {"name": "x", "chain": [{"name": "islands"}] * 13}, "at most 12"),
        ("uploads", {"files": {"plugin.toml": "x"}}, "no TOML"),
        ("uploads", {"files": {"../x.py": ""}}, "plugin.toml"),
        ("uploads", {"files": files("ok", "return elevation") | {"a/../../b.py": ""}}, ".."),
        ("uploads", {"files": files("ok", "return elevation") | {"x.so": "\x7fELF"}}, "x.so"),
        ("analysis", {"files": []}, "body.files"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(
    client: httpx.Client, path: str, body: object, said: str
) -> None:
    assert said in ask(client, "POST", path, body, 422)["error"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 200_000, 400), (b"{", 422), (b"\xff\xfe", 422), (b'{"name": NaN}', 422), (b"", 422),
        (b'{"name": "x", "settings": {"seed": ' + b"9" * 5_000 + b"}}", 400),
        (b'{"name": "x", "settings": {"relief": NaN}}', 422), (b'{"name": "\\ud800"}', 422),
    ],
)  # fmt: skip
def test_bodies_that_are_no_request(client: httpx.Client, body: bytes, status: int) -> None:
    answer = client.post("worlds", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status and answer.json()["error"]


def test_addresses_that_are_none(client: httpx.Client) -> None:
    for path in (
        "worlds/%2e%2e%2f", "static/../guard.py", "static/%2e%2e%2fguard.py", "nothing",
        "plugins/nothing", "plugins/islands/9.9.9", "docs", "redoc", "worlds/ab/tiles/0/0/0.png",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 404, path
    assert ask(client, "GET", "worlds/zz/tiles/a/b/c.png", status=422)["error"]
    assert client.request("PATCH", "worlds").status_code == 405
    assert "worldgen" in client.get("openapi.json").json()["info"]["title"].lower()


def test_an_upload_is_analysed_tried_and_published_and_a_bundle_is_the_same(
    client: httpx.Client,
) -> None:
    told = ask(
        client,
        "POST",
        "uploads",
        {"files": files("by-api", "return elevation + 1.0", title="By <i>API</i>")},
        201,
    )
    assert (told["state"], told["analysis"]["verdict"], told["trial"]["ok"]) == (
        "published",
        "clean",
        True,
    )
    shown = ask(client, "GET", "plugins/by-api/1.0.0")
    assert shown["title"] == "By <i>API</i>" and "elevation + 1.0" in shown["files"]["main.py"]
    packed = bundle("by-api", "return elevation + 1.0", title="By <i>API</i>").pack()
    again = client.post("uploads/bundle", content=packed)
    assert again.status_code == 201 and again.json()["sha256"] == told["sha256"]
    assert client.post("uploads/bundle", content=packed[:-9]).status_code == 422
    other = ask(
        client, "POST", "uploads", {"files": files("by-api", "return elevation + 2.0")}, 422
    )
    assert "1.0.0" in other["error"]  # a version is never other bytes
    listed = [one for one in ask(client, "GET", "plugins?query=API") if one["name"] == "by-api"]
    assert listed[0]["own"] and listed[0]["status"] == "published"
    gone = ask(client, "POST", "plugins/by-api/1.0.0/withdraw", {"revoke": True, "reason": "no"})
    assert gone["status"] == "revoked"
    assert "revoked" in ask(client, "GET", "plugins/by-api/1.0.0", status=404)["error"]
    assert (
        "belongs to"
        in ask(client, "POST", "plugins/islands/1.0.0/withdraw", {"revoke": True}, 422)["error"]
    )
    thief = ask(
        client,
        "POST",
        "uploads",
        {"files": files("api-thief", "__import__('os').system('id')\n    return elevation")},
        201,
    )
    assert thief["state"] == "refused" and thief["analysis"]["findings"] and thief["trial"] is None
    found = ask(
        client, "POST", "analysis", {"files": files("api-thief", "eval('1')\n    return elevation")}
    )
    assert found["verdict"] != "clean" and found["findings"][0]["line"] == 5


def test_what_the_analysis_wants_looked_at_waits_for_a_person(client: httpx.Client) -> None:
    odd = "names = globals()\n    return elevation"
    for name, publish, state in (("odd-one", True, "published"), ("odd-two", False, "refused")):
        told = ask(client, "POST", "uploads", {"files": files(name, odd)}, 201)
        assert (told["state"], told["analysis"]["verdict"]) == ("in-review", "review")
        assert client.get(f"plugins/{name}/1.0.0").status_code == 404
        at = f"uploads/{told['id']}/decision"
        assert ask(client, "POST", at, {"publish": publish})["state"] == state
        assert ask(client, "POST", at, {"publish": True}, 422)["error"]  # it is decided
    assert ask(client, "GET", "plugins/odd-one/1.0.0")["review"]["verdict"] == "review"


def test_a_quarantine_is_told_and_ended(client: httpx.Client, catalogue: Catalogue) -> None:
    catalogue.submit(bundle("api-trap", TRAP))
    world = ask(client, "POST", "worlds", {"name": "t", "chain": [{"name": "api-trap"}]}, 201)
    at = f"worlds/{world['id']}"
    tile = ask(client, "GET", f"{at}/tiles/0/0/0.png")
    assert (tile.headers["x-worldgen-failures"], tile.headers["cache-control"]) == ("1", "no-store")
    [link] = ask(client, "GET", f"{at}/status")["links"]
    assert link["quarantined"]["kind"] == "limit" and link["retry"] > 0
    assert ask(client, "POST", f"{at}/release/api-trap") == {"released": True}
    assert ask(client, "GET", f"{at}/status")["links"][0]["quarantined"] is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 421), ({"host": "127.0.0.1"}, 421), ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403), ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)  # fmt: skip
def test_strangers_stay_outside(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    answer = client.get("worlds", headers=headers)
    assert answer.status_code == status and answer.headers["x-frame-options"] == "DENY"


def test_without_the_secret_or_an_origin_there_is_nothing(server: Server) -> None:
    root = "/".join(server.url.split("/")[:3])
    with httpx.Client(trust_env=False) as stranger:
        for path in ("/", "/worlds", "/x" * 30 + "/", "/static/main.js"):
            assert stranger.get(root + path).status_code == 404
        body = {"name": "x"}
        assert stranger.post(server.url + "worlds", json=body).status_code == 403
        assert stranger.get(server.url).status_code == 200  # a person opens what was printed


def test_a_body_without_an_end_is_not_taken(client: httpx.Client) -> None:
    piece = b"x" * (1 << 20)
    answer = client.post("uploads/bundle", content=(piece for _ in range(20)))
    assert answer.status_code == 413 and "at most" in answer.json()["error"]
    assert client.post("uploads", content=b" " * (LARGEST_BODY + 1)).status_code == 413


def test_the_server_outlives_a_port_that_is_taken(atlas: Atlas, server: Server) -> None:
    port = int(server.url.split(":")[2].split("/")[0])
    with pytest.raises(OSError):
        Server(atlas, port=port)
