"""What typed lines mean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.cli.repl.lines import Command, blocks, is_command, needs_more, read_command
from ringfence.errors import ConfigurationError


@pytest.mark.parametrize(
    "text",
    [
        "def f():",
        "def f():\n    return 1",
        "if x:\n    a\nelse:",
        "@decorated",
        "@decorated\ndef f(): pass",
        "x = '''a",
        "f(1,",
        "x = 1 + \\",
        "try:\n    x",
        "for x in y:\n    pass",
        "async with a as b:\n    pass",
    ],
)
def test_wants_another_line(text: str) -> None:
    assert needs_more(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "await f()",
        "# a comment",
        "def f():\n    return 1\n",
        "def f():\n    return 1\n    ",
        "for i in x: print(i)",
        "x = '''a\n    b'''",
        "f(1,\n2)",
        "f(1))",
        "x = 'a",
        "if 1:\nx",
        "%save (",
        "(" * 5_000,
        "x = 1\0",
    ],
)
def test_is_handed_over(text: str) -> None:
    assert not needs_more(text)


def test_looking_at_a_block_warns_of_nothing_and_runs_nothing(
    recwarn: pytest.WarningsRecorder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not needs_more(r"print('\d'); 1 is 1")
    assert list(blocks([r"print('\d'); 1 is 1"])) == [r"print('\d'); 1 is 1"]
    assert not recwarn.list
    assert capsys.readouterr() == ("", "")


TEXT = '''\
x = 1
# about f

def f(a):
    b = a

# in column 0
    return b
f(x)
if x:
    1
elif f:
    2
else:
    3
%save "a b" c
text = """
%files

x = 2
"""
for i in x: i
@f
class A: pass
f(
  1
)
1 +
try:
    x
x
def g():
    %vars
'''


def test_a_text_is_cut_into_blocks() -> None:
    expected = [
        "x = 1",
        "def f(a):\n    b = a\n\n# in column 0\n    return b",
        "f(x)",
        "if x:\n    1\nelif f:\n    2\nelse:\n    3",
        '%save "a b" c',
        'text = """\n%files\n\nx = 2\n"""',
        "for i in x: i",
        "@f\nclass A: pass",
        "f(\n  1\n)",
        "1 +",
        "try:\n    x\nx",
        "def g():\n    %vars",
    ]
    assert list(blocks(TEXT.splitlines(keepends=True))) == expected
    assert list(blocks(TEXT.replace("\n", "\r\n").splitlines(keepends=True))) == expected


def test_a_statement_is_given_before_the_next_line_is_read() -> None:
    read: list[str] = []

    def source() -> Iterator[str]:
        for line in ("x = 1", "y = 2"):
            read.append(line)
            yield line

    assert next(blocks(source())) == "x = 1"
    assert read == ["x = 1"]


def test_what_is_not_finished_is_given_at_the_end() -> None:
    assert list(blocks(["def f():"])) == ["def f():"]
    assert list(blocks(["x = '''", "a"])) == ["x = '''\na"]
    assert list(blocks(["", "# only", "  "])) == []


def test_commands() -> None:
    assert is_command("%x")
    assert is_command("  %x")
    assert not is_command("a % b")
    assert read_command("  %save 'a b' --key c\n") == Command("save", ("a b", "--key", "c"))
    assert read_command("%") == Command("", ())
    with pytest.raises(ConfigurationError, match="cannot be read: No closing quotation"):
        read_command("%save 'a")
