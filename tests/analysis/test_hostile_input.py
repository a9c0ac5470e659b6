"""Texts that are made to break whoever reads them: each is a finding, none an exception."""

from __future__ import annotations

import random

import pytest

from ringfence.plugins import analysis
from tests.analysis.corpus import samples


def report(data: bytes) -> analysis.Report:
    return analysis.analyze_files({"plugin.py": data})


def rules(data: bytes) -> set[str]:
    return {one.rule for one in report(data).findings}


TOO_LARGE = {
    "unary": b"x = " + b"-" * 100_000 + b"1\n",
    "not": b"x = " + b"not " * 100_000 + b"1\n",
    "lambda": b"x = " + b"lambda: " * 50_000 + b"1\n",
    "brackets": b"x = " + b"(" * 100_000,
    "attributes": b"a" + b".b" * 100_000 + b"\n",
    "calls": b"a" + b"()" * 60_000 + b"\n",
    "additions": b"x = 1" + b" + 1" * 100_000 + b"\n",
    "conditions": b"x = " + b"1 if 1 else " * 50_000 + b"1\n",
    "powers": b"x = " + b"2 ** " * 50_000 + b"1\n",
    "elif": b"if x:\n pass\n" + b"elif x:\n pass\n" * 20_000,
    "a million lines": b"0\n" * 1_000_000,
    "a million newlines": b"\r" * 1_000_000,
    "many words": b"x = [" + b"1, " * 300_000 + b"]\n",
    "many bytes": b"x = '" + b"a" * 3_000_000 + b"'\n",
    "depth within bounds of the parser": b"x = a" + b"[0]" * 190 + b"\n",
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_told(name: str) -> None:
    found = report(TOO_LARGE[name])
    assert "RF922" in {one.rule for one in found.findings}
    assert found.verdict == "refuse"


UNREADABLE = {
    "null": b"x = 1\0\n",
    "no UTF-8": b"x = '\xff\xfe'\n",
    "half a character": b"x = '\xc3",
    "surrogate": b"x = '\xed\xa0\x80'\n",
    "huge integer": b"x = " + b"9" * 5_000 + b"\n",
    "half a string": b"x = '''abc\n",
    "tabs and spaces": b"if x:\n\ty = 1\n        z = 2\n",
    "no Python": b"\x7fELF\x01\x02\x03",
    "nested formats": b"f'" + b"{" * 20_000,
    "Python 2": b"print 'x'\n",
    "wrong brackets": b"(" * 150 + b"]" * 150,
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_parsed_is_told(name: str) -> None:
    assert rules(UNREADABLE[name]) & {"RF921", "RF922"}


@pytest.mark.parametrize(
    "cookie", ["utf-7", "utf-16", "rot13", "unicode_escape", "no-such", "cp037"]
)
def test_an_encoding_that_hides_code_is_refused(cookie: str) -> None:
    data = f"# coding: {cookie}\n# +AG8AcwA-\n".encode()
    assert rules(data) == {"RF905"}
    assert report(data).verdict == "refuse"
    assert rules(b"#!/x\n" + data) == {"RF905"}


def test_a_cookie_counts_where_python_looks_for_it() -> None:
    assert rules(b"x = 1\n# coding: utf-7\n") == set()
    assert rules(b"\n\n# coding: utf-7\n") == set()
    assert rules(b"# vim: set fileencoding=utf-7 :\n") == {"RF905"}
    assert rules(b"# coding: latin-1\nx = 1\n") == set()


def test_latin_1_is_read_as_latin_1() -> None:
    found = report(b"# coding: latin-1\nx = 'h\xf6he'\nopen(x)\n")
    assert [(one.rule, one.severity) for one in found.findings] == [
        ("RF905", "warning"),
        ("RF801", "error"),
    ]


def test_marks_of_bytes_and_pages_are_no_trouble() -> None:
    assert rules(b"\xef\xbb\xbfx = 1\n") == set()
    assert rules(b"x = 1\n\x0c\ny = 2\n") == set()
    assert rules(b"x = 1\r\ny = 2\r\n") == set()
    assert rules(b"") == set()
    (one,) = report(b"\xef\xbb\xbfx = 1\n\x0c\nopen(x)\r\n").findings
    assert (one.rule, one.line, one.column) == ("RF801", 3, 1)


def test_a_lone_carriage_return_hides_a_line_and_is_told() -> None:
    assert "RF906" in rules(b"x = 1  # harmless\ropen('x')\ny = 2\n")


def test_a_huge_hexadecimal_number_is_only_a_number() -> None:
    assert rules(b"x = 0x" + b"f" * 100_000 + b"\ny = x * 2 + x\n") == set()


def test_what_takes_too_many_steps_is_told() -> None:
    lines = [f"def f{n}(a):\n    return f{n + 1}(a + 'x') + f{n + 2}('y' + a)" for n in range(40)]
    calls = [f"f{n}('{m}')" for n in range(38) for m in range(120)]
    found = report("\n".join([*lines, *calls]).encode())
    assert "RF923" in {one.rule for one in found.findings}
    assert found.verdict == "refuse"


CIRCLES = {
    "names": "a = b\nb = c\nc = a\na()\n",
    "itself": "a = a\na.b.c()\n",
    "functions": "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nf('a')\n",
    "grows": "a = 'x'\na = a + a\na = a + a\ngetattr(1, a)\n",
    "long circle": "".join(f"a{n} = a{(n + 1) % 2000} + a{n * 7 % 2000}\n" for n in range(2_000)) + "a0()\n",
    "long chain": "".join(f"a{n} = a{n - 1}\n" for n in range(1, 3_000)) + "a2999()\n",
    "lambda": "f = lambda x: f(f(x))\nf('a')\n",
    "class": "class A:\n    a = A\n    b = a.b\nA.a.b.a()\n",
    "comprehension": "x = [x for x in x]\n''.join(x)\n",
}  # fmt: skip


@pytest.mark.parametrize("name", CIRCLES)
def test_circles_end(name: str) -> None:
    assert report(CIRCLES[name].encode()).verdict in ("clean", "review")


BOMBS = {
    "repetition": "x = 'a' * 10 ** 6 * 10 ** 3\n",
    "format": "x = '%999999999d' % 1\n",
    "replacement": "x = ('a' * 60000).replace('a', 'b' * 60000)\n",
    "join": "x = ('a' * 60000).join(['b'] * 4000)\n",
    "shift": "x = 1 << 1 << 60 << 10 ** 9\n",
    "zlib": "import zlib\nx = zlib.decompress(bytes.fromhex('789c') + b'\\0' * 9)\n",
    "int": "x = int('9' * 5000)\n",
    "range": "x = list(range(10 ** 8))\n",
    "bytes": "x = bytes(10 ** 7)\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_nothing_is_computed_that_is_large(name: str) -> None:
    report(BOMBS[name].encode())


def test_the_report_is_bounded() -> None:
    found = report(b"open('x')\n" * 3_000)
    assert len(found.findings) == analysis.MOST_FINDINGS
    assert found.left_out == 3_000 - analysis.MOST_FINDINGS
    assert found.verdict == "refuse"


def test_a_message_is_one_line_of_ascii() -> None:
    name = "a\u202e\x1b[2J\n" * 50
    files = {"m.py": f"getattr(x, {name!r} + '')\n__import__({name!r} + 'b')\n".encode()}
    for one in analysis.analyze_files(files).findings:
        assert one.message.isascii()
        assert one.message.isprintable()
        assert len(one.message) < 200


def test_nothing_of_it_is_run(tmp_path: object) -> None:
    import sys

    before = set(sys.modules)
    source = b"raise SystemExit\n__import__('antigravity')\nimport this\n"
    files = {"__init__.py": source, "this.py": source, "sitecustomize.py": source}
    analysis.analyze_files(files)
    assert not {"antigravity", "this"} & (set(sys.modules) - before)


def test_damaged_code_is_read_or_refused() -> None:
    chance = random.Random(20)
    sources = [one.data for one in samples("malicious", "training")]
    pieces = [
        b"(",
        b'"',
        b"'''",
        b"\\",
        b"\n",
        b"lambda x:",
        b":=",
        b"async ",
        b"\0",
        b"\xe2\x80\xae",
    ]
    for _ in range(400):
        data = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    del data[place : place + chance.randint(1, 40)]
                case 2:
                    data[place:place] = chance.choice(sources)[: chance.randint(1, 200)]
                case _:
                    data[place:place] = chance.choice(pieces)
        found = report(bytes(data))
        assert analysis.to_sarif(found).isascii()
        assert analysis.to_json(found).isascii()
