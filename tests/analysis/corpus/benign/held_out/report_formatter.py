# technique: none
# goal: a text table, with format strings and str.format_map

import datetime
import textwrap
from collections import ChainMap, OrderedDict
from string import Template


class Missing(dict):
    """What is not there is shown as a dash."""

    def __missing__(self, key):
        return "–"


COLUMNS = OrderedDict(
    name=("Name", "<{width}"), share=("Anteil", ">{width}.1%"), count=("Anzahl", ">{width},d")
)
HEAD = Template("$title — $date")
DEFAULTS = {"title": "Übersicht", "note": ""}


def _cell(value, spec, width):
    try:
        return format(value, spec.format(width=width))
    except (TypeError, ValueError):
        return f"{value!s:>{width}}"


def table(rows, *, width=10):
    """Rows (dicts) as aligned text."""
    lines = ["  ".join(f"{title:^{width}}" for title, _ in COLUMNS.values())]
    lines.append("  ".join("─" * width for _ in COLUMNS))
    for row in rows:
        shown = Missing(row)
        lines.append("  ".join(_cell(shown[key], spec, width) for key, (_, spec) in COLUMNS.items()))
    return "\n".join(lines)


def report(rows, **options):
    """A table with its head and a note."""
    settings = ChainMap(options, DEFAULTS)
    day = datetime.date(2024, 2, 29) if "date" not in settings else settings["date"]
    head = HEAD.safe_substitute(title=settings["title"], date=day)
    note = textwrap.fill(settings["note"], 40, initial_indent="* ", subsequent_indent="  ")
    return "\n".join(part for part in (head, table(rows), note) if part)


def sentence(template, values):
    """Fill names in braces; nothing else of the format language is taken."""
    for sign in ".[!:":
        if sign in template:
            raise ValueError(f"{sign} has no place in a template")
    return template.format_map(Missing(values))
