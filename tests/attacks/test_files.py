"""Attacks on whoever looks at a guest's files: what the host is told, and that it goes on.

A corpus file cannot make the host ask, so these attacks are programs in tests that do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence import GuestCrashed, GuestFileError, Limits
from ringfence.errors import TimeLimitExceeded
from tests.support.guests import SocketEngine

WIRE = (Path(__file__).parent / "guest_modules/wire.py").read_text("utf-8")
BROKEN = "the guest broke the protocol: "

Make = Callable[..., ringfence.Sandbox]


@pytest.fixture
def make(engine: str) -> Iterator[Make]:
    """Sandboxes whose guests can forge frames."""
    made: list[ringfence.Sandbox] = []

    def make_one(**options: Any) -> ringfence.Sandbox:
        made.append(ringfence.Sandbox(engine=engine, modules={"wire": WIRE}, **options).start())
        return made[-1]

    yield make_one
    for box in made:
        box.close()


# --- answers that are lies -------------------------------------------------------------------

# The guest's own code answers questions with these values, or frames, from now on.
LIE = "agent = progress.__self__\nfrom ringfence_guest.protocol import codec\n"
ANSWER = LIE + "agent.link.answer_file = lambda f, n: ({ok}, codec.encode({value}, limit=1 << 40))"


@pytest.mark.parametrize(
    ("value", "ok", "message"),
    [
        ("['a', -1]", True, "a listing of sizes that are none"),
        ("['a', 1 << 63]", True, "a listing of sizes that are none"),
        ("['a', 1.5]", True, "a listing of sizes that are none"),
        ("['a', 'x']", True, "a listing of sizes that are none"),
        ("['a', 1, 'a', 1]", True, "a listing of names that are none"),
        ("['a' * 10_000, 1]", True, "a listing of names that are none"),
        ("[5, 1]", True, "a listing of names that are none"),
        ("[str(n // 2) if n % 2 else n for n in range(4_000)]", True, "a listing that is not one"),
        ("{'a': 1}", True, "a listing that is not one"),
        ("b'bytes'", True, "a listing that is not one"),
        ("['missing']", False, "a failure without kind and message"),
        ("['gone', 'x']", False, "a failure of an unknown kind"),
        ("['missing', 'x' * 5_000]", False, "a failure of an unknown kind"),
    ],
)
def test_a_listing_that_lies(make: Make, value: str, ok: bool, message: str) -> None:
    box = make()
    box.run(ANSWER.format(ok=ok, value=value)).raise_for_status()
    with pytest.raises(GuestCrashed) as caught:
        box.files.listing()
    assert str(caught.value) == BROKEN + message
    assert not box.alive


def test_names_that_lead_elsewhere_are_told_and_not_used(make: Make) -> None:
    names = ["../x", "/etc/passwd", "a/../../x", "a\\..\\b", "nul\0", "x/", "\x1b]0;t\x07", "."]
    box = make()
    value = [said for name in names for said in (name, 1)]
    box.run(ANSWER.format(ok=True, value=repr(value))).raise_for_status()
    sizes, refused = box.files.listing()
    assert (sizes, len(refused)) == ({}, len(names))
    assert all(name.isprintable() for name in refused)


def test_a_file_larger_than_it_was_said_to_be(make: Make) -> None:
    box = make(limits=Limits(value=4_096))
    box.run(ANSWER.format(ok=True, value="bytes(10_000)")).raise_for_status()
    with pytest.raises(GuestCrashed):
        box.files["a"]
    assert not box.alive


def test_a_failure_that_speaks_to_the_terminal(make: Make) -> None:
    box = make()
    box.run(ANSWER.format(ok=False, value="['refused', '\\x1b[2J\\nringfence: fine']"))
    with pytest.raises(GuestFileError) as caught:
        box.files["a"]
    assert str(caught.value) == "files['a']: \\x1b[2J\\nringfence: fine"


TWICE = "from wire import frame, send\nagent = progress.__self__\ndef tell(number, request):\n    {}\nagent.link.tell_file = tell"
REPLY = 'frame({{"type": "file", "id": {}, "ok": True}}, b\'{{"bytes":1}}\', b"x")'


@pytest.mark.parametrize(
    ("does", "message"),
    [
        (f"send({REPLY.format('number')} * 2)", "an answer about a file that nobody asked for"),
        (f"send({REPLY.format('number + 1')})", "an answer about a file that nobody asked for"),
        ("send(frame({'type': 'file', 'id': number, 'ok': 1}))", "ok is not a boolean"),
        (
            "send(frame({'type': 'file', 'id': number, 'ok': True}, b'{\"bytes\":9}', b'x'))",
            None,
        ),
    ],
)
@pytest.mark.parametrize("during", [False, True])
def test_answers_that_nobody_asked_for(
    make: Make, does: str, message: str | None, during: bool
) -> None:
    """Between turns, and while a host function waits for the answer."""

    def use() -> int:
        return len(box.files["a"]) + len(box.files["b"])

    box = make(functions=[use])
    box.run(TWICE.format(does)).raise_for_status()
    with pytest.raises(GuestCrashed) as caught:
        if during:
            box.run("use()").raise_for_status()
        else:
            len(box.files["a"])
            box.run("1").raise_for_status()
    if message is not None:
        assert str(caught.value) == BROKEN + message
    assert not box.alive


def test_silence(make: Make) -> None:
    """A turn that is over without an answer, one that never ends, and a host function that asks."""
    box = make(limits=Limits(wall=2, host_wall=2))
    box.run(TWICE.format("pass")).raise_for_status()
    with pytest.raises(GuestFileError, match=r"^files\['a'\]: the guest did not answer$"):
        box.files["a"]
    box.run("def tell(number, request):\n    while True: pass\nagent.link.tell_file = tell")
    with pytest.raises(TimeLimitExceeded):
        box.files["a"]

    def use() -> str:
        with pytest.raises(
            GuestFileError, match="the turn that called this host function has ended"
        ):
            other.files["a"]
        return "late"

    other = make(functions=[use], limits=Limits(wall=2, host_wall=2))
    other.run(TWICE.format("pass")).raise_for_status()
    assert other.run("use()").limit == "host_wall"


# --- folders that are traps -------------------------------------------------------------------


@pytest.fixture
def open_guest() -> Iterator[ringfence.Sandbox]:
    """Without walls, a guest can make links and special files."""
    with SocketEngine().sandbox(limits=Limits(value="1MiB"), files={"d/f": b"inside"}) as box:
        yield box


def test_links_and_special_files(open_guest: ringfence.Sandbox) -> None:
    open_guest.run(
        "import os, socket\nos.symlink('/etc/passwd', 'link')\nos.symlink('/etc', 'way')\n"
        "os.mkfifo('fifo')\nos.symlink('self', 'self')\nos.symlink('d', 'there')\n"
        "s = socket.socket(socket.AF_UNIX); s.bind('sock')"
    ).raise_for_status()
    files = open_guest.files
    link = "is a symbolic link"
    special = "is no regular file"
    assert files.listing() == (
        {"d/f": 6},
        {"fifo": special, "link": link, "self": link, "sock": special, "there": link, "way": link},
    )
    reasons = {"link": "it is a symbolic link", "self": "it is a symbolic link",
               "fifo": "it is a FIFO", "sock": "it is a socket"}  # fmt: skip
    for name, reason in reasons.items():
        for use in (files.__getitem__, files.__delitem__, lambda n: files.update({n: b"x"})):
            with pytest.raises(GuestFileError) as caught:
                use(name)
            assert caught.value.reason == reason
    for name in ("way/passwd", "there/f"):
        for use in (files.__getitem__, files.__delitem__):
            with pytest.raises(KeyError):
                use(name)
        with pytest.raises(GuestFileError, match="is not a folder$"):
            files[name] = b"x"
    assert files["d/f"] == b"inside"


def test_a_folder_that_is_swapped_for_a_link(open_guest: ringfence.Sandbox) -> None:
    """A thread changes ``d`` into a link to the host's folder and back, as often as it can."""
    open_guest.run("""
import os, threading
os.mkdir("/tmp/" + os.path.basename(os.getcwd()) + "-out")
elsewhere = "/tmp/" + os.path.basename(os.getcwd()) + "-out"
open(elsewhere + "/f", "w").write("outside")
os.symlink(elsewhere, "trap")
stop = False
def swap():
    while not stop:
        os.rename("d", "kept"); os.rename("trap", "d")
        os.rename("d", "trap"); os.rename("kept", "d")
thread = threading.Thread(target=swap)
thread.start()
""").raise_for_status()
    seen: set[object] = set()
    for _ in range(300):
        try:
            seen.add(open_guest.files["d/f"])
            open_guest.files["d/f"] = b"inside"
        except (KeyError, GuestFileError):
            continue
    assert seen <= {b"inside", b""}
    left = open_guest.run(
        "stop = True\nthread.join()\nleft = open(elsewhere + '/f').read()\n"
        "os.unlink(elsewhere + '/f'); os.rmdir(elsewhere)\nleft"
    )
    assert left.value == "outside"


def test_a_petabyte(open_guest: ringfence.Sandbox) -> None:
    open_guest.run("open('big', 'wb').truncate(1 << 43)").raise_for_status()
    assert open_guest.files.sizes()["big"] == 1 << 43
    with pytest.raises(GuestFileError) as caught:
        open_guest.files["big"]
    assert caught.value.reason == (
        "it has 8,796,093,022,208 bytes; value=1,048,576 is the most that crosses"
    )


def test_a_file_that_grows_while_it_is_read(make: Make) -> None:
    box = make(limits=Limits(value="1MiB"))
    box.run("""
import os
real, grown = os.read, open("f", "ab", buffering=0)
def read(*arguments):
    data = real(*arguments)
    grown.write(bytes(300_000))
    return data
os.read = read
grown.write(b"x")
""").raise_for_status()
    with pytest.raises(GuestFileError, match="value=1,048,576 is the most that crosses$"):
        box.files["f"]
    assert box.run("1").value == 1


def test_a_million_files(make: Make) -> None:
    """More names than a listing may have; the folder goes on to work."""
    box = make(limits=Limits(files=20_000, value="1MiB", wall=60, cpu=60))
    code = "n = 0\ntry:\n    while True:\n        open(str(n), 'w').close()\n        n += 1\nexcept OSError:\n    pass\nn"
    assert 19_000 <= box.run(code).value <= 20_000
    with pytest.raises(GuestFileError, match="more than what crosses with value=1,048,576$"):
        box.files.listing()
    assert box.files["7"] == b""


def test_more_files_than_were_allowed() -> None:
    """Where nothing but the host counts."""
    with SocketEngine().sandbox(limits=Limits(files=10)) as box:
        box.run("import os\nfor n in range(6): os.mkdir(f'd{n}'); open(f'd{n}/f', 'w').close()")
        with pytest.raises(GuestFileError) as caught:
            len(box.files)
        assert caught.value.reason == "there are more than 10 files and folders"
        assert os.path.basename("d0/f") == "f"
