"""What is published is installed and loaded, with the status that it has then."""

from __future__ import annotations

import pytest

from ringfence import errors
from ringfence.workshop.signing import Escalation, Release, Repository
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import Shop


def agree(asked: Escalation) -> bool:
    return True


def test_what_is_published_is_signed_as_its_manifest_says(shop: Shop) -> None:
    bundle = make_bundle("1.1.0", packages=["numpy"], grants=["palette"])
    assert shop.repository.releases()["hills", "1.1.0"] == Release(
        name="hills",
        version="1.1.0",
        sha256=bundle.sha256,
        length=len(bundle.pack()),
        status="published",
        reason="",
        kind="plugin",
        spec="worldgen.terrain 1.0",
        packages=("numpy",),
        grants=("palette",),
    )


def test_a_plugin_is_installed_and_loaded(shop: Shop) -> None:
    client = shop.client()
    release = client.install("hills", "1.0.0")
    assert release == shop.repository.releases()["hills", "1.0.0"]
    assert client.load("hills").files == make_bundle().files
    assert client.installed() == {"hills": release}


def test_the_newest_is_installed_where_no_version_is_named(shop: Shop) -> None:
    assert shop.client().install("hills", consent=agree).version == "1.1.0"


def test_the_same_bytes_are_published_once(shop: Shop) -> None:
    before = shop.repository.metadata_file("timestamp.json")
    assert shop.repository.publish(make_bundle()).version == "1.0.0"
    assert shop.repository.metadata_file("timestamp.json") == before


def test_a_release_never_changes(shop: Shop) -> None:
    with pytest.raises(errors.AlreadyPublished, match="hills 1.0.0 was published with other bytes"):
        shop.repository.publish(make_bundle(body="def elevation(x, y, seed):\n    return 0 * x\n"))
    assert shop.repository.releases()["hills", "1.0.0"].sha256 == make_bundle().sha256


def test_a_repository_is_opened_again(shop: Shop) -> None:
    again = Repository.open(shop.folder / "repo", clock=shop.clock)
    assert again.releases() == shop.repository.releases()
    assert again.root == shop.repository.root == shop.first_root
