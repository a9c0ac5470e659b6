"""What a person is shown before they agree: all of it, and what weighs most first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from ringfence.cli.workshop.homes import Home
from ringfence.cli.workshop.installing import install
from ringfence.errors import WorkshopError
from ringfence.workshop.signing import Client
from tests.workshop.bundles import make_bundle
from tests.workshop.conftest import Shop

PACKAGES = [f"harmless-package-number-{number:02}-with-a-long-long-name" for number in range(30)]
ASKED = ["  the grant run:rm-rf", *(f"  the package {one}" for one in PACKAGES)]


class Terminal(io.StringIO):
    """Somebody who answers, and whether they were asked."""

    def isatty(self) -> bool:
        return True


class OneClient:
    """A home that has this client."""

    def __init__(self, shop: Shop) -> None:
        self._client = shop.client()

    @contextmanager
    def client(self) -> Iterator[Client]:
        yield self._client


@pytest.fixture
def home(shop: Shop) -> Home:
    """It offers dunes 1.0.0, which hides its grant behind packages."""
    shop.repository.publish(make_bundle(name="dunes", packages=PACKAGES, grants=["run:rm-rf"]))
    return cast("Home", OneClient(shop))


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Any:
    def sits_there(answer: str, *, height: int = 50, width: int = 80) -> Terminal:
        terminal = Terminal(answer)
        monkeypatch.setattr("sys.stdin", terminal)
        monkeypatch.setenv("LINES", str(height))
        monkeypatch.setenv("COLUMNS", str(width))
        return terminal

    return sits_there


def test_all_that_is_asked_for_is_shown_and_grants_come_first(
    home: Home, person: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    person("no\n")
    with pytest.raises(WorkshopError, match="nobody agreed to that"):
        install(home, "dunes", None, yes=False)
    assert capsys.readouterr().err.splitlines() == [
        "dunes 1.0.0 asks for",
        *ASKED,
        "Let it? [y/N] ",
    ]
    person("yes\n")
    assert install(home, "dunes", None, yes=False) == 0
    assert capsys.readouterr().out == "installed dunes 1.0.0 (worldgen.terrain 1.0)\n"


@pytest.mark.parametrize(("height", "width"), [(32, 80), (60, 40)])
def test_nobody_is_asked_about_what_has_left_the_screen(
    home: Home, person: Any, height: int, width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = person("yes\n", height=height, width=width)
    with pytest.raises(WorkshopError) as caught:
        install(home, "dunes", None, yes=False)
    assert str(caught.value).splitlines() == [
        "dunes 1.0.0 asks for",
        *ASKED,
        "and nobody agreed to that. Nothing was installed; --yes agrees to all of it",
    ]
    assert "Let it?" not in capsys.readouterr().err
    assert terminal.tell() == 0


def test_what_is_agreed_to_beforehand_is_told_whole(
    home: Home, person: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    person("")
    assert install(home, "dunes", None, yes=True) == 0
    assert capsys.readouterr().err.splitlines() == [
        "ringfence: consent: dunes 1.0.0 asks for",
        *ASKED,
    ]


def test_what_became_something_else_is_told_first(home: Home, shop: Shop, person: Any) -> None:
    person("")
    install(home, "dunes", None, yes=True)
    shop.repository.publish(
        make_bundle("1.1.0", name="dunes", kind="command", spec="cad.tools", grants=["new"])
    )
    with pytest.raises(WorkshopError) as caught:
        install(home, "dunes", None, yes=False)
    assert str(caught.value).splitlines()[:-1] == [
        "dunes 1.1.0 asks for",
        "  to be a command, which it was not",
        "  to be for cad.tools, which it was not",
        "  the grant new",
    ]
