"""Guest text on a terminal: nothing that a terminal obeys gets through."""

import sys
import unicodedata

import pytest

from ringfence.cli.escape import Escaper, escape, escape_line

# What terminals obey, by what it would do. Each is an attack that has been seen.
CORPUS = {
    "clear the screen": ("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
    "colours": ("\x1b[32mok\x1b[0m", "\\x1b[32mok\\x1b[0m"),
    "set the title (OSC 0)": ("\x1b]0;root@host\x07", "\\x1b]0;root@host\\x07"),
    "title, ended by ST": ("\x1b]2;x\x1b\\", "\\x1b]2;x\\x1b\\"),
    "set the clipboard (OSC 52)": ("\x1b]52;c;cm0gLXJmIH4K\x07", "\\x1b]52;c;cm0gLXJmIH4K\\x07"),
    "a link that lies (OSC 8)": ("\x1b]8;;http://a\x07b\x1b]8;;\x07", None),
    "report the title as input": ("\x1b[21t", "\\x1b[21t"),
    "report the cursor as input": ("\x1b[6n", "\\x1b[6n"),
    "device control (DECRQSS)": ("\x1bP$qm\x1b\\", "\\x1bP$qm\\x1b\\"),
    "DECUDK: program the keys": ("\x1bP1;1|17/726d\x1b\\", None),
    "application program command": ("\x1b_Gf=100;\x1b\\", None),
    "privacy message": ("\x1b^x\x1b\\", "\\x1b^x\\x1b\\"),
    "full reset": ("\x1bc", "\\x1bc"),
    "8-bit CSI": ("\x9b2J", "\\x9b2J"),
    "8-bit OSC": ("\x9d0;x\x9c", "\\x9d0;x\\x9c"),
    "8-bit DCS": ("\x90q\x9c", "\\x90q\\x9c"),
    "alternate screen": ("\x1b[?1049h", "\\x1b[?1049h"),
    "bracketed paste": ("\x1b[200~ls\n\x1b[201~", "\\x1b[200~ls\n\\x1b[201~"),
    "shift out": ("\x0e\x0f", "\\x0e\\x0f"),
    "bell": ("\x07", "\\x07"),
    "backspaces": ("safe\b\b\b\bevil", "safe\\x08\\x08\\x08\\x08evil"),
    "overwrite the line": ("rm -rf /\recho hello", "rm -rf /\\x0decho hello"),
    "vertical tab and form feed": ("a\vb\fc", "a\\x0bb\\x0cc"),
    "NUL and DEL": ("a\0b\x7f", "a\\x00b\\x7f"),
    "next line (C1)": ("a\x85b", "a\\x85b"),
    "trojan source (RLO)": ("user\u202e \u2066// admin\u2069", None),
    "right-to-left mark": ("a\u200fb", "a\\u200fb"),
    "arabic letter mark": ("a\u061cb", "a\\u061cb"),
    "zero width space": ("goo\u200bgle", "goo\\u200bgle"),
    "byte order mark": ("\ufeffx", "\\ufeffx"),
    "line separator": ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
    "ASCII in tags": ("x\U000e0041\U000e0042", "x\\U000e0041\\U000e0042"),
    "half a surrogate pair": ("a\ud800b", "a\\ud800b"),
    "interlinear annotation": ("\ufff9a\ufffb", "\\ufff9a\\ufffb"),
}

# Format characters that are part of how a script or an emoji is written.
HARMLESS_FORMAT = {
    0x200C, 0x200D,  # joiners
    *range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2,  # visible marks of Arabic and Syriac
    0x110BD, 0x110CD,  # visible marks of Kaithi
    *range(0x13430, 0x13440),  # joiners of Egyptian hieroglyphs
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_nothing_that_a_terminal_obeys_gets_through(name: str) -> None:
    attack, shown = CORPUS[name]
    escaped = escape(attack)
    if shown is not None:
        assert escaped == shown
    assert all(character in "\t\n" or is_plain(character) for character in escaped)


def is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs", "Cf", "Zl", "Zp")


def test_every_control_format_and_separator_character_is_written_out() -> None:
    kept = {
        code
        for code in range(sys.maxunicode + 1)
        if not is_plain(chr(code)) and escape(chr(code)) == chr(code)
    }
    assert kept <= {0x09, 0x0A} | HARMLESS_FORMAT
    assert {0x09, 0x0A, 0x200C, 0x200D} <= kept


@pytest.mark.parametrize(
    "text",
    [
        "plain\ttext\n",
        "Zoë naïve — “quotes” …",
        "日本語 한국어 עברית e\u0301",
        "\U0001f469\u200d\U0001f467 ✓ 1 °C",
        "line\r\nline\r\n",
    ],
)
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


def test_text_that_must_stay_on_its_line() -> None:
    assert escape_line("a\nb\tc\r\n") == "a\\x0ab\\x09c\\x0d\\x0a"
    assert escape_line("x" * 20, 5) == "xxxxx…"
    assert escape_line("x" * 5, 5) == "xxxxx"


def test_a_line_end_may_be_cut_in_two() -> None:
    escaper = Escaper()
    assert [escaper.feed("a\r"), escaper.feed("\nb\r"), escaper.feed("c\r")] == [
        "a",
        "\r\nb",
        "\\x0dc",
    ]
    assert escaper.end() == "\\x0d"
    assert escaper.end() == ""


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("name", CORPUS)
def test_pieces_are_escaped_like_the_whole(name: str, size: int) -> None:
    attack = CORPUS[name][0]
    escaper = Escaper()
    pieces = [attack[at : at + size] for at in range(0, len(attack), size)]
    assert "".join(map(escaper.feed, pieces)) + escaper.end() == escape(attack)
