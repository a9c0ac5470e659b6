"""Chains, previews, quarantines and revocations, with the real workshop and the real host."""

from pathlib import Path

import numpy as np
import pytest

from apps.worldgen.tests.samples import TRAP, bundle, files, manifest
from ringfence.plugins import Bundle
from ringfence.workshop.signing import Client, Repository
from worldgen.atlas import Atlas
from worldgen.catalogue import SHIPPER, Catalogue, Withheld
from worldgen.chains import Link, Settings
from worldgen.errors import NotFound, UploadRefused, WorldRefused
from worldgen.geometry import Tile
from worldgen.shipped import SHIPPED
from worldgen.spec import Terrain

SMALL: list[tuple[str, str, dict[str, float]]] = [("islands", "", {})]
TILE = Tile(0, 0, 0)


def test_what_comes_with_it_went_the_way_of_every_plugin(catalogue: Catalogue) -> None:
    found = {one.name: one for one in catalogue.search()}
    assert set(SHIPPED) <= found.keys()
    for name in SHIPPED:
        assert found[name].account == SHIPPER and found[name].status == "published"
        assert catalogue.bundle(name).sha256 == found[name].sha256
    assert [one.name for one in catalogue.search("karst")] == ["caves"]


def test_an_edited_plugin_is_published_pinned_previewed_and_kept(
    atlas: Atlas, catalogue: Catalogue
) -> None:
    first = catalogue.submit(bundle("steps", "return elevation + 100.0"))
    assert (first.state, first.account) == ("published", "owner")
    world = atlas.create("steps", Settings(1), atlas.chain([("steps", "", {})], None))
    other = atlas.create("other", Settings(1), atlas.chain([], None))
    before, empty = atlas.tile(world, TILE).data, atlas.tile(other, TILE).data
    assert before != empty  # a chain applies to its world only
    # A newer version changes nothing by itself, and is offered.
    catalogue.submit(bundle("steps", "return elevation + 900.0", "1.1.0"))
    world = atlas.worlds.get(world.id)
    assert atlas.tile(world, TILE).kept and atlas.tile(world, TILE).data == before
    [status] = atlas.status(world)
    assert (status.newest, status.withheld, status.quarantined) == ("1.1.0", "", None)
    # The preview shows it, and the world is as it was.
    world = atlas.worlds.draft(
        world.id, atlas.chain([("steps", "1.1.0", {})], world), revision=world.revision
    )
    after = atlas.tile(world, TILE, draft=True).data
    assert after != before == atlas.tile(world, TILE).data
    world = atlas.worlds.adopt(world.id, revision=world.revision)
    assert atlas.tile(world, TILE).data == after and atlas.tile(world, TILE).kept
    assert atlas.tile(atlas.worlds.get(other.id), TILE).data == empty
    with pytest.raises(NotFound, match="no draft"):
        atlas.tile(world, TILE, draft=True)


def test_the_order_of_a_chain_matters(atlas: Atlas, catalogue: Catalogue) -> None:
    catalogue.submit(bundle("doubled", "return elevation * 2.0"))
    catalogue.submit(bundle("lifted", "return elevation + 100.0"))
    tiles = [
        atlas.tile(atlas.create("w", Settings(1), atlas.chain([(name, "", {}) for name in order], None)), TILE).data
        for order in (["doubled", "lifted"], ["lifted", "doubled"])
    ]  # fmt: skip
    assert tiles[0] != tiles[1]


def test_a_plugin_that_hangs_is_quarantined_in_its_world_and_the_others_answer(
    atlas: Atlas, catalogue: Catalogue
) -> None:
    told = catalogue.submit(bundle("trap", TRAP))
    assert told.state == "published"  # it is small while it is tried
    held = atlas.create(
        "held", Settings(1), atlas.chain([("trap", "", {}), ("islands", "", {})], None)
    )
    free = atlas.create("free", Settings(1), atlas.chain(SMALL, None))
    drawn = atlas.tile(held, TILE)
    assert [(one.plugin, one.hook, one.kind) for one in drawn.failures] == [
        ("trap", "shape", "limit")
    ]
    assert drawn.data == atlas.tile(free, TILE).data
    assert not atlas.tile(held, TILE).kept  # it is drawn anew once the plugin answers
    statuses = {one.link.name: one for one in atlas.status(held)}
    assert "cpu" in str(statuses["trap"].quarantined) and statuses["trap"].retry > 3000
    assert statuses["islands"].quarantined is None
    assert [one.kind for one in atlas.failures(held)] == ["limit"]
    [other] = atlas.status(free)
    assert other.quarantined is None
    assert atlas.release(held, "trap") and not atlas.release(held, "trap")
    assert {one.link.name: one.quarantined for one in atlas.status(held)}["trap"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("return elevation[1:] if len(elevation) > 200 else elevation", "wrong-value"),
        ("return elevation * np.nan if len(elevation) > 200 else elevation", "wrong-value"),
        ("return elevation + 1e9 if len(elevation) > 200 else elevation", "wrong-value"),
        ("return elevation if len(elevation) < 200 else {}['<b>lost</b>']", "raised"),
    ],
)  # fmt: skip
def test_what_a_plugin_returns_is_believed_only_when_it_was_checked(
    atlas: Atlas, catalogue: Catalogue, body: str, field: str, request: pytest.FixtureRequest
) -> None:
    name = f"wrong-{abs(hash(body)) % 10_000_000}"
    assert catalogue.submit(bundle(name, body)).state == "published"
    world = atlas.create("w", Settings(1), atlas.chain([(name, "", {})], None))
    drawn = atlas.tile(world, TILE)
    assert [(one.plugin, one.kind) for one in drawn.failures] == [(name, field)]
    assert drawn.data == atlas.tile(atlas.create("e", Settings(1)), TILE).data


def test_a_revoked_plugin_does_not_run_any_more(atlas: Atlas, catalogue: Catalogue) -> None:
    catalogue.submit(bundle("taken-back", "return elevation + 500.0"))
    world = atlas.create("w", Settings(1), atlas.chain([("taken-back", "", {})], None))
    with_it, without = (
        atlas.tile(world, TILE).data,
        atlas.tile(atlas.create("e", Settings(1)), TILE).data,
    )
    assert with_it != without
    catalogue.withdraw("taken-back", "1.0.0", "it <b>phones</b> home", revoke=True)
    drawn = atlas.tile(world, TILE)
    assert drawn.data == without and "it <b>phones</b> home" in drawn.withheld["taken-back"]
    [status] = atlas.status(world)
    assert "revoked" in status.withheld and status.bundle is None
    with pytest.raises(NotFound, match="taken-back"):
        atlas.pin("taken-back")


def test_other_bytes_than_were_chosen_do_not_run(atlas: Atlas) -> None:
    link = Link("islands", "1.0.0", "00" * 32)
    world = atlas.create("w", Settings(1), (link,))
    drawn = atlas.tile(world, TILE)
    assert "other bytes" in drawn.withheld["islands"]
    assert drawn.data == atlas.tile(atlas.create("e", Settings(1)), TILE).data


def test_a_plugin_for_a_spec_that_is_no_more_takes_nothing_down(
    atlas: Atlas, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = atlas.create("w", Settings(1), atlas.chain(SMALL, None))
    without = atlas.tile(atlas.create("e", Settings(1)), TILE).data
    monkeypatch.setattr(Terrain, "spec_version", (2, 0))  # as after an update of this program
    drawn = atlas.tile(world, TILE)
    assert "2.0" in drawn.withheld["islands"] and drawn.data == without


def test_chains_that_cannot_be_are_refused(atlas: Atlas) -> None:
    for wanted, error, said in (
        ([("nothing", "", {})], NotFound, "does not offer"),
        ([("islands", "9.0.0", {})], NotFound, "9.0.0"),
        ([("../x", "", {})], NotFound, "no such plugin"),
        ([("islands", "", {"spacing": 1e9})], WorldRefused, "at most 400"),
        ([("islands", "", {"speed": 1})], WorldRefused, "no parameter"),
        ([("islands", "", {}), ("islands", "", {})], WorldRefused, "twice"),
    ):
        with pytest.raises(error, match=said):
            atlas.chain(wanted, None)
    for tile in (Tile(0, 1, 0), Tile(10, 0, 0)):
        with pytest.raises(NotFound):
            atlas.tile(atlas.create("w", Settings()), tile)


def test_uploads_that_are_refused_say_why(catalogue: Catalogue) -> None:
    def of(told: dict[str, str]) -> Bundle:
        return Bundle.of_files({name: text.encode() for name, text in told.items()})

    with pytest.raises(UploadRefused, match="islands"):  # a name is never given to somebody else
        catalogue.submit(bundle("islands"))
    with pytest.raises(UploadRefused, match="islands"):  # nor one that reads like it
        catalogue.submit(bundle("is-lands"))
    greedy = files("greedy", "return elevation")
    greedy["plugin.toml"] = greedy["plugin.toml"].replace('["numpy"]', '["numpy", "requests"]')
    with pytest.raises(UploadRefused, match="requests"):
        catalogue.submit(of(greedy))
    foreign = {
        **greedy,
        "plugin.toml": manifest("foreign").replace("worldgen.terrain", "other.spec"),
    }
    with pytest.raises(UploadRefused, match=r"other\.spec"):
        catalogue.submit(of(foreign))
    refused = catalogue.submit(bundle("thief", "open('/etc/passwd')\n    return elevation"))
    assert refused.state == "refused" and "RF" in refused.reason and refused.trial is None
    wrong = catalogue.submit(bundle("wrong", "return elevation[0]"))
    assert wrong.state == "refused" and wrong.trial is not None and not wrong.trial["ok"]
    with pytest.raises(Withheld):
        catalogue.bundle("thief")
    assert {one.name for one in catalogue.submissions()} >= {"thief", "wrong"}


def test_tiles_are_the_same_from_two_threads_at_once(atlas: Atlas) -> None:
    from concurrent.futures import ThreadPoolExecutor

    world = atlas.create("w", Settings(9), atlas.chain(SMALL, None))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: atlas.tile(world, Tile(1, 0, 0)), range(4)))
    assert len({one.data for one in found}) == 1
    assert sorted(one.kept for one in found) == [False, True, True, True]
    assert np.array_equal(
        atlas.picture(world, Tile(1, 0, 0).window), atlas.picture(world, Tile(1, 0, 0).window)
    )
    atlas.delete(world)
    assert atlas.cache.get(world.id, "00", Tile(1, 0, 0)) is None


def test_a_server_that_runs_for_long_takes_over_what_is_signed_anew(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    asked: list[str] = []
    now = 0.0
    repository = Repository.open(tmp_path_of(catalogue) / "repository")

    def fetch(path: str) -> bytes:
        asked.append(path)
        return repository.serve(path)

    client = Client(tmp_path / "client", root=repository.root, fetch=fetch)
    mine = Catalogue(catalogue._workshop, client, clock=lambda: now)
    mine.bundle("islands")
    asked.clear()
    mine.bundle("islands")
    assert asked == []  # verified, without the workshop
    now += 3_601
    mine.bundle("islands")
    assert "metadata/timestamp.json" in asked


def tmp_path_of(catalogue: Catalogue) -> Path:
    """The folder of the workshop."""
    return Path(catalogue._workshop.database.removeprefix("sqlite:///")).parent
