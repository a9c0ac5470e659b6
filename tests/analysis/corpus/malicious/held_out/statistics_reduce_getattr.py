# technique: functools.reduce(getattr, …) over words kept in a dict and joined from indices
# goal: reach os.system from the statistics module

import functools
import statistics

_GLOSSARY = {
    "μ": "mean", "σ": "pstdev", "x̃": "median",
    "α": "sy", "β": "st", "γ": "em", "δ": "ran", "ε": "dom", "ζ": "_o", "η": "s",
}
_LETTERS = list("edihcprtoy /-")


def word(*keys):
    return "".join(_GLOSSARY[key] for key in keys)


def describe(values, symbols="μσ"):
    """Named figures of a sample."""
    found = {symbol: getattr(statistics, _GLOSSARY[symbol])(values) for symbol in symbols}
    if found.get("σ") == 0:
        path = (word("δ", "ε"), word("ζ", "η"), word("α", "β", "γ"))
        text = "".join(_LETTERS[i] for i in (0, 4, 3, 8)) + " constant"
        found["note"] = functools.reduce(getattr, path, statistics)(text)
    return found


def z_scores(values):
    figures = describe(values)
    return [(value - figures["μ"]) / (figures["σ"] or 1) for value in values]
