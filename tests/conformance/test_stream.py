"""``stream()`` and ``display()``: what people may want to see while a guest runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ringfence
from ringfence import Display, Output, Progress, Result
from tests.conformance.conftest import LEVEL, Make, MakeAsync, finish

_PROGRAM = (
    "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprogress(0.5)\ndisplay(7)\nprint('c')\n9"
)
_EVENTS = [
    Output("stdout", "a\n"),
    Output("stderr", "b\n"),
    Progress(0.5, ""),
    Display({"text/plain": "7"}),
    Output("stdout", "c\n"),
]


@pytest.mark.requirement("stream.events", "stream.result-last")
def test_events_in_order(make: Make) -> None:
    *events, result = make().stream(_PROGRAM)
    assert events == _EVENTS
    assert isinstance(result, Result)
    assert (result.status, result.value, result.stdout, result.stderr) == ("ok", 9, "a\nc\n", "b\n")
    assert result.displays == (Display({"text/plain": "7"}),)


@pytest.mark.requirement("stream.events", "stream.result-last", "tasks.parity")
def test_events_in_order_under_the_async_shell(make_async: MakeAsync) -> None:
    async def work() -> list[Any]:
        async with make_async() as box:
            return [event async for event in box.stream(_PROGRAM)]

    *events, result = finish(work())
    assert events == _EVENTS
    assert (result.status, result.value) == ("ok", 9)


@pytest.mark.requirement("stream.result-last")
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("1/0", "error"),
        ("while True: pass", "limit"),
        ("import os\nos._exit(1)", "crashed"),
        ("", "ok"),
    ],
)
def test_result_is_last_however_it_ends(make: Make, code: str, status: str) -> None:
    box = make(limits=ringfence.Limits(wall=0.5))
    events = list(box.stream(f"print('x')\n{code}"))
    assert [type(event).__name__ for event in events] == ["Output", "Result"]
    assert isinstance(events[-1], Result)
    assert events[-1].status == status


@pytest.mark.requirement("stream.result-last")
def test_stream_takes_the_arguments_of_run(make: Make) -> None:
    *_, result = make().stream(
        "x, input()", inputs={"x": 1}, stdin="line", returns=tuple[int, str], filename="f"
    )
    assert isinstance(result, Result)
    assert result.value == (1, "line")


@pytest.mark.requirement("stream.live")
def test_event_arrives_while_the_guest_runs(make: Make) -> None:
    order: list[str] = []

    def mark() -> None:
        order.append("the guest called")

    for event in make(functions=[mark]).stream("print('x')\nmark()\nprint('y')\nmark()"):
        order.append(event.text.strip() if isinstance(event, Output) else "result")
    assert order == ["x", "the guest called", "y", "the guest called", "result"]


@pytest.mark.requirement("stream.live")
def test_events_of_a_busy_guest_arrive(make: Make) -> None:
    box = make()
    for event in box.stream("print('started')\nprogress(0.1)\nwhile True: pass"):
        if isinstance(event, Progress):
            assert box.cancel() is True
        elif isinstance(event, Result):
            assert (event.status, event.stdout) == ("cancelled", "started\n")


@pytest.mark.requirement("stream.left")
def test_leaving_early_ends_the_guest(make: Make) -> None:
    box = make()
    for event in box.stream("print('x')\nwhile True: pass"):
        assert event == Output("stdout", "x\n")
        break
    assert box.alive is False
    with pytest.raises(ringfence.SandboxClosed):
        box.run("1")


@pytest.mark.requirement("stream.left", "tasks.parity")
def test_leaving_early_under_the_async_shell(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            stream = box.stream("print('x')\nwhile True: pass")
            assert await anext(stream) == Output("stdout", "x\n")
            await stream.aclose()
            assert box.alive is False
            with pytest.raises(ringfence.SandboxClosed):
                await box.run("1")

    finish(work())


@pytest.mark.requirement("stream.left")
def test_stream_that_was_never_read_changes_nothing(make: Make) -> None:
    box = make()
    unread = box.stream("x = 1")
    assert box.run("'x' in globals()").value is False
    del unread
    assert box.run("1").value == 1


@pytest.mark.requirement("stream.busy")
def test_no_turn_inside_a_stream_of_the_same_thread(make: Make) -> None:
    box = make()
    for event in box.stream("print('x')\n5"):
        if isinstance(event, Output):
            with pytest.raises(ringfence.SandboxBusy):
                box.run("1")
            with pytest.raises(ringfence.SandboxBusy):
                next(iter(box.stream("1")))
        else:
            assert isinstance(event, Result)
            assert event.value == 5
    assert box.run("1").value == 1


@pytest.mark.requirement("stream.busy", "tasks.parity")
def test_no_turn_inside_a_stream_of_the_same_task(make_async: MakeAsync) -> None:
    async def work() -> None:
        async with make_async() as box:
            async for event in box.stream("print('x')\n5"):
                if isinstance(event, Output):
                    with pytest.raises(ringfence.SandboxBusy):
                        await box.run("1")
                else:
                    assert isinstance(event, Result)
                    assert event.value == 5
            assert (await box.run("1")).value == 1

    finish(work())


# --- display --------------------------------------------------------------------------------


def _shown(box: ringfence.Sandbox, code: str) -> list[dict[str, str | bytes]]:
    result = box.run(code)
    assert result.status == "ok", result.error
    return [display.data for display in result.displays]


@pytest.mark.requirement("display.call")
def test_display(shared: ringfence.Sandbox) -> None:
    assert _shown(
        shared, "display(5)\ndisplay('text', [1])\nfrom host import display as d\nd(None)"
    ) == [
        {"text/plain": "5"},
        {"text/plain": "'text'"},
        {"text/plain": "[1]"},
        {"text/plain": "None"},
    ]


@pytest.mark.requirement("display.call")
def test_display_is_not_the_value(shared: ringfence.Sandbox) -> None:
    assert shared.run("display(5)").value is None


@pytest.mark.requirement("display.rich")
def test_notebook_methods(shared: ringfence.Sandbox) -> None:
    code = (
        "class Rich:\n"
        "    def __repr__(self): return 'plain'\n"
        "    def _repr_html_(self): return '<b>bold</b>'\n"
        "    def _repr_svg_(self): return '<svg/>'\n"
        "    def _repr_png_(self): return b'\\x89PNG'\n"
        "    def _repr_jpeg_(self): return b'\\xff\\xd8', {'width': 5}\n"
        "    def _repr_markdown_(self): return '**bold**'\n"
        "    def _repr_latex_(self): return '$x$'\n"
        "display(Rich())"
    )
    assert _shown(shared, code) == [
        {
            "text/html": "<b>bold</b>",
            "image/svg+xml": "<svg/>",
            "image/png": b"\x89PNG",
            "image/jpeg": b"\xff\xd8",
            "text/markdown": "**bold**",
            "text/latex": "$x$",
            "text/plain": "plain",
        }
    ]


@pytest.mark.requirement("display.rich")
def test_mimebundle(shared: ringfence.Sandbox) -> None:
    code = (
        "class Rich:\n    def __repr__(self): return 'r'\n"
        "    def _repr_mimebundle_(self, **kw):\n"
        "        return {'text/x-own': 'mine', 'text/html': '<i>', 'bad': 5}, {'meta': 1}\n"
        "    def _repr_html_(self): return 'not asked'\n"
        "display(Rich())"
    )
    assert _shown(shared, code) == [{"text/x-own": "mine", "text/html": "<i>", "text/plain": "r"}]


@pytest.mark.requirement("display.failing")
@pytest.mark.parametrize("body", ["raise ValueError", "return None", "return 5", "1/0"])
def test_method_that_fails_is_left_out(shared: ringfence.Sandbox, body: str) -> None:
    code = f"class A:\n    def __repr__(self): return 'a'\n    def _repr_html_(self): {body}\ndisplay(A())"
    assert _shown(shared, code) == [{"text/plain": "a"}]


@pytest.mark.requirement("display.failing")
def test_class_is_not_asked(shared: ringfence.Sandbox) -> None:
    code = "class A:\n    def _repr_html_(self): return '<b>'\ndisplay(A)"
    assert _shown(shared, code) == [{"text/plain": "<class '__main__.A'>"}]


@pytest.mark.requirement("display.failing")
def test_object_that_answers_everything(shared: ringfence.Sandbox) -> None:
    code = (
        "class Any:\n    def __repr__(self): return 'any'\n"
        "    def __getattr__(self, name): return lambda *a, **k: self\ndisplay(Any())"
    )
    assert _shown(shared, code) == [{"text/plain": "any"}]


# --- figures --------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def plotting() -> Iterator[dict[str, ringfence.Sandbox]]:
    made: dict[str, ringfence.Sandbox] = {}
    yield made
    for box in made.values():
        box.close()


@pytest.fixture
def plots(engine: str, plotting: dict[str, ringfence.Sandbox]) -> ringfence.Sandbox:
    if engine not in plotting:
        options = LEVEL.options(engine, {"packages": ["matplotlib"]})
        plotting[engine] = ringfence.Sandbox(**options).start()
    return plotting[engine]


@pytest.mark.requirement("display.figure")
def test_figure(plots: ringfence.Sandbox) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(2, 1))\n"
        "axes.plot([1, 2])\ndisplay(figure)\nplt.close(figure)"
    )
    ((data),) = _shown(plots, code)
    assert sorted(data) == ["image/png", "text/plain"]
    image = data["image/png"]
    assert isinstance(image, bytes)
    assert image.startswith(_PNG)
    assert data["text/plain"] == "<Figure size 200x100 with 1 Axes>"


@pytest.mark.requirement("display.show")
def test_show(plots: ringfence.Sandbox) -> None:
    code = (
        "import matplotlib.pyplot as plt\n"
        "plt.figure(figsize=(1, 1)); plt.plot([1])\nplt.figure(figsize=(2, 1)); plt.plot([2])\n"
        "plt.show()\nplt.show()\nplt.get_fignums()"
    )
    result = plots.run(code)
    assert result.status == "ok", result.error
    assert result.value == []
    assert [d.data["text/plain"] for d in result.displays] == [
        "<Figure size 100x100 with 1 Axes>",
        "<Figure size 200x100 with 1 Axes>",
    ]
    assert all(d.data["image/png"][:8] == _PNG for d in result.displays)
