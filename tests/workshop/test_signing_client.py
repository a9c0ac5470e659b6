"""What a client keeps, and who else may have touched it: each load looks again."""

from __future__ import annotations

import hashlib
import json
import os
import random
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ringfence import errors
from ringfence.workshop.signing import Client, Escalation, Expiry, Repository
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import Shop
from tests.workshop.forging import Attacker


@pytest.fixture
def client(shop: Shop) -> Client:
    """Has hills 1.0.0 installed, and loaded once."""
    found = shop.client()
    found.install("hills", "1.0.0")
    found.load("hills")
    return found


@pytest.fixture(params=["warm", "started anew"])
def loaders(request: pytest.FixtureRequest, shop: Shop, client: Client) -> Callable[[], Client]:
    """A client with everything in memory, and one with nothing."""
    return (lambda: client) if request.param == "warm" else shop.client


def agree(asked: Escalation) -> bool:
    return True


def bundle_file(shop: Shop) -> Path:
    return shop.folder / f"client/bundles/{make_bundle().sha256}.zip"


# --- status ------------------------------------------------------------------------------------


def test_what_was_revoked_stops_loading_at_the_next_refresh(shop: Shop, client: Client) -> None:
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    assert client.load("hills").sha256 == make_bundle().sha256
    client.refresh()
    with pytest.raises(errors.ReleaseRevoked) as caught:
        client.load("hills")
    assert (caught.value.name, caught.value.version) == ("hills", "1.0.0")
    assert str(caught.value) == (
        "hills 1.0.0 was revoked by the workshop: it phones home; it is not loaded, also where it "
        "is installed. Install another version, or remove it"
    )
    assert client.installed()["hills"].status == "revoked"
    with pytest.raises(errors.ReleaseRevoked):
        client.install("hills", "1.0.0")
    assert client.update("hills", consent=agree).version == "1.1.0"
    assert client.load("hills").manifest.version_text == "1.1.0"


def test_a_revocation_that_is_taken_back_loads_again(shop: Shop, client: Client) -> None:
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    client.refresh()
    shop.repository.reinstate("hills", "1.0.0")
    client.refresh()
    assert client.load("hills").sha256 == make_bundle().sha256


def test_what_was_yanked_loads_and_is_not_chosen(shop: Shop, client: Client) -> None:
    shop.repository.yank("hills", "1.0.0", "slow")
    shop.repository.yank("hills", "1.1.0", "slow")
    client.refresh()
    assert client.load("hills").sha256 == make_bundle().sha256
    assert client.outdated() == {}
    assert client.update("hills").version == "1.0.0"
    with pytest.raises(errors.ReleaseNotFound, match="by its version: 1.0.0, 1.1.0"):
        client.install("hills")
    assert client.install("hills", "1.1.0", consent=agree).status == "yanked"


def test_what_was_revoked_altogether_is_not_installed(shop: Shop) -> None:
    for version in ("1.0.0", "1.1.0"):
        shop.repository.revoke("hills", version, "it phones home")
    with pytest.raises(errors.ReleaseRevoked):
        shop.client().install("hills", consent=agree)


def test_a_yank_does_not_weaken_a_revocation(shop: Shop) -> None:
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    with pytest.raises(errors.ReleaseRevoked):
        shop.repository.yank("hills", "1.0.0", "slow")
    assert shop.repository.releases()["hills", "1.0.0"].status == "revoked"


@pytest.mark.parametrize("reason", ["two\nlines", "\x1b[2J", "x" * 501])
def test_a_reason_is_one_line(shop: Shop, reason: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="a reason is one line of at most 500"):
        shop.repository.revoke("hills", "1.0.0", reason)


def test_what_is_not_there_is_said(shop: Shop, client: Client) -> None:
    with pytest.raises(errors.ReleaseNotFound, match="the workshop has no plugin 'dunes'"):
        client.install("dunes")
    with pytest.raises(errors.ReleaseNotFound, match="the workshop signs no release hills 9.0.0"):
        client.install("hills", "9.0.0")
    with pytest.raises(errors.ConfigurationError, match="a version is three numbers, as 1.2.0"):
        client.install("hills", "../1.0.0")
    with pytest.raises(errors.ReleaseNotFound, match="no plugin 'dunes' is installed"):
        client.load("dunes")
    with pytest.raises(errors.ReleaseNotFound, match="hills 1.1.0 is not installed; of hills ther"):
        client.load("hills", "1.1.0")
    with pytest.raises(errors.ReleaseNotFound, match="there is no release dunes 1.0.0"):
        shop.repository.revoke("dunes", "1.0.0", "")


# --- consent -----------------------------------------------------------------------------------


def test_more_than_was_agreed_to_needs_consent(shop: Shop, client: Client) -> None:
    asked: list[Escalation] = []

    def refuse(one: Escalation) -> bool:
        asked.append(one)
        return False

    for consent in (None, refuse):
        with pytest.raises(errors.ConsentNeeded) as caught:
            client.update("hills", consent=consent)
        assert (caught.value.packages, caught.value.grants) == (("numpy",), ("palette",))
    (one,) = asked
    assert (one.before, one.packages, one.grants) == ("1.0.0", ("numpy",), ("palette",))
    assert one.release.version == "1.1.0"
    assert client.versions("hills") == ("1.0.0",)
    assert client.load("hills").manifest.version_text == "1.0.0"


def test_consent_is_remembered_for_the_plugin_until_it_is_removed(
    shop: Shop, client: Client
) -> None:
    client.update("hills", consent=agree)
    shop.repository.publish(make_bundle("1.2.0", packages=["numpy"]))
    shop.repository.publish(make_bundle("1.3.0", packages=["numpy", "scipy"], grants=["palette"]))
    assert shop.client().install("hills", "1.2.0").version == "1.2.0"
    with pytest.raises(errors.ConsentNeeded) as caught:
        client.update("hills")
    assert (caught.value.packages, caught.value.grants) == (("scipy",), ())
    client.remove("hills")
    with pytest.raises(errors.ConsentNeeded) as caught:
        client.install("hills", "1.2.0")
    assert caught.value.packages == ("numpy",)


def test_consent_to_one_plugin_is_none_to_another(shop: Shop, client: Client) -> None:
    client.update("hills", consent=agree)
    shop.repository.publish(make_bundle(name="dunes", packages=["numpy"]))
    with pytest.raises(errors.ConsentNeeded, match="dunes 1.0.0 asks for what nobody agreed to"):
        client.install("dunes")


def test_what_is_not_true_is_no_consent(client: Client) -> None:
    with pytest.raises(errors.ConsentNeeded):
        client.update("hills", consent=lambda asked: "no")  # type: ignore[arg-type,return-value]


# --- versions beside each other ----------------------------------------------------------------


def test_versions_stay_and_load_by_name(shop: Shop, client: Client) -> None:
    assert client.outdated()["hills"].version == "1.1.0"
    client.update("hills", consent=agree)
    assert client.versions("hills") == ("1.0.0", "1.1.0")
    assert client.load("hills").manifest.version_text == "1.1.0"
    assert client.load("hills", "1.0.0").sha256 == make_bundle().sha256
    client.remove("hills", "1.1.0")
    assert client.installed()["hills"].version == "1.0.0"
    client.remove("hills")
    assert client.installed() == {}
    assert list((shop.folder / "client/bundles").iterdir()) == []
    with pytest.raises(errors.ReleaseNotFound):
        client.remove("hills")


def test_two_plugins_of_the_same_bytes_do_not_share_their_end(shop: Shop, client: Client) -> None:
    shop.repository.publish(make_bundle(name="dunes"))
    client.install("dunes")
    client.remove("hills")
    assert client.load("dunes").manifest.name == "dunes"


# --- offline, and the clock --------------------------------------------------------------------


def test_plugins_load_without_the_workshop_until_the_expiry(
    shop: Shop, loaders: Callable[[], Client]
) -> None:
    def offline(path: str) -> bytes:
        raise ConnectionRefusedError("no route")

    shop.clock.pass_time(days=6)
    away = shop.client(fetch=offline)
    with pytest.raises(errors.WorkshopUnreachable, match="no route"):
        away.refresh()
    assert away.load("hills").sha256 == loaders().load("hills").sha256
    shop.clock.pass_time(days=1)
    for one in (away, loaders()):
        with pytest.raises(errors.MetadataExpired, match="timestamp.json: it expired"):
            one.load("hills")
        with pytest.raises(errors.MetadataExpired):
            one.installed()
    shop.repository.refresh()
    loaders().refresh()
    assert loaders().load("hills").sha256 == make_bundle().sha256


def test_a_clock_that_is_set_back_revives_nothing(
    shop: Shop, loaders: Callable[[], Client]
) -> None:
    shop.clock.pass_time(days=8)
    with pytest.raises(errors.MetadataExpired):
        loaders().load("hills")
    shop.clock.pass_time(days=-7)
    with pytest.raises(errors.NotTrusted) as caught:
        loaders().load("hills")
    assert str(caught.value) == (
        "the clock: this machine says 2026-03-02 12:00 UTC, and it was 2026-03-09 12:00 already; "
        "set the clock, or, if it is right now, call accept_clock()"
    )
    with pytest.raises(errors.NotTrusted, match="the clock"):
        loaders().refresh()


def test_a_person_may_say_that_the_clock_is_right_now(
    shop: Shop, loaders: Callable[[], Client]
) -> None:
    shop.clock.pass_time(days=3_000)
    with pytest.raises(errors.MetadataExpired):
        loaders().load("hills")
    shop.clock.pass_time(days=-2_999)
    loaders().accept_clock()
    assert loaders().load("hills").sha256 == make_bundle().sha256


def test_a_clock_may_lose_a_little(shop: Shop, loaders: Callable[[], Client]) -> None:
    shop.clock.pass_time(minutes=-5)
    assert loaders().load("hills").sha256 == make_bundle().sha256


def test_a_clock_before_the_signature_is_wrong(shop: Shop) -> None:
    shop.clock.pass_time(minutes=-6)
    with pytest.raises(errors.NotTrusted, match="the workshop signed its timestamp on 2026-03-01"):
        shop.client().refresh()


# --- what lies in the folder -------------------------------------------------------------------


def test_a_bundle_that_was_changed_is_not_loaded(shop: Shop, loaders: Callable[[], Client]) -> None:
    path = bundle_file(shop)
    good = path.read_bytes()
    for bad in (good.replace(b"x + y", b"x - y"), good[:-1], b"", good + b"\0"):
        path.write_bytes(bad)
        with pytest.raises(errors.NotTrusted, match="hills 1.0.0: its bundle is not what the work"):
            loaders().load("hills")
    path.unlink()
    with pytest.raises(errors.ReleaseNotFound, match="the bundle of hills 1.0.0 is gone from"):
        loaders().load("hills")
    loaders().install("hills", "1.0.0")
    assert path.read_bytes() == good
    assert loaders().load("hills").files == make_bundle().files


def test_a_bundle_that_was_changed_with_its_times_is_not_loaded(shop: Shop, client: Client) -> None:
    path = bundle_file(shop)
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"x + y", b"x - y"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(errors.NotTrusted):
        client.load("hills")


def _kept(shop: Shop, name: str = "metadata.json") -> tuple[Path, dict[str, Any]]:
    path = shop.folder / "client" / name
    table: dict[str, Any] = json.loads(path.read_text())
    return path, table


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_metadata_that_was_changed_is_not_believed(
    shop: Shop, loaders: Callable[[], Client], role: str
) -> None:
    path, table = _kept(shop)
    signed = json.loads(table["files"][role])
    signed["signed"]["expires"] = "2099-01-01T00:00:00Z"
    table["files"][role] = json.dumps(signed)
    path.write_text(json.dumps(table))
    with pytest.raises(errors.NotTrusted, match=f"{role}"):
        loaders().load("hills")
    loaders().refresh()
    assert loaders().load("hills").sha256 == make_bundle().sha256


def test_a_root_that_was_added_is_not_believed(
    shop: Shop, loaders: Callable[[], Client], tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = tmp_path_factory.mktemp("theirs")
    other = Repository.create(theirs / "repo", clock=shop.clock)
    other.rotate("root")
    path, table = _kept(shop)
    table["roots"] = [other.root.decode()]
    path.write_text(json.dumps(table))
    with pytest.raises(errors.NotTrusted, match="2.root.json: root was signed by 0/2 keys"):
        loaders().load("hills")
    loaders().refresh()
    assert loaders().load("hills").sha256 == make_bundle().sha256


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"roots":[],"seen":7,"files":{}}'],
    ids=["empty", "torn", "null", "list", "utf-16", "deep", "number"],
)
def test_metadata_that_is_none_is_got_anew(
    shop: Shop, loaders: Callable[[], Client], data: bytes
) -> None:
    (shop.folder / "client/metadata.json").write_bytes(data)
    with pytest.raises(errors.NotTrusted, match="tampered with, or is damaged; refresh, which get"):
        loaders().load("hills")
    loaders().refresh()
    assert loaders().load("hills").sha256 == make_bundle().sha256


def test_metadata_that_is_gone_is_got_anew(shop: Shop, loaders: Callable[[], Client]) -> None:
    (shop.folder / "client/metadata.json").unlink()
    with pytest.raises(errors.MetadataExpired, match="there is none yet; refresh"):
        loaders().load("hills")
    loaders().refresh()
    assert loaders().load("hills").sha256 == make_bundle().sha256


@pytest.mark.parametrize(
    "change",
    [
        lambda plugins: plugins["hills"]["versions"].update({"1.0.0": "../../../etc/passwd"}),
        lambda plugins: plugins["hills"]["versions"].update({"../1": "0" * 64}),
        lambda plugins: plugins["hills"].update(current="9.0.0"),
        lambda plugins: plugins.update({"../hills": plugins["hills"]}),
        lambda plugins: plugins["hills"].update(packages="numpy"),
        lambda plugins: plugins["hills"].pop("grants"),
    ],
)
def test_a_list_of_what_is_installed_that_was_changed_is_not_believed(
    shop: Shop, loaders: Callable[[], Client], change: Callable[[dict[str, Any]], object]
) -> None:
    path, table = _kept(shop, "installed.json")
    change(table["plugins"])
    path.write_text(json.dumps(table))
    with pytest.raises(errors.NotTrusted, match="installed.json: it was tampered with"):
        loaders().load("hills")


def test_a_version_whose_hash_was_changed_is_not_loaded(
    shop: Shop, loaders: Callable[[], Client]
) -> None:
    path, table = _kept(shop, "installed.json")
    table["plugins"]["hills"]["versions"]["1.0.0"] = hashlib.sha256(b"").hexdigest()
    path.write_text(json.dumps(table))
    with pytest.raises(errors.NotTrusted, match="the workshop signs other bytes than those that"):
        loaders().load("hills")


@pytest.mark.parametrize("name", ["metadata.json", "installed.json", "clock", "bundle"])
def test_any_byte_may_be_another(shop: Shop, client: Client, name: str) -> None:
    """Nothing but what was signed is loaded, and nothing but our errors is raised."""
    path = bundle_file(shop) if name == "bundle" else shop.folder / "client" / name
    good = path.read_bytes()
    chance = random.Random(29)
    refused = 0
    for _ in range(150):
        bad = bytearray(good)
        bad[chance.randrange(len(bad))] = chance.choice(b'0"\\{}[],:ae \0\xff')
        path.write_bytes(bad)
        try:
            assert shop.client().load("hills").files == make_bundle().files
        except errors.WorkshopError:
            refused += 1
    assert refused > (10 if name == "clock" else 60)
    path.write_bytes(good)
    assert client.load("hills").files == make_bundle().files


PLACES = ["metadata.json", "installed.json", "clock", "bundles", "bundles/…", "."]


@pytest.mark.parametrize("place", PLACES)
def test_a_link_is_not_followed(shop: Shop, loaders: Callable[[], Client], place: str) -> None:
    path = bundle_file(shop) if place == "bundles/…" else shop.folder / "client" / place
    elsewhere = shop.folder / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)  # to just what was there
    with pytest.raises(errors.WorkshopNotUsable, match="no link"):
        loaders().load("hills")


def test_a_lock_that_is_a_link_is_not_followed(shop: Shop, client: Client) -> None:
    lock, elsewhere = shop.folder / "client/lock", shop.folder / "elsewhere"
    lock.unlink()
    lock.symlink_to(elsewhere)
    with pytest.raises(errors.WorkshopNotUsable, match="no link"):
        client.refresh()
    assert not elsewhere.exists()


def test_what_is_written_goes_through_no_link(shop: Shop, client: Client) -> None:
    elsewhere = shop.folder / "elsewhere"
    elsewhere.write_text("mine")
    path = shop.folder / "client/installed.json"
    path.unlink()
    path.symlink_to(elsewhere)
    with pytest.raises(errors.WorkshopNotUsable):
        client.install("hills", "1.0.0")
    assert elsewhere.read_text() == "mine"


@pytest.mark.parametrize("place", ["metadata.json", "installed.json", "bundles/…"])
def test_a_pipe_hangs_nobody(shop: Shop, loaders: Callable[[], Client], place: str) -> None:
    path = bundle_file(shop) if place == "bundles/…" else shop.folder / "client" / place
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(errors.WorkshopNotUsable, match="is no ordinary file; remove it"):
        loaders().load("hills")


@pytest.mark.parametrize("place", ["metadata.json", "bundles/…", "bundles", "."])
def test_what_others_may_write_to_is_refused(shop: Shop, client: Client, place: str) -> None:
    path = bundle_file(shop) if place == "bundles/…" else shop.folder / "client" / place
    path.chmod(path.stat().st_mode | 0o020)
    with pytest.raises(errors.WorkshopNotUsable, match="others may write to it"):
        shop.client().load("hills")


def test_all_that_is_kept_is_this_user_s_alone(shop: Shop, client: Client) -> None:
    for path in (shop.folder / "client", *(shop.folder / "client").rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


# --- several clients ---------------------------------------------------------------------------


def test_clients_that_share_a_folder_see_what_the_others_did(shop: Shop, client: Client) -> None:
    other = shop.client()
    shop.repository.publish(make_bundle(name="dunes"))
    other.install("dunes")
    assert client.load("dunes").manifest.name == "dunes"
    client.remove("hills")
    with pytest.raises(errors.ReleaseNotFound):
        other.load("hills")
    shop.repository.revoke("dunes", "1.0.0", "it phones home")
    other.refresh()
    with pytest.raises(errors.ReleaseRevoked):
        client.load("dunes")


def test_clients_that_share_a_folder_work_at_once(shop: Shop) -> None:
    names = ["dunes", "cliffs", "lakes", "caves"]
    for name in names:
        shop.repository.publish(make_bundle(name=name))
    failed: list[BaseException] = []
    together = threading.Barrier(len(names))

    def work(name: str) -> None:
        try:
            mine = shop.client()
            together.wait()
            for _ in range(3):
                mine.install(name)
                assert mine.load(name).manifest.name == name
                mine.remove(name)
            mine.install(name)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(shop.client().installed()) == sorted(names)


def test_a_client_of_another_workshop_does_not_believe_this_one_s_folder(
    shop: Shop, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = Repository.create(tmp_path_factory.mktemp("theirs") / "repo", clock=shop.clock)
    other = shop.client(root=theirs.root, fetch=theirs.serve)
    with pytest.raises(errors.NotTrusted, match="timestamp.json: timestamp was signed by 0/1"):
        other.load("hills")


# --- keys, and roots that are pinned -----------------------------------------------------------


def test_roots_are_followed_and_kept(shop: Shop, client: Client) -> None:
    for _ in range(3):
        shop.repository.rotate("root", "targets", offline=shop.offline)
    attacker = Attacker(shop)
    mine = shop.client(fetch=attacker)
    mine.refresh()
    assert [path for path in attacker.asked if "root" in path] == [
        f"metadata/{version}.root.json" for version in (2, 3, 4, 5)
    ]
    attacker.asked.clear()
    mine.refresh()
    assert attacker.asked == ["metadata/5.root.json", "metadata/timestamp.json"]
    assert mine.load("hills").sha256 == make_bundle().sha256
    newest = shop.client(root=shop.repository.root)  # an application that pins a newer one
    assert newest.load("hills").sha256 == make_bundle().sha256
    newest.refresh()


def test_a_client_that_pinned_the_newest_root_needs_no_other(shop: Shop) -> None:
    shop.repository.rotate("root", offline=shop.offline)
    mine = shop.client(root=shop.repository.root)
    assert mine.install("hills", "1.0.0").version == "1.0.0"


def test_a_timestamp_of_an_hour_is_kept_for_an_hour(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("short")
    short = Repository.create(
        folder / "repo", expiry=Expiry(timestamp=timedelta(hours=1)), clock=shop.clock
    )
    short = Repository.open(folder / "repo", clock=shop.clock)
    short.publish(make_bundle())
    mine = Client(folder / "client", root=short.root, fetch=short.serve, clock=shop.clock)
    mine.install("hills")
    shop.clock.pass_time(minutes=59)
    mine.load("hills")
    shop.clock.pass_time(minutes=1)
    with pytest.raises(errors.MetadataExpired):
        mine.load("hills")
