"""Attacks on what is served: each is refused by name, and changes nothing that was there.

The names of the attacks are those of The Update Framework's specification.
"""

from __future__ import annotations

import copy
import json
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Delegations, Metadata, Role, TargetFile

from ringfence import errors
from ringfence.workshop.signing import Client
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import Shop
from tests.workshop.forging import Attacker, named, tamper

ROLES = ["root", "timestamp", "snapshot", "targets"]


@pytest.fixture
def attacker(shop: Shop) -> Attacker:
    return Attacker(shop)


@pytest.fixture
def client(shop: Shop, attacker: Attacker) -> Client:
    """Has hills 1.0.0 installed, and fetches through the attacker."""
    found = shop.client(fetch=attacker)
    found.install("hills", "1.0.0")
    return found


def refused(client: Client, kind: type[Exception], match: str) -> None:
    """A refresh is refused, and what was there is there still."""
    before = client.available()
    with pytest.raises(kind, match=match):
        client.refresh()
    assert client.available() == before
    assert client.load("hills").sha256 == make_bundle().sha256


def path_of(attacker: Attacker, role: str) -> str:
    version = attacker.current(role).signed.version
    return "metadata/timestamp.json" if role == "timestamp" else f"metadata/{version}.{role}.json"


# --- rollback, freeze, replay, mix and match --------------------------------------------------


def test_an_older_timestamp_is_refused(shop: Shop, attacker: Attacker, client: Client) -> None:
    old = shop.repository.metadata_file("timestamp.json")
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    client.refresh()
    attacker.served["metadata/timestamp.json"] = old
    with pytest.raises(errors.NotTrusted, match="it is version 3, and version 4 was seen before"):
        client.refresh()
    with pytest.raises(errors.ReleaseRevoked, match="it phones home"):
        client.load("hills")


def test_an_older_timestamp_is_refused_after_a_restart(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    old = shop.repository.metadata_file("timestamp.json")
    shop.repository.refresh()
    client.refresh()
    attacker.served["metadata/timestamp.json"] = old
    refused(shop.client(fetch=attacker), errors.NotTrusted, "version 4 was seen before")


def test_a_timestamp_of_stolen_keys_cannot_take_a_snapshot_back(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    old = attacker.current("timestamp").signed.snapshot_meta
    shop.repository.refresh()
    client.refresh()
    forged = attacker.current("timestamp")
    forged.signed.version += 1
    forged.signed.snapshot_meta = old
    attacker.served["metadata/timestamp.json"] = attacker.sign(forged)
    refused(client, errors.NotTrusted, "it names version 3 of snapshot.json, and version 4 was")


def test_a_snapshot_of_stolen_keys_cannot_take_targets_back(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    old = attacker.current("snapshot").signed.meta["targets.json"]
    shop.repository.publish(make_bundle("1.2.0"))
    client.refresh()
    forged = attacker.current("snapshot")
    forged.signed.meta["targets.json"] = old
    attacker.serve_forged(snapshot=forged)
    refused(client, errors.NotTrusted, "version 4 of targets.json was seen before, and it names")


def test_a_snapshot_of_stolen_keys_cannot_drop_targets(attacker: Attacker, client: Client) -> None:
    forged = attacker.current("snapshot")
    forged.signed.meta = {"other.json": named(1, b"")}
    attacker.serve_forged(snapshot=forged)
    refused(client, errors.NotTrusted, "version 3 of targets.json was seen before, and it does not")


def test_who_holds_back_what_is_signed_is_noticed_at_the_expiry(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    attacker.served |= attacker.copy()
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    shop.clock.pass_time(days=6, hours=23)
    client.refresh()
    assert client.load("hills").sha256 == make_bundle().sha256
    shop.clock.pass_time(hours=1)
    with pytest.raises(errors.MetadataExpired, match="timestamp.json: it expired on 2026-03-08"):
        client.refresh()
    with pytest.raises(errors.MetadataExpired, match="refresh, which needs the workshop"):
        client.load("hills")


def test_a_timestamp_that_names_what_never_comes_is_remembered(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    before = shop.repository.metadata_file("timestamp.json")
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    attacker.served["metadata/4.snapshot.json"] = None
    refused(client, errors.WorkshopUnreachable, "metadata/4.snapshot.json: the workshop does not")
    attacker.served["metadata/timestamp.json"] = before
    refused(client, errors.NotTrusted, "it is version 3, and version 4 was seen before")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_files_of_two_states_are_not_mixed(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    old = attacker.copy()[path_of(attacker, role)]
    shop.repository.publish(make_bundle("1.2.0"))
    attacker.served[path_of(attacker, role)] = old
    refused(client, errors.NotTrusted, f"{role}.json: Observed (length|hash)")


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_a_file_of_another_version_than_is_named_is_refused(
    attacker: Attacker, client: Client, role: str
) -> None:
    forged = attacker.current(role)
    forged.signed.version = 9
    data = attacker.sign(forged)
    attacker.served[f"metadata/4.{role}.json"] = data
    if role == "targets":
        snapshot = attacker.current("snapshot")
        snapshot.signed.meta["targets.json"] = named(4, data)
        attacker.serve_forged(snapshot=snapshot)
    else:
        timestamp = attacker.current("timestamp")
        timestamp.signed.version = 4
        timestamp.signed.snapshot_meta = named(4, data)
        attacker.served["metadata/timestamp.json"] = attacker.sign(timestamp)
    refused(client, errors.NotTrusted, f"{role}.json: it is version 9, and 4 was named")


def test_another_timestamp_of_the_same_version_is_not_taken(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("timestamp")
    forged.signed.expires += timedelta(days=100)
    attacker.served["metadata/timestamp.json"] = attacker.sign(forged)
    client.refresh()
    shop.clock.pass_time(days=8)
    with pytest.raises(errors.MetadataExpired, match="timestamp.json: it expired on 2026-03-08"):
        client.load("hills")


# --- stolen keys, and how clients recover ------------------------------------------------------


def test_a_version_that_no_honest_timestamp_reaches_is_forgotten_with_its_key(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("timestamp")
    forged.signed.version = 1_000_000
    attacker.served["metadata/timestamp.json"] = attacker.sign(forged)
    client.refresh()
    attacker.served.clear()
    shop.repository.refresh()
    refused(client, errors.NotTrusted, "it is version 4, and version 1000000 was seen before")

    shop.repository.rotate("timestamp", offline=shop.offline)
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    client.refresh()
    with pytest.raises(errors.ReleaseRevoked):
        client.load("hills")


def test_all_online_keys_are_replaced_and_versions_start_where_the_workshop_is(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    forged = [attacker.current(role) for role in ("targets", "snapshot", "timestamp")]
    for one in forged:
        one.signed.version = 1_000_000
    attacker.serve_forged(targets=forged[0], snapshot=forged[1], timestamp=forged[2])
    client.refresh()
    attacker.served.clear()

    shop.repository.rotate("targets", "snapshot", "timestamp", offline=shop.offline)
    shop.repository.publish(make_bundle("1.2.0"))
    assert client.update("hills").version == "1.2.0"


def test_keys_that_were_replaced_sign_nothing_any_more(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    stolen = {role: attacker.stolen(role) for role in ("targets", "snapshot", "timestamp")}
    shop.repository.rotate("timestamp", offline=shop.offline)
    client.refresh()
    forged = attacker.current("timestamp")
    forged.signed.version += 1
    attacker.served["metadata/timestamp.json"] = attacker.sign(forged, stolen["timestamp"])
    refused(client, errors.NotTrusted, "timestamp was signed by 0/1 keys")


# --- whose signature it is ---------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_metadata_of_another_s_key_is_refused(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    another = [CryptoSigner.generate_ed25519() for _ in range(3 if role == "root" else 1)]
    shop.repository.rotate(offline=shop.offline)  # a new version of each role
    attacker.served[path_of(attacker, role)] = attacker.sign(attacker.current(role), another)
    expected = {
        "root": "root was signed by 0/2 keys",
        "timestamp": "timestamp was signed by 0/1 keys",
        "snapshot": "snapshot.json: Observed hash",  # what names it is not another's
        "targets": "targets.json: Observed hash",
    }
    refused(client, errors.NotTrusted, expected[role])


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_metadata_of_another_s_key_is_refused_where_it_is_named(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    attacker.stolen_keys[role] = [CryptoSigner.generate_ed25519()]
    targets = attacker.current("targets")
    targets.signed.version += 1
    attacker.serve_forged(targets=targets)
    refused(client, errors.NotTrusted, rf"{role}.json: {role} was signed by 0/1 keys")


@pytest.mark.parametrize("role", ROLES)
def test_metadata_without_signatures_is_refused(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    shop.repository.rotate(offline=shop.offline)
    attacker.served[path_of(attacker, role)] = attacker.sign(attacker.current(role), [])
    expected = {
        "root": "root was signed by 0/2 keys",
        "timestamp": "timestamp was signed by 0/1 keys",
        "snapshot": "snapshot.json: Observed length",
        "targets": "targets.json: Observed length",
    }
    refused(client, errors.NotTrusted, expected[role])


@pytest.mark.parametrize("keys", [1, "the new one's"])
def test_a_root_that_too_few_of_the_old_keys_signed_is_refused(
    shop: Shop, attacker: Attacker, client: Client, keys: int | str
) -> None:
    forged = attacker.current("root")
    forged.signed.version += 1
    signers = attacker.stolen("root")[:1]
    if keys != 1:
        signers = [CryptoSigner.generate_ed25519() for _ in range(3)]
        for key_id in list(forged.signed.roles["root"].keyids):
            forged.signed.revoke_key(key_id, "root")
        for signer in signers:
            forged.signed.add_key(signer.public_key, "root")
    attacker.served["metadata/2.root.json"] = attacker.sign(forged, signers)
    found = 1 if keys == 1 else 0
    refused(client, errors.NotTrusted, f"2.root.json: root was signed by {found}/2 keys")


def test_a_root_that_too_few_of_its_own_keys_signed_is_refused(
    attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("root")
    forged.signed.version += 1
    old = attacker.stolen("root")
    for key_id in list(forged.signed.roles["root"].keyids):
        forged.signed.revoke_key(key_id, "root")
    for _ in range(3):  # keys that nobody has: no root would ever follow
        forged.signed.add_key(CryptoSigner.generate_ed25519().public_key, "root")
    attacker.served["metadata/2.root.json"] = attacker.sign(forged, old)
    refused(client, errors.NotTrusted, "2.root.json: root was signed by 0/2 keys")


def test_a_root_that_lowers_the_threshold_needs_the_old_one(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("root")
    forged.signed.version += 1
    forged.signed.roles["root"].threshold = 1
    attacker.served["metadata/2.root.json"] = attacker.sign(forged, attacker.stolen("root")[:1])
    refused(client, errors.NotTrusted, "2.root.json: root was signed by 1/2 keys")


def test_a_root_may_not_be_left_out(shop: Shop, attacker: Attacker, client: Client) -> None:
    shop.repository.rotate(offline=shop.offline)
    shop.repository.rotate(offline=shop.offline)
    attacker.served["metadata/2.root.json"] = shop.repository.metadata_file("3.root.json")
    refused(client, errors.NotTrusted, "2.root.json: it says that it is version 3")


def test_an_expired_root_is_refused(shop: Shop, attacker: Attacker, client: Client) -> None:
    shop.clock.pass_time(days=365)
    shop.repository.refresh()
    with pytest.raises(errors.MetadataExpired, match="root.json: it expired on 2027-03-01 12:00"):
        client.refresh()
    shop.repository.rotate(offline=shop.offline)
    client.refresh()
    assert client.load("hills").sha256 == make_bundle().sha256


def test_an_expired_root_is_followed_to_one_that_holds(shop: Shop, attacker: Attacker) -> None:
    for _ in range(3):
        shop.clock.pass_time(days=300)
        shop.repository.rotate("root", offline=shop.offline)
    client = shop.client(fetch=attacker)
    assert client.install("hills", "1.0.0").version == "1.0.0"


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_other_metadata_that_expired_is_refused(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    targets = attacker.current("targets")
    targets.signed.version += 1
    snapshot = attacker.current("snapshot")
    (targets if role == "targets" else snapshot).signed.expires = shop.clock()
    attacker.serve_forged(targets=targets, snapshot=snapshot)
    refused(client, errors.MetadataExpired, f"{role}.json: it expired on 2026-03-01 12:00 UTC")


# --- what else metadata could say --------------------------------------------------------------


def test_a_root_with_another_role_is_refused(attacker: Attacker, client: Client) -> None:
    forged = attacker.current("root")
    forged.signed.version += 1
    forged.signed.roles["mirrors"] = Role([], 1)
    attacker.served["metadata/2.root.json"] = attacker.sign(forged)
    refused(client, errors.NotTrusted, "2.root.json: Failed to deserialize JSON .ValueError.")


def test_a_root_without_consistent_snapshots_is_refused(attacker: Attacker, client: Client) -> None:
    forged = attacker.current("root")
    forged.signed.version += 1
    forged.signed.consistent_snapshot = False
    attacker.served["metadata/2.root.json"] = attacker.sign(forged)
    refused(client, errors.NotTrusted, "it does without consistent snapshots")


def test_metadata_of_another_role_in_its_place_is_refused(
    shop: Shop, attacker: Attacker, client: Client
) -> None:
    snapshot = attacker.copy()[path_of(attacker, "snapshot")]
    attacker.served["metadata/timestamp.json"] = snapshot
    refused(client, errors.NotTrusted, "timestamp.json: it is metadata of another role: snapshot")


def test_what_a_snapshot_names_beside_targets_is_never_fetched(
    attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("snapshot")
    forged.signed.meta["evil.json"] = named(7, b"evil")
    attacker.serve_forged(snapshot=forged)
    attacker.asked.clear()
    client.refresh()
    assert attacker.asked == [
        "metadata/2.root.json",
        "metadata/timestamp.json",
        "metadata/4.snapshot.json",
    ]


def test_targets_that_delegate_are_refused(attacker: Attacker, client: Client) -> None:
    forged = attacker.current("targets")
    forged.signed.version += 1
    forged.signed.delegations = Delegations({}, {})
    attacker.serve_forged(targets=forged)
    refused(client, errors.NotTrusted, "targets.json: it delegates to other keys")


@pytest.mark.parametrize(
    "path",
    [
        "../../escaped.zip",
        "/etc/escaped.zip",
        "hills/../../escaped.zip",
        "hills/hills-1.0.0.zip/../../../escaped",
        "hills\\hills-9.9.9.zip",
        "HILLS/hills-9.9.9.zip",
        "hills/hills-9.9.9.zip\0",
    ],
)
def test_a_path_that_is_no_release_s_is_refused(
    shop: Shop, attacker: Attacker, client: Client, path: str
) -> None:
    forged = attacker.current("targets")
    forged.signed.version += 1
    there = forged.signed.targets["hills/hills-1.0.0.zip"]
    forged.signed.targets[path] = TargetFile(
        there.length, there.hashes, path, copy.deepcopy(there.unrecognized_fields)
    )
    attacker.serve_forged(targets=forged)
    refused(client, errors.NotTrusted, "it is signed, and no release: it stands at another path")
    assert not list(shop.folder.rglob("*escaped*"))


def _name(custom: dict[str, Any]) -> None:
    custom["name"] = "../hills"


def _status(custom: dict[str, Any]) -> None:
    custom["status"] = "trusted"


def _text(custom: dict[str, Any]) -> None:
    custom["reason"] = "\x1b]0;owned\x07"


def _list(custom: dict[str, Any]) -> None:
    custom["grants"] = "palette"


def _field(custom: dict[str, Any]) -> None:
    custom["exec"] = "rm"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_name, "its name or version is none"),
        (_status, "its status is unknown"),
        (_text, "its reason has characters that cannot be seen"),
        (_list, "its grants are no list"),
        (_field, "its custom part has other fields"),
    ],
)
def test_a_release_that_says_what_none_can_is_refused(
    attacker: Attacker, client: Client, change: Callable[[dict[str, Any]], None], says: str
) -> None:
    forged = attacker.current("targets")
    forged.signed.version += 1
    change(forged.signed.targets["hills/hills-1.0.0.zip"].unrecognized_fields["custom"])
    attacker.serve_forged(targets=forged)
    refused(client, errors.NotTrusted, f"it is signed, and no release: {says}")


def test_a_release_that_names_other_bytes_than_before_is_not_loaded(
    attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("targets")
    forged.signed.version += 1
    other = make_bundle(body="import os\n")
    target = forged.signed.targets["hills/hills-1.0.0.zip"]
    target.hashes, target.length = {"sha256": other.sha256}, len(other.pack())
    attacker.served[f"targets/hills/{other.sha256}.hills-1.0.0.zip"] = other.pack()
    attacker.serve_forged(targets=forged)
    with pytest.raises(errors.NotTrusted, match="hills 1.0.0: other bytes were installed as this"):
        client.install("hills", "1.0.0")
    with pytest.raises(errors.NotTrusted, match="hills 1.0.0: the workshop signs other bytes than"):
        client.load("hills")


def test_a_release_that_hides_what_its_manifest_asks_for_is_refused(
    attacker: Attacker, client: Client
) -> None:
    forged = attacker.current("targets")
    forged.signed.version += 1
    custom = forged.signed.targets["hills/hills-1.1.0.zip"].unrecognized_fields["custom"]
    custom["packages"], custom["grants"] = [], []  # so that nobody is asked
    attacker.serve_forged(targets=forged)
    with pytest.raises(errors.NotTrusted, match="hills 1.1.0: its packages is not what the"):
        client.install("hills", "1.1.0")
    assert client.versions("hills") == ("1.0.0",)


DEEP = b'{"signed":' + b"[" * 5_000 + b"]" * 5_000 + b"}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"{}",
        b'{"signed":{"_type":"timestamp"},"signatures":[]}',
        b'{"signed":{"_type":"exec"},"signatures":[]}',
        DEEP,
        b'{"signatures":' + b"9" * 10_000 + b"}",
    ],
    ids=["empty", "null", "list", "utf-16", "object", "fields", "type", "deep", "digits"],
)
def test_what_is_no_metadata_is_refused(attacker: Attacker, client: Client, data: bytes) -> None:
    attacker.served["metadata/timestamp.json"] = data
    refused(client, errors.NotTrusted, "^timestamp.json: ")


@pytest.mark.parametrize("role", ROLES)
def test_any_byte_that_is_another_is_refused(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    kept = shop.folder / "client/metadata.json"
    before = kept.read_bytes()
    shop.repository.rotate(offline=shop.offline)
    path = path_of(attacker, role)
    good = shop.repository.serve(path)
    chance = random.Random(29)
    for _ in range(100):
        bad = bytearray(good)
        place = chance.randrange(len(bad))
        bad[place] = chance.choice([one for one in b'0"{}[],:ae \0\xff' if one != bad[place]])
        attacker.served[path] = bytes(bad)
        try:
            client.refresh()
        except errors.NotTrusted:
            pass
        else:  # one of three signatures, where two are enough
            assert role == "root"
            assert json.loads(bad)["signed"] == json.loads(good)["signed"]
        kept.write_bytes(before)


@pytest.mark.parametrize("version", [0, -1, 1.5, True, "9", None, float("nan"), 10**400])
def test_a_version_that_is_none_is_refused(
    shop: Shop, attacker: Attacker, client: Client, version: object
) -> None:
    data = shop.repository.metadata_file("timestamp.json")

    def change(signed: dict[str, Any]) -> None:
        signed["version"] = version

    attacker.served["metadata/timestamp.json"] = tamper(data, change)
    refused(client, errors.NotTrusted, "^timestamp.json: ")


# --- how much, and how slowly ------------------------------------------------------------------

LIMITS = {"root": 512_000, "timestamp": 16_384, "snapshot": 2_000_000, "targets": 5_000_000}


@pytest.mark.parametrize("role", ROLES)
def test_data_without_an_end_is_left_at_the_limit(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    shop.repository.rotate(offline=shop.offline)
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1_000
            yield b" " * 1_000

    attacker.served[path_of(attacker, role)] = endless
    refused(client, errors.NotTrusted, f"it has more than {LIMITS[role]:,} bytes; the rest was not")
    assert LIMITS[role] < taken <= LIMITS[role] + 1_000


@pytest.mark.parametrize("role", ROLES)
def test_metadata_that_is_huge_is_refused(
    shop: Shop, attacker: Attacker, client: Client, role: str
) -> None:
    shop.repository.rotate(offline=shop.offline)
    attacker.served[path_of(attacker, role)] = b" " * (LIMITS[role] + 1)
    refused(client, errors.NotTrusted, f"it has more than {LIMITS[role]:,} bytes")


def test_a_bundle_without_an_end_is_left_at_its_length(attacker: Attacker, client: Client) -> None:
    release = client.available()["hills", "1.1.0"]
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 100
            yield b" " * 100

    attacker.served[f"targets/{release.served_path}"] = endless
    with pytest.raises(errors.NotTrusted, match=f"it has more than {release.length:,} bytes"):
        client.install("hills", "1.1.0", consent=lambda asked: True)
    assert taken <= release.length + 100
    assert client.versions("hills") == ("1.0.0",)


def test_what_comes_in_drops_is_left_when_patience_ends(shop: Shop, attacker: Attacker) -> None:
    def drops() -> Iterator[bytes]:
        while True:
            yield b""

    attacker.served["metadata/2.root.json"] = drops
    client = Client(
        shop.folder / "client", root=shop.first_root, fetch=attacker, clock=shop.clock, patience=0.1
    )
    with pytest.raises(errors.WorkshopUnreachable, match="did not arrive within 0.1 s"):
        client.refresh()


def test_an_answer_that_does_not_begin_is_left_when_patience_ends(
    shop: Shop, attacker: Attacker
) -> None:
    given_up = threading.Event()

    def never() -> Iterator[bytes]:
        given_up.wait(60)
        return iter(())

    attacker.served["metadata/2.root.json"] = never
    client = Client(
        shop.folder / "client", root=shop.first_root, fetch=attacker, clock=shop.clock, patience=0.1
    )
    try:
        with pytest.raises(errors.WorkshopUnreachable, match="did not arrive within 0.1 s"):
            client.refresh()
    finally:
        given_up.set()


def test_a_connection_that_breaks_is_an_error_of_its_own(
    attacker: Attacker, client: Client
) -> None:
    def broken() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionResetError("reset by peer")

    attacker.served["metadata/timestamp.json"] = broken
    refused(client, errors.WorkshopUnreachable, "timestamp.json did not arrive: reset by peer")


@pytest.mark.parametrize("change", ["other bytes", "shorter", "nothing", "missing"])
def test_a_bundle_that_is_not_what_was_signed_is_not_installed(
    shop: Shop, attacker: Attacker, client: Client, change: str
) -> None:
    release = client.available()["hills", "1.1.0"]
    good = shop.repository.target_file(release.served_path)
    attacker.served[f"targets/{release.served_path}"] = {
        "other bytes": good[:-1] + b"!",
        "shorter": good[:-1],
        "nothing": b"",
        "missing": None,
    }[change]
    kind = errors.WorkshopUnreachable if change == "missing" else errors.NotTrusted
    with pytest.raises(kind, match="hills"):
        client.install("hills", "1.1.0", consent=lambda asked: True)
    assert client.versions("hills") == ("1.0.0",)
    assert [path.stem for path in (shop.folder / "client/bundles").iterdir()] == [
        make_bundle().sha256
    ]


def test_what_was_signed_is_not_a_bundle_only_because_it_was_signed(
    attacker: Attacker, client: Client
) -> None:
    data = b"PK\x05\x06" + bytes(18)
    forged = attacker.current("targets")
    forged.signed.version += 1
    target = forged.signed.targets["hills/hills-1.1.0.zip"]
    target.length, target.hashes = len(data), {"sha256": named(1, data).hashes["sha256"]}  # type: ignore[index]
    attacker.served[f"targets/hills/{target.hashes['sha256']}.hills-1.1.0.zip"] = data
    attacker.serve_forged(targets=forged)
    with pytest.raises(errors.NotTrusted, match="hills 1.1.0: it is signed, and no bundle"):
        client.install("hills", "1.1.0", consent=lambda asked: True)


def test_a_pinned_root_that_is_none_is_refused(shop: Shop) -> None:
    data = json.loads(shop.first_root)
    data["signed"]["expires"] = "2099-01-01T00:00:00Z"
    with pytest.raises(errors.NotTrusted, match="the pinned root: root was signed by 0/2 keys"):
        shop.client(root=json.dumps(data).encode())
    with pytest.raises(errors.NotTrusted, match="the pinned root: it is metadata of another role"):
        shop.client(root=shop.repository.metadata_file("timestamp.json"))


def test_metadata_says_who_signed_it(shop: Shop) -> None:
    for name in ("1.root.json", "timestamp.json", "3.snapshot.json", "3.targets.json"):
        metadata: Metadata[Any] = Metadata.from_bytes(shop.repository.metadata_file(name))
        assert len(metadata.signatures) == (3 if "root" in name else 1)
