"""Files over a channel of any kind, through both façades, with guests that are honest or not."""

from __future__ import annotations

import pytest

from ringfence.errors import GuestCrashed, GuestFileError, SandboxClosed
from tests.support import frames as say
from tests.support.facades import FACADES, Facade, open_box
from tests.support.guests import PipeEngine, SocketEngine, TestEngine
from tests.support.peers import Peer, ScriptedEngine


@pytest.mark.parametrize("facade", FACADES)
@pytest.mark.parametrize("kind", [SocketEngine, PipeEngine])
def test_there_and_back(facade: Facade, kind: type[TestEngine]) -> None:
    with open_box(facade, kind(), files={"a": b"1"}) as box:
        box.files["b/c"] = b"x" * 3_000_000
        assert box.run("open('b/c').read() == 'x' * 3_000_000").value is True
        assert (box.files["b/c"], box.files.listing()) == (
            b"x" * 3_000_000, ({"a": 1, "b/c": 3_000_000}, {}),
        )  # fmt: skip
        del box.files["a"]
        assert (box.files.sizes(), box.files.refused()) == ({"b/c": 3_000_000}, {})
        with pytest.raises(KeyError):
            box.files["a"]


@pytest.mark.parametrize("facade", FACADES)
def test_a_question_is_asked_as_the_protocol_says(facade: Facade) -> None:
    heard = []

    def script(peer: Peer) -> None:
        for turn in (1, 2):
            frame = peer.request()
            heard.append((frame.header, frame.body))
            peer.send((say.ready() if turn == 1 else b"") + say.file(0, b"x") + say.done(turn=turn))

    with open_box(facade, ScriptedEngine(script)) as box:
        assert (box.files["a"], box.files["b"]) == (b"x", b"x")
    assert heard == [
        ({"type": "files", "turn": 1}, b'["read","a",null]'),
        ({"type": "files", "turn": 2}, b'["read","b",null]'),
    ]


@pytest.mark.parametrize("facade", FACADES)
def test_a_guest_that_lies_between_turns(facade: Facade) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.file(7, b"x"))

    with open_box(facade, ScriptedEngine(script)) as box:
        with pytest.raises(GuestCrashed, match="an answer about a file that nobody asked for"):
            box.files["a"]
        with pytest.raises(SandboxClosed, match="and its scratch files with it"):
            box.files["a"]


@pytest.mark.parametrize("facade", FACADES)
def test_a_guest_that_dies_over_it(facade: Facade) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready())
        peer.die()

    with open_box(facade, ScriptedEngine(script)) as box, pytest.raises(GuestCrashed):
        box.files["a"]


@pytest.mark.parametrize("facade", FACADES)
def test_a_guest_that_says_nothing(facade: Facade) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.done())

    with open_box(facade, ScriptedEngine(script)) as box, pytest.raises(GuestFileError):
        box.files["a"]


@pytest.mark.parametrize("facade", FACADES)
def test_a_threaded_host_function_is_dropped_with_its_turn(facade: Facade) -> None:
    """The guest is asked, says that it is done instead, and the question is asked anew."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(say.ready() + say.output("busy"))
        question = peer.hear()
        assert question.header == {"type": "file", "turn": 1, "id": 0}
        peer.send(say.done())
        assert peer.request().header == {"type": "files", "turn": 2}
        peer.send(say.file(0, b"later") + say.done(turn=2))

    import threading

    got: list[bytes] = []
    with open_box(facade, ScriptedEngine(script)) as box:
        thread = threading.Thread(target=lambda: got.append(box.files["a"]))
        for event in box.stream("code"):
            if getattr(event, "text", "") == "busy":
                thread.start()
        thread.join()
    assert got == [b"later"]
