"""What a cell's value looks like, tables as columns, and what a sandbox has shown so far."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import ringfence
from ringfence import Display, Limits, Opaque
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish

_PNG = b"\x89PNG\r\n\x1a\n"
_RICH = "class Rich:\n    def __repr__(self): return 'r'\n    def _repr_html_(self): return '<b>'\n"
_SHOWN = {"text/html": "<b>", "text/plain": "r"}


def shown(result: ringfence.Result) -> list[dict[str, str | bytes]]:
    assert result.status == "ok", result.error
    return [display.data for display in result.displays]


# --- the value of a cell ----------------------------------------------------------------------


@pytest.mark.requirement("display.value")
def test_a_value_with_a_look_of_its_own_is_displayed(shared: ringfence.Sandbox) -> None:
    result = shared.run(f"{_RICH}Rich()")
    assert shown(result) == [_SHOWN]
    assert result.value == Opaque("Rich", "r")


@pytest.mark.requirement("display.value")
@pytest.mark.parametrize(
    "last",
    [
        "object()", "Rich", "[Rich()]", "display(Rich())", "rich = Rich()", "5", "'<b>'", "None",
        "def f(): return Rich()",
    ],
)  # fmt: skip
def test_only_the_value_itself_and_only_once(shared: ringfence.Sandbox, last: str) -> None:
    assert shown(shared.run(_RICH + last)) == ([_SHOWN] if last.startswith("display") else [])


@pytest.mark.requirement("display.value")
def test_what_a_called_function_returns_is_for_its_caller(shared: ringfence.Sandbox) -> None:
    shared.run(f"{_RICH}def f(): return Rich()").raise_for_status()
    result = shared.call("f")
    assert (result.value, shown(result)) == (Opaque("Rich", "r"), [])


@pytest.mark.requirement("display.value")
def test_a_record_with_a_look_of_its_own(shared: ringfence.Sandbox) -> None:
    result = shared.run(
        "import dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int\n"
        "    def _repr_svg_(self): return '<svg/>'\nPoint(5)"
    )
    assert result.value.fields == {"x": 5}
    assert shown(result) == [{"image/svg+xml": "<svg/>", "text/plain": "Point(x=5)"}]


@pytest.mark.requirement("display.value")
def test_a_value_is_shown_after_what_was_printed(shared: ringfence.Sandbox) -> None:
    events = list(shared.stream(f"{_RICH}print('before', end='')\nRich()"))
    assert [type(event).__name__ for event in events] == ["Output", "Display", "Result"]


@pytest.mark.requirement("display.rich")
def test_json(shared: ringfence.Sandbox) -> None:
    code = (
        "class A:\n    def __repr__(self): return 'a'\n"
        "    def _repr_json_(self): return {'b': [1, None]}, {'expanded': True}\n"
        "    def _repr_mimebundle_(self, include, exclude):\n"
        "        return {'application/vnd.x.v1+json': [include, exclude], 'text/x': {}}\n"
        "display(A())"
    )
    assert shown(shared.run(code)) == [
        {
            "application/vnd.x.v1+json": "[null, null]",
            "application/json": '{"b": [1, null]}',
            "text/plain": "a",
        }
    ]


@pytest.mark.requirement("display.rich")
def test_images_in_base_64_as_notebooks_write_them(shared: ringfence.Sandbox) -> None:
    code = (
        "class A:\n    def __repr__(self): return 'a'\n"
        "    def _repr_mimebundle_(self, **kw): return {'image/png': 'iVBO\\nRw==', 'image/jpeg': '!'}\n"
        "display(A())"
    )
    assert shown(shared.run(code)) == [
        {"image/png": b"\x89PNG", "image/jpeg": "!", "text/plain": "a"}
    ]


@pytest.mark.requirement("display.failing")
def test_a_repr_that_raises_is_said_to(shared: ringfence.Sandbox) -> None:
    code = "class A:\n    def __repr__(self): raise OSError\ndisplay(A())"
    assert shown(shared.run(code)) == [{"text/plain": "<A whose repr raised OSError>"}]


# --- figures ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def boxes() -> Iterator[dict[str, ringfence.Sandbox]]:
    made: dict[str, ringfence.Sandbox] = {}
    yield made
    for box in made.values():
        box.close()


def _box(engine: str, boxes: dict[str, Any], kind: str, packages: list[str]) -> ringfence.Sandbox:
    for name in packages:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed here")
    if kind + engine not in boxes or not boxes[kind + engine].alive:
        options = {"packages": packages, "limits": Limits(memory="512MiB", wall=120)}
        boxes[kind + engine] = ringfence.Sandbox(**LEVEL.options(engine, options)).start()
    box: ringfence.Sandbox = boxes[kind + engine]
    return box


@pytest.fixture
def plots(engine: str, boxes: dict[str, ringfence.Sandbox]) -> ringfence.Sandbox:
    """A sandbox with matplotlib, no figure open."""
    if not LEVEL.private:
        pytest.skip("matplotlib needs a folder that it can write to")
    box = _box(engine, boxes, "plots", ["matplotlib"])
    box.run("import matplotlib.pyplot as plt\nplt.close('all')").raise_for_status()
    return box


_ONE = "figure, axes = plt.subplots(figsize=(2, 1))\nlines = axes.plot([1, 2])\n"
_FIGURE = "<Figure size 200x100 with 1 Axes>"


@pytest.mark.requirement("display.open-figures")
@pytest.mark.parametrize(
    "last", ["figure", "axes", "lines", "lines[0]", "[axes]", "5", "pass", "display(5); figure"]
)
def test_a_cell_shows_the_figures_that_it_leaves_open(plots: ringfence.Sandbox, last: str) -> None:
    result = plots.run(_ONE + last)
    assert result.status == "ok", result.error
    figures = [d.data for d in result.displays if "image/png" in d.data]
    assert [sorted(data) for data in figures] == [["image/png", "text/plain"]]
    image = figures[0]["image/png"]
    assert isinstance(image, bytes)
    assert image.startswith(_PNG)
    assert figures[0]["text/plain"] == _FIGURE
    assert len(result.displays) == (2 if "display" in last else 1)
    assert plots.run("plt.get_fignums()").value == []


@pytest.mark.requirement("display.open-figures")
def test_a_figure_is_shown_again_when_it_is_asked_for(plots: ringfence.Sandbox) -> None:
    assert len(plots.run(f"{_ONE}plt.show()").displays) == 1
    assert len(plots.run("figure").displays) == 1
    assert plots.run("figure.axes").displays == ()


@pytest.mark.requirement("display.open-figures")
def test_a_figure_without_pyplot(plots: ringfence.Sandbox) -> None:
    code = "from matplotlib.figure import Figure\nf = Figure(figsize=(1, 1))\n"
    assert plots.run(f"{code}f.subplots()").displays == ()
    (display,) = plots.run(f"{code}f").displays
    assert sorted(display.data) == ["image/png", "text/plain"]


@pytest.mark.requirement("display.open-figures")
def test_figures_of_a_cell_that_fails_and_of_a_call_stay_open(plots: ringfence.Sandbox) -> None:
    failed = plots.run(f"{_ONE}1/0")
    assert (failed.status, failed.displays) == ("error", ())
    plots.run("def f():\n    plt.figure(figsize=(3, 1))")
    assert plots.run("plt.get_fignums()").value == []  # shown and closed at the end of that cell
    assert plots.call("f").displays == ()
    assert len(plots.run("plt.get_fignums()").displays) == 1


@pytest.mark.requirement("display.open-figures", "display.bounded")
def test_a_figure_that_cannot_be_drawn_fails_one_cell(plots: ringfence.Sandbox) -> None:
    result = plots.run("plt.figure(figsize=(1000, 1000), dpi=100)\n1")
    assert (result.status, result.limit, result.alive) == ("limit", "memory", True)
    assert plots.run("1").value == 1


@pytest.mark.requirement("display.image")
def test_pillow_images(plots: ringfence.Sandbox) -> None:
    """Pillow comes with matplotlib."""
    result = plots.run("from PIL import Image\nImage.new('RGB', (3, 2), 'red')")
    (data,) = shown(result)
    assert sorted(data) == ["image/jpeg", "image/png", "text/plain"]
    assert data["image/png"][:8] == _PNG
    assert data["image/jpeg"][:3] == b"\xff\xd8\xff"
    assert isinstance(result.value, Opaque)


# --- tables -------------------------------------------------------------------------------------


@pytest.fixture
def tables(engine: str, boxes: dict[str, ringfence.Sandbox]) -> ringfence.Sandbox:
    """A sandbox with pandas."""
    box = _box(engine, boxes, "tables", ["numpy", "pandas"])
    box.run("import numpy as np, pandas as pd").raise_for_status()
    return box


def plain(value: Any) -> Any:
    """Arrays as lists that say so."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return (value.dtype.str, value.tolist()) if hasattr(value, "dtype") else value


_FRAME = "df = pd.DataFrame({'city': ['Oslo', 'Rome', 'Oslo'], 'rain': [1, 2, 4]})\n"
_TABLES: list[tuple[str, Any]] = [
    # An index that says more than the number of the row is a column.
    ("df[df.rain > 1]", {"index": ("<i8", [1, 2]), "city": ["Rome", "Oslo"], "rain": ("<i8", [2, 4])}),
    ("df.groupby('city').sum()", {"city": ["Oslo", "Rome"], "rain": ("<i8", [5, 2])}),
    ("df.groupby('city').rain.sum()", {"city": ["Oslo", "Rome"], "rain": ("<i8", [5, 2])}),
    ("df.groupby('city').size()", {"city": ["Oslo", "Rome"], 0: ("<i8", [2, 1])}),
    ("df.groupby(['city', 'rain']).size().head(1)", {"city": ["Oslo"], "rain": ("<i8", [1]), 0: ("<i8", [1])}),
    ("pd.DataFrame({'x': [1]}, index=pd.MultiIndex.from_tuples([('a', 2)]))",
     {"level_0": ["a"], "level_1": ("<i8", [2]), "x": ("<i8", [1])}),
    ("pd.DataFrame({'x': [1]}, index=pd.RangeIndex(1, name='n'))", {"n": ("<i8", [0]), "x": ("<i8", [1])}),
    ("pd.DataFrame({'index': [1]}, index=['a'])", {"index": ["a"], "index.1": ("<i8", [1])}),
    ("pd.DataFrame(index=[5])", {"index": ("<i8", [5])}),
    # Names.
    ("pd.DataFrame([[1, 2, 3]], columns=['a', 'a', 'a.1'])",
     {"a": ("<i8", [1]), "a.1": ("<i8", [2]), "a.1.1": ("<i8", [3])}),
    ("pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([('u', 'v')]))", {("u", "v"): ("<i8", [1])}),
    ("pd.DataFrame([[1]], columns=[pd.Timestamp('2024-01-01')])", {datetime(2024, 1, 1): ("<i8", [1])}),
    # Dtypes. Missing values of pandas' own are None, and integers keep their digits.
    ("pd.DataFrame({'i': pd.array([2**60 + 1, None], dtype='Int64')})", {"i": [2**60 + 1, None]}),
    ("pd.DataFrame({'i': pd.array([1, 2], dtype='Int64')})", {"i": ("<i8", [1, 2])}),
    ("pd.DataFrame({'b': pd.array([True, None], dtype='boolean')})", {"b": [True, None]}),
    ("pd.DataFrame({'s': pd.array(['a', None], dtype='string')})", {"s": ["a", None]}),
    ("pd.DataFrame({'c': pd.Categorical(['u', None])})", {"c": ["u", None]}),
    ("pd.DataFrame({'c': pd.Categorical([2**60 + 1, None])})", {"c": [2**60 + 1, None]}),
    ("pd.DataFrame({'o': pd.Series([{1}, 'x', None], dtype=object)})", {"o": [{1}, "x", None]}),
    ("pd.DataFrame({'z': [1j]})", {"z": ("<c16", [1j])}),
    ("pd.DataFrame({'s': pd.arrays.SparseArray([0, 0, 1])})", {"s": ("<i8", [0, 0, 1])}),
    ("pd.DataFrame({'t': pd.to_datetime(['2024-01-01', None]).tz_localize('UTC')})",
     {"t": [datetime(2024, 1, 1, tzinfo=UTC), None]}),
    ("pd.DataFrame({'p': pd.period_range('2024-01', periods=1, freq='M')})",
     {"p": [Opaque("Period", "Period('2024-01', 'M')")]}),
    # Nothing in it.
    ("pd.DataFrame()", {}),
    ("pd.DataFrame(columns=['a'])", {"a": []}),
    ("pd.DataFrame({'a': np.zeros(0)})", {"a": ("<f8", [])}),
    # One column.
    ("df.rain", ("<i8", [1, 2, 4])),
    ("df.city", ["Oslo", "Rome", "Oslo"]),
    ("df.rain[1:]", {"index": ("<i8", [1, 2]), "rain": ("<i8", [2, 4])}),
    ("df.columns", ["city", "rain"]),
    ("df.index", ("<i8", [0, 1, 2])),
    ("pd.MultiIndex.from_tuples([('a', 2)])", [("a", 2)]),
    ("pd.Series([], dtype='f8')", ("<f8", [])),
]  # fmt: skip


@pytest.mark.requirement("values.table")
@pytest.mark.parametrize(("code", "columns"), _TABLES)
def test_a_table_arrives_as_its_columns(tables: ringfence.Sandbox, code: str, columns: Any) -> None:
    result = tables.run(_FRAME + code)
    (data,) = shown(result)
    assert plain(result.value) == columns
    assert sorted(data) == ["text/html", "text/plain"]
    assert "<table" in str(data["text/html"])


@pytest.mark.requirement("values.table")
def test_digits_are_not_lost_in_silence(tables: ringfence.Sandbox) -> None:
    code = "pd.DataFrame({'t': [pd.Timestamp(1, tz='UTC')]})"
    result = tables.run(code)
    assert result.status == "error"
    assert result.error is not None
    assert result.error.message == (
        "the column 't' has nanoseconds, which a datetime with a zone cannot hold; use "
        ".dt.tz_convert(None) for an array of datetime64 in UTC, or .dt.floor('us')"
    )
    value = tables.run(f"df = {code}\ndf.t.dt.tz_convert(None)").value
    assert value.astype("M8[ns]").astype("i8").tolist() == [1]


@pytest.mark.requirement("values.table")
def test_a_table_that_a_host_function_gets_is_not_displayed(make: Make) -> None:
    got: list[Any] = []

    def take(table: dict[str, Any]) -> None:
        got.append(table)

    if importlib.util.find_spec("pandas") is None:
        pytest.skip("pandas is not installed here")
    box = make(packages=["pandas"], functions=[take])
    result = box.run("import pandas as pd\ntake(pd.DataFrame({'s': ['a']}))")
    assert (result.status, result.displays, got) == ("ok", (), [{"s": ["a"]}])


# --- what a sandbox has shown so far --------------------------------------------------------------


@pytest.mark.requirement("display.kept")
def test_displays_of_all_turns(make: Make) -> None:
    box = make()
    assert (list(box.displays), box.displays.dropped) == ([], 0)
    box.run("display(1)\ndisplay(2)")
    before = box.displays
    box.run("display(3)\n1/0")
    *_, result = box.stream("display(4)")
    assert isinstance(result, ringfence.Result)
    told = [str(display.data["text/plain"]) for display in box.displays]
    assert told == ["1", "2", "3", "4"]
    assert [len(before), box.displays.dropped] == [2, 0]
    assert box.displays[-1] == result.displays[0] == Display({"text/plain": "4"})
    box.close()
    assert len(box.displays) == 4


@pytest.mark.requirement("display.kept")
def test_displays_of_all_turns_awaited(make_async: MakeAsync) -> None:
    async def work() -> list[str]:
        async with make_async() as box:
            await box.run("display(1)")
            async for _ in box.stream("display(2)"):
                pass
            return [str(display.data["text/plain"]) for display in box.displays]

    assert finish(work()) == ["1", "2"]


@pytest.mark.requirement("display.kept")
def test_displays_of_a_turn_that_was_left(make: Make) -> None:
    box = make()
    for event in box.stream("display(1)\nwhile True: pass"):
        assert isinstance(event, Display)
        break
    box.close()
    assert [display.data for display in box.displays] == [{"text/plain": "1"}]


@pytest.mark.requirement("display.kept", "display.bounded")
def test_displays_that_are_kept_are_bounded_and_counted(make: Make) -> None:
    box = make(limits=Limits(display="64KiB"))
    for turn in range(5):
        assert box.run(f"display('{turn}' * 30_000)").status == "ok"
    assert [str(display.data["text/plain"])[1] for display in box.displays] == ["3", "4"]
    assert box.displays.dropped == 3
    box = make()
    for _ in range(3):
        box.run("for i in range(600): display(i)").raise_for_status()
    assert (len(box.displays), box.displays.dropped) == (1_000, 800)
    assert box.displays[-1].data == {"text/plain": "599"}


@pytest.mark.requirement("display.bounded")
def test_a_million_displays(make: Make) -> None:
    result = make().run("for i in range(1_000_000): display(i)")
    assert (result.status, result.limit, len(result.displays)) == ("limit", "display", 1_000)
