"""``ringfence analyze``: what a plugin's text shows, on a terminal or in a file."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from rich.text import Text

from ringfence.cli import exits
from ringfence.cli.escape import escape_line
from ringfence.cli.tables import make_console
from ringfence.errors import ConfigurationError
from ringfence.plugins import Bundle, analysis
from ringfence.plugins.bundle import MOST_BYTES
from ringfence.system.opening import FOLLOWING

__all__ = ["analyze_path"]

_FORMS: Mapping[str, Callable[[analysis.Report], str]] = {
    "text": analysis.to_text,
    "json": analysis.to_json,
    "sarif": analysis.to_sarif,
}
_STATUS: Mapping[str, int] = {"clean": exits.OK, "review": exits.REVIEW, "refuse": exits.REFUSED}
_STYLES: Mapping[str, str] = {
    "error": "bold red", "warning": "yellow", "note": "cyan",
    "refuse": "bold red", "review": "yellow", "clean": "green",
}  # fmt: skip


def analyze_path(
    path: str, form: str, output: str | None, packages: Iterable[str], grants: Iterable[str]
) -> int:
    """Analyse what is there and print or write the report; gives the exit status.

    Raises:
        ConfigurationError: an option is wrong, there is no plugin, or the file cannot be written.
    """
    write = _FORMS.get(form)
    if write is None:
        raise ConfigurationError(f"--format: {form!r} is none of {', '.join(_FORMS)}")
    report = _report(Path(path), packages, grants)
    if output is not None:
        try:
            Path(output).write_text(write(report), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise ConfigurationError(
                f"--output: {output!r} cannot be written: {error.strerror}"
            ) from None
    elif form == "text":
        _print(write(report))
    else:
        sys.stdout.write(write(report))  # ASCII
    return _STATUS[report.verdict]


def _report(path: Path, packages: Iterable[str], grants: Iterable[str]) -> analysis.Report:
    if path.suffix == ".py" and not path.is_dir():
        files = {path.name: _read(path)}
        return analysis.analyze_files(files, packages=packages, grants=grants)
    bundle = Bundle.of_folder(path) if path.is_dir() else Bundle.unpack(_read(path))
    return analysis.analyze_files(bundle.files, bundle.manifest, packages=packages, grants=grants)


def _read(path: Path) -> bytes:
    """A file's content, not more than a bundle may have and a byte."""
    try:
        descriptor = os.open(path, os.O_RDONLY | FOLLOWING)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, which Path cannot open
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ConfigurationError(f"{str(path)!r} is no file")
            return file.read(2 * MOST_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{str(path)!r} cannot be read: {error.strerror}") from None


def _print(text: str) -> None:
    """A text on a terminal: what is in it of the guest's is written out, line by line."""
    console = make_console()
    for line in text.splitlines():
        shown = Text(escape_line(line, 2_000))
        _colour(shown)
        console.print(shown, soft_wrap=not console.is_terminal)


def _colour(line: Text) -> None:
    if line.plain.startswith("verdict   "):
        word = line.plain[10:].partition(":")[0]
        line.stylize(_STYLES.get(word, ""), 10, 10 + len(word))
    elif line.plain.startswith("    "):
        line.stylize("dim")
    else:
        for word in ("error", "warning", "note"):
            start = line.plain.find(f": {word} RF")
            if start >= 0:
                line.stylize(_STYLES[word], start + 2, start + 2 + len(word))
                return
