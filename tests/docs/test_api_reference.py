"""The public names are documented where they are defined, and the tables agree with them."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import ringfence
from ringfence import errors
from ringfence.engine import Availability, Capabilities, Exit, ImageSpec, ResourceUse
from ringfence.model import Limits, Policy, Result, Usage
from ringfence.runtime.functions import HostFunction
from ringfence.runtime.registry import list_evaluators
from ringfence.runtime.trace import TraceEvent
from ringfence.wasm.store import StoreLimits
from ringfence_guest.protocol.namespaces import Lost, Variable
from ringfence_guest.protocol.turn import ErrorInfo
from tests.docs.documents import ROOT

PUBLIC = [name for name in ringfence.__all__ if name != "__version__"]
RECORDS: tuple[type[Any], ...] = (
    Availability,
    Capabilities,
    Exit,
    HostFunction,
    ImageSpec,
    Limits,
    Lost,
    Policy,
    Result,
    StoreLimits,
    TraceEvent,
    Usage,
    Variable,
)


def own_doc(thing: object) -> str:
    """The docstring of the thing itself, not one that it inherits."""
    return (vars(thing).get("__doc__") if isinstance(thing, type) else thing.__doc__) or ""


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert own_doc(getattr(ringfence, name)).strip()


def test_every_exception_has_a_docstring_and_a_place_in_the_tree() -> None:
    tree = errors.__doc__ or ""
    for name in errors.__all__:
        assert own_doc(getattr(errors, name)).strip(), name
        assert re.search(rf"\b{name}\b", tree), name


def public_members(cls: type[Any]) -> list[tuple[str, Callable[..., Any] | property]]:
    return [
        (name, member)
        for kind in cls.__mro__
        if kind.__module__.startswith(("ringfence.", "ringfence_guest."))
        for name, member in vars(kind).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    ]


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_method_has_a_docstring(name: str) -> None:
    thing = getattr(ringfence, name)
    if isinstance(thing, type) and not issubclass(thing, BaseException):
        bare = [member for member, value in public_members(thing) if not (value.__doc__ or "")]
        assert bare == []


def attributes_of(cls: type[Any]) -> list[str]:
    """The names below ``Attributes:``, in order."""
    doc = inspect.getdoc(cls) or ""
    section = doc.partition("Attributes:\n")[2].partition("\nRaises:\n")[0]
    return re.findall(r"^    (\w+): ", section, re.MULTILINE)


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_every_field_is_documented_in_order(cls: type[Any]) -> None:
    assert attributes_of(cls) == [field.name for field in dataclasses.fields(cls)]


def test_small_records_say_what_their_fields_are() -> None:
    """They have a sentence instead of a list."""
    for cls in (ResourceUse, ErrorInfo, ringfence.Output, ringfence.Display, ringfence.Progress):
        assert own_doc(cls).strip()


@pytest.mark.parametrize(
    "function",
    [
        ringfence.run,
        ringfence.host_function,
        ringfence.Reader,
        ringfence.WasiEngine,
        ringfence.Writer,
        ringfence.displays_page,
        ringfence.write_displays,
    ],
    ids=lambda function: function.__name__,
)
def test_every_argument_is_documented(function: Callable[..., Any]) -> None:
    doc = inspect.getdoc(function) or ""
    parameters = inspect.signature(function).parameters
    section = doc.partition("Args:\n")[2].partition("\n\n")[0]
    assert re.findall(r"^    (\w+): ", section, re.MULTILINE) == list(parameters)


# --- tables of the documents ------------------------------------------------------------------


def rows_below(page: str, heading: str) -> list[list[str]]:
    text = (ROOT / page).read_text("utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def default_of(text: str) -> object:
    """What a cell such as ``16 MiB`` or ``30 s`` says."""
    text = text.partition(", or")[0]
    if text == "none":
        return None
    number, _, unit = text.replace(",", "").partition(" ")
    return int(number) * {"": 1, "s": 1, "MiB": 1 << 20}[unit]


def test_the_table_of_limits_is_that_of_the_code() -> None:
    table = {
        row[0].strip("`"): default_of(row[1])
        for row in rows_below("docs/quickstart.md", "Set limits")
    }
    defaults = Limits()
    assert table == {f.name: getattr(defaults, f.name) for f in dataclasses.fields(Limits)}


def test_the_table_of_statuses_is_that_of_the_code() -> None:
    table = [row[0].strip("`") for row in rows_below("docs/quickstart.md", "Run something")]
    assert table == ["ok", "error", "limit", "crashed", "cancelled"]


def test_the_table_of_engines_names_what_is_installed() -> None:
    works = [row[0].strip("`") for row in rows_below("README.md", "Engines") if "works" in row[3]]
    assert works == [*sorted(ringfence.engines()), *sorted(list_evaluators())]


def test_the_readme_says_what_it_is_in_one_bold_sentence() -> None:
    second = (ROOT / "README.md").read_text("utf-8").split("\n\n")[1]
    assert re.fullmatch(r"\*\*Ringfence [^*]+\.\*\*", second)
