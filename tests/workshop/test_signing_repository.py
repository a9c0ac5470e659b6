"""What a repository signs, with which keys, and who may look at these."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ringfence import errors
from ringfence.workshop.signing import Client, Expiry, Repository
from ringfence.workshop.signing import trust as trust_module
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import START, Shop
from tests.workshop.forging import tamper

ROOT = Path(__file__).resolve().parents[2]


def signed(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)["signed"]
    return found


# --- keys --------------------------------------------------------------------------------------


def test_keys_are_private_and_never_where_files_are_served_from(shop: Shop) -> None:
    files = [*(shop.folder / "repo").rglob("*"), *shop.offline.rglob("*"), shop.offline]
    keys = [path for path in files if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert {path.parent for path in keys} == {shop.folder / "repo/keys", shop.offline}
    roles = signed(shop.first_root)["roles"]
    assert {path.stem for path in keys if path.parent == shop.offline} == {*roles["root"]["keyids"]}
    assert (len(roles["root"]["keyids"]), roles["root"]["threshold"]) == (3, 2)
    for path in keys:
        assert path.stat().st_mode & 0o777 == 0o600
    for folder in (shop.folder / "repo/keys", shop.offline):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_repository_works_without_the_keys_of_root(shop: Shop) -> None:
    shop.offline.rename(shop.folder / "in a drawer")
    shop.repository.publish(make_bundle("1.2.0"))
    shop.repository.revoke("hills", "1.0.0", "it phones home")
    shop.repository.refresh()
    with pytest.raises(errors.WorkshopNotUsable, match="root-keys cannot be opened as a folder"):
        shop.repository.rotate("timestamp", offline=shop.offline)


def test_the_threshold_of_root_s_keys_is_enough(shop: Shop) -> None:
    first, second, _ = sorted(shop.offline.iterdir())
    first.unlink()
    shop.repository.rotate("timestamp", offline=shop.offline)
    second.unlink()
    with pytest.raises(errors.WorkshopNotUsable, match="has 1 of the 2 keys that root needs"):
        shop.repository.rotate("timestamp", offline=shop.offline)
    assert signed(shop.repository.root)["version"] == 2


@pytest.mark.parametrize(("root_keys", "threshold"), [(1, 1), (5, 3), (3, 3)])
def test_the_threshold_of_root_is_chosen(tmp_path: Path, root_keys: int, threshold: int) -> None:
    made = Repository.create(tmp_path / "repo", root_keys=root_keys, threshold=threshold)
    made.rotate("root")
    role = signed(made.root)["roles"]["root"]
    assert (len(role["keyids"]), role["threshold"]) == (root_keys, threshold)
    signatures = json.loads(made.root)["signatures"]
    assert len(signatures) == 2 * root_keys  # of the old ones and of the new ones


@pytest.mark.parametrize(("root_keys", "threshold"), [(1, 2), (3, 0), (17, 1)])
def test_a_threshold_that_nobody_can_meet_is_refused(
    tmp_path: Path, root_keys: int, threshold: int
) -> None:
    with pytest.raises(errors.ConfigurationError, match="threshold must be from 1 to root_keys"):
        Repository.create(tmp_path / "repo", root_keys=root_keys, threshold=threshold)
    assert not (tmp_path / "repo").exists()


def test_the_operator_is_told_each_day_that_root_expires(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        caplog.clear()
        shop.repository.refresh()
        return [record.getMessage() for record in caplog.records if "root" in record.getMessage()]

    shop.clock.pass_time(days=273)  # three quarters of a year are over in the night
    assert told() == []
    shop.clock.pass_time(days=1)
    (warning,) = told()
    assert "expires on 2027-03-01" in warning
    assert "ringfence workshop rotate" in warning
    shop.clock.pass_time(hours=23)
    assert told() == []
    shop.clock.pass_time(hours=1)
    assert len(told()) == 1
    shop.repository.rotate(offline=shop.offline)
    shop.clock.pass_time(days=1)
    assert told() == []


@pytest.mark.parametrize("roles", [(), ("timestamp",), ("snapshot",), ("targets",), ("root",)])
def test_the_keys_of_a_role_are_replaced(shop: Shop, roles: tuple[str, ...]) -> None:
    before = signed(shop.repository.root)
    shop.clock.pass_time(days=100)
    shop.repository.rotate(*roles, offline=shop.offline)
    after = signed(shop.repository.root)
    assert after["version"] == 2
    assert after["expires"] == "2027-06-09T12:00:00Z"
    changed = {
        role
        for role in before["roles"]
        if {*before["roles"][role]["keyids"]} != {*after["roles"][role]["keyids"]}
    }
    assert changed == {*roles}
    assert len(after["keys"]) == len(before["keys"])
    online = {key for role, of in after["roles"].items() if role != "root" for key in of["keyids"]}
    assert {path.stem for path in (shop.folder / "repo/keys").iterdir()} == online
    assert shop.client().install("hills", "1.0.0").version == "1.0.0"


def test_there_are_four_roles(shop: Shop) -> None:
    with pytest.raises(errors.ConfigurationError, match="the roles are root, targets, snapshot, t"):
        shop.repository.rotate("mirrors", offline=shop.offline)


def test_keys_of_root_are_not_written_to_what_is_served(tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigurationError, match="would be served to everybody"):
        Repository.create(tmp_path / "repo", offline=tmp_path / "repo/public/keys")


def test_a_key_that_others_may_read_signs_nothing(shop: Shop) -> None:
    for path in (shop.folder / "repo/keys").iterdir():
        path.chmod(0o644)
    with pytest.raises(errors.WorkshopNotUsable, match="they may have copied the key. Replace it"):
        shop.repository.refresh()


@pytest.mark.parametrize("data", [b"", b"-----BEGIN A KEY-----\n", b"\0" * 5_000])
def test_a_key_that_is_damaged_signs_nothing(shop: Shop, data: bytes) -> None:
    before = shop.repository.metadata_file("timestamp.json")
    for path in (shop.folder / "repo/keys").iterdir():
        path.write_bytes(data)
    with pytest.raises(errors.WorkshopNotUsable):
        shop.repository.publish(make_bundle("1.2.0"))
    assert shop.repository.metadata_file("timestamp.json") == before


def test_a_key_under_another_s_name_signs_nothing(shop: Shop) -> None:
    first, second, *_ = (shop.folder / "repo/keys").iterdir()
    first.write_bytes(second.read_bytes())
    with pytest.raises(errors.WorkshopNotUsable, match="is another key than its name says"):
        shop.repository.publish(make_bundle("1.2.0"))


# --- what is signed ----------------------------------------------------------------------------


def test_what_expires_is_signed_anew(shop: Shop) -> None:
    repository = shop.repository
    days = {role: (end - START).days for role, end in repository.expires().items()}
    assert days == {"root": 365, "targets": 90, "snapshot": 14, "timestamp": 7}
    shop.clock.pass_time(days=6)
    repository.refresh()
    days = {role: (end - START).days for role, end in repository.expires().items()}
    assert days == {"root": 365, "targets": 90, "snapshot": 20, "timestamp": 13}
    shop.clock.pass_time(days=60)
    repository.refresh()
    days = {role: (end - START).days for role, end in repository.expires().items()}
    assert days == {"root": 365, "targets": 156, "snapshot": 80, "timestamp": 73}


def test_old_versions_are_removed_and_roots_are_not(shop: Shop) -> None:
    shop.repository.rotate(offline=shop.offline)
    for _ in range(20):
        shop.repository.refresh()
    names = {path.name for path in (shop.folder / "repo/public/metadata").iterdir()}
    assert names == {
        "timestamp.json",
        "1.root.json",
        "2.root.json",
        *(f"{version}.targets.json" for version in range(1, 5)),
        *(f"{version}.snapshot.json" for version in range(8, 25)),
    }
    shop.client().install("hills", "1.0.0")


@pytest.mark.parametrize("name", ["timestamp.json", "3.snapshot.json", "3.targets.json"])
def test_what_was_changed_on_the_disk_is_not_signed_again(shop: Shop, name: str) -> None:
    path = shop.folder / "repo/public/metadata" / name

    def change(found: dict[str, Any]) -> None:
        found["expires"] = "2099-01-01T00:00:00Z"

    path.write_bytes(tamper(path.read_bytes(), change))
    before = sorted(path.parent.iterdir())
    for act in (shop.repository.refresh, lambda: shop.repository.publish(make_bundle("1.2.0"))):
        with pytest.raises(errors.NotTrusted, match=name.removesuffix(".json").split(".")[-1]):
            act()
    assert sorted(path.parent.iterdir()) == before


def test_a_workshop_that_is_full_publishes_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(trust_module.MOST_METADATA, "targets", 1_000)
    with pytest.raises(errors.WorkshopError, match="the workshop is full: targets.json would have"):
        shop.repository.publish(make_bundle("1.2.0"))
    assert ("hills", "1.2.0") not in shop.repository.releases()
    assert not list((shop.folder / "repo").rglob("*1.2.0*"))


def test_who_fills_a_workshop_keeps_nobody_from_revoking(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    repository = shop.repository
    newest = max((shop.folder / "repo/public/metadata").glob("*.targets.json"))
    size = newest.stat().st_size
    monkeypatch.setitem(trust_module.MOST_METADATA, "targets", size + 30)

    kept = pytest.raises(errors.WorkshopError, match="the rest is kept for revocations")
    with kept:
        repository.publish(make_bundle("1.2.0"))
    with kept:
        repository.yank("hills", "1.0.0", "slow " * 100)
    told = repository.revoke("hills", "1.0.0", "hostile " * 50)
    assert (told.status, told.reason) == ("revoked", "")
    assert "the workshop is full soon" in caplog.text
    # Until versions have more digits, too: what is signed must be signed again.
    for _ in range(7):
        shop.clock.pass_time(days=46)
        repository.refresh()
    assert (shop.folder / "repo/public/metadata/10.targets.json").exists()
    repository.rotate("targets", offline=shop.offline)
    with pytest.raises(errors.WorkshopError, match="the rest is kept for revocations"):
        repository.reinstate("hills", "1.0.0")
    with pytest.raises(errors.ReleaseRevoked):
        shop.client().install("hills", "1.0.0")


@pytest.mark.parametrize("span", [timedelta(seconds=1), timedelta(days=4_000), -timedelta(days=1)])
def test_an_expiry_is_a_minute_to_ten_years(span: timedelta) -> None:
    with pytest.raises(errors.ConfigurationError, match="metadata of snapshot may hold for a minu"):
        Expiry(snapshot=span)


# --- what is served ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "metadata/4.root.json",
        "metadata/../settings.json",
        "metadata/../../keys",
        "metadata/timestamp.json/",
        "metadata/0.root.json",
        "metadata//timestamp.json",
        "metadata/timestamp.json\n",
        "targets/../../settings.json",
        "targets/hills/hills-1.0.0.zip",
        "targets/hills/" + "0" * 64 + ".hills-1.0.0.zip",
        "settings.json",
        "keys/x",
        "",
        "/",
    ],
)
def test_nothing_else_is_served(shop: Shop, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        shop.repository.serve(path)


def test_what_is_served_is_what_is_signed(shop: Shop) -> None:
    release = shop.repository.releases()["hills", "1.0.0"]
    assert shop.repository.target_file(release.served_path) == make_bundle().pack()
    assert shop.repository.metadata_file("1.root.json") == shop.repository.root


# --- making and opening ------------------------------------------------------------------------


def test_a_repository_is_made_once(shop: Shop) -> None:
    with pytest.raises(errors.WorkshopNotUsable, match="has a repository already; open it"):
        Repository.create(shop.folder / "repo", offline=shop.offline)
    assert shop.repository.root == shop.first_root


def test_where_none_was_made_none_is_opened(tmp_path: Path) -> None:
    with pytest.raises(errors.WorkshopNotUsable, match="cannot be opened as a folder"):
        Repository.open(tmp_path / "nothing")
    (tmp_path / "empty").mkdir(mode=0o700)
    with pytest.raises(errors.WorkshopNotUsable, match="has no repository; create one"):
        Repository.open(tmp_path / "empty")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"expiry in seconds": {"root": "soon"}}'])
def test_settings_that_are_damaged_are_said(shop: Shop, data: bytes) -> None:
    (shop.folder / "repo/settings.json").write_bytes(data)
    with pytest.raises(errors.WorkshopNotUsable, match="settings.json is damaged"):
        Repository.open(shop.folder / "repo")


def test_a_file_that_is_gone_is_said(shop: Shop) -> None:
    (shop.folder / "repo/public/metadata/3.targets.json").unlink()
    with pytest.raises(errors.WorkshopNotUsable, match="3.targets.json cannot be read: .* backup"):
        shop.repository.publish(make_bundle("1.2.0"))


@pytest.mark.parametrize(
    "plan",
    [b"", b"7", b'["../settings.json"]', b'["/etc/x"]', b'["metadata/../../keys/x"]', b"[7]"],
)
def test_a_plan_that_was_changed_is_not_followed(shop: Shop, plan: bytes) -> None:
    pending = shop.folder / "repo/pending"
    pending.mkdir(mode=0o700)
    (pending / "0").write_bytes(b"{}")
    (pending / "plan.json").write_bytes(plan)
    before = (shop.folder / "repo/settings.json").read_bytes()
    with pytest.raises(errors.WorkshopNotUsable, match="pending was tampered with, or is damaged"):
        Repository.open(shop.folder / "repo")
    assert (shop.folder / "repo/settings.json").read_bytes() == before


def test_a_repository_keeps_its_expiry(tmp_path: Path) -> None:
    expiry = Expiry(timestamp=timedelta(hours=2))
    Repository.create(tmp_path / "repo", expiry=expiry, clock=lambda: START)
    again = Repository.open(tmp_path / "repo", clock=lambda: START)
    again.refresh()
    assert again.expires()["timestamp"] == START + timedelta(hours=2)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user")
def test_a_folder_of_another_user_is_refused(shop: Shop) -> None:
    os.chown(shop.folder / "repo", 65_534, 65_534)
    with pytest.raises(errors.WorkshopNotUsable, match="another user's"):
        Repository.open(shop.folder / "repo")


# --- several at once ---------------------------------------------------------------------------

PUBLISH = """
import sys
from ringfence.errors import AlreadyPublished
from ringfence.workshop.signing import Repository
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import Clock

repository = Repository.open(sys.argv[1], clock=Clock())
print("ready", flush=True)
sys.stdin.readline()
for number in range(5):
    repository.publish(make_bundle(f"2.{number}.0", name=sys.argv[2]))
try:
    repository.publish(make_bundle("3.0.0", body=f"# {sys.argv[2]}\\n"))
    print("first")
except AlreadyPublished:
    print("second")
"""


def test_two_processes_publish_at_once(shop: Shop) -> None:
    names = ["dunes", "cliffs"]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PUBLISH, str(shop.folder / "repo"), name],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ends = sorted(process.communicate()[0] for process in started)
    assert ends == ["first\n", "second\n"]
    releases = shop.repository.releases()
    assert len(releases) == 2 + 2 * 5 + 1
    mine = shop.client()
    for name in names:
        assert mine.install(name).version == "2.4.0"


def test_two_uploads_of_one_version_at_once(shop: Shop) -> None:
    bundles = [make_bundle("1.2.0", body=f"# {number}\n") for number in range(4)]
    together = threading.Barrier(len(bundles))
    published: list[str] = []
    refused: list[str] = []

    def work(number: int) -> None:
        together.wait()
        try:
            published.append(shop.repository.publish(bundles[number]).sha256)
        except errors.AlreadyPublished:
            refused.append(bundles[number].sha256)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(bundles))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(published) == 1
    assert sorted(published + refused) == sorted(bundle.sha256 for bundle in bundles)
    assert shop.repository.releases()["hills", "1.2.0"].sha256 == published[0]


def test_it_is_read_while_it_is_changed(shop: Shop) -> None:
    done = threading.Event()
    failed: list[BaseException] = []

    def read() -> None:
        mine = shop.client("reader")
        try:
            while not done.is_set():
                mine.refresh()
        except BaseException as error:
            failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(10):
        shop.repository.publish(make_bundle(f"2.{number}.0"))
    done.set()
    reader.join()
    assert failed == []


def test_keys_are_replaced_in_the_middle_of_a_refresh(shop: Shop) -> None:
    """A client that has looked for a new root meets a timestamp of keys that it does not name."""
    asked: list[str] = []

    def fetch(path: str) -> bytes:
        asked.append(path)
        if asked == ["metadata/2.root.json", "metadata/timestamp.json"]:
            shop.repository.rotate("timestamp", "snapshot", offline=shop.offline)
        return shop.repository.serve(path)

    mine = shop.client(fetch=fetch)
    mine.refresh()
    assert asked[:5] == [
        "metadata/2.root.json",
        "metadata/timestamp.json",
        "metadata/2.root.json",
        "metadata/3.root.json",
        "metadata/timestamp.json",
    ]
    assert mine.available() == shop.repository.releases()


# --- as others read it -------------------------------------------------------------------------


def test_python_tuf_s_own_client_believes_it(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It follows the specification, and not only what is written here."""
    from datetime import UTC, datetime

    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient import FetcherInterface, Updater

    class Fetcher(FetcherInterface):  # type: ignore[misc,unused-ignore]
        def _fetch(self, url: str) -> Any:
            try:
                yield shop.repository.serve(url.removeprefix("https://workshop.example/"))
            except FileNotFoundError:
                raise DownloadHTTPError(url, 404) from None

    shop.clock.now = datetime.now(UTC)  # theirs has the machine's clock
    shop.repository.rotate("root", "timestamp", offline=shop.offline)
    updater = Updater(
        str(tmp_path / "metadata"),
        "https://workshop.example/metadata/",
        str(tmp_path),
        "https://workshop.example/targets/",
        fetcher=Fetcher(),
        bootstrap=shop.first_root,
    )
    updater.refresh()
    found = updater.get_targetinfo("hills/hills-1.0.0.zip")
    assert found is not None
    assert Path(updater.download_target(found)).read_bytes() == make_bundle().pack()


def test_a_client_needs_no_repository_only_its_files(shop: Shop, tmp_path: Path) -> None:
    public = shop.folder / "repo/public"
    mine = Client(
        tmp_path / "client",
        root=shop.first_root,
        fetch=lambda path: (public / path).read_bytes(),
        clock=shop.clock,
    )
    assert mine.install("hills", "1.0.0").version == "1.0.0"
