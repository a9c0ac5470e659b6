"""What an image has imported before the first guest: trusted code, jailed all the same."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterable

__all__ = ["SUBMODULES", "warm_packages", "warm_standard_library"]

_COMMON = """
    abc argparse ast asyncio base64 bisect calendar collections.abc contextlib contextvars copy
    dataclasses datetime encodings.ascii encodings.latin_1 enum functools heapq inspect io itertools
    json linecache logging math operator os pathlib pprint random re reprlib signal string struct
    textwrap threading time timeit tokenize traceback types typing urllib.parse warnings weakref
    _strptime
"""
# Every extension module is five mappings and some written pages, which every fork copies: what few
# programs use is left to be imported by those that do.

_COMPLETE = """
    array bz2 cmath codecs collections colorsys concurrent.futures csv ctypes decimal difflib
    email.message encodings.idna fnmatch fractions graphlib gzip hashlib hmac html html.parser
    importlib.metadata importlib.resources json.tool locale lzma mimetypes numbers pickle queue
    sched secrets selectors shlex sqlite3 statistics tempfile unicodedata unittest uuid
    xml.etree.ElementTree zipfile zlib zoneinfo _pydatetime _pydecimal
"""

SUBMODULES = {
    "numpy": "numpy.fft numpy.linalg numpy.ma numpy.polynomial numpy.random",
    "matplotlib": "matplotlib.pyplot matplotlib.backends.backend_agg ringfence_guest.figures",
    "scipy": "scipy.fft scipy.integrate scipy.interpolate scipy.linalg scipy.optimize "
    "scipy.sparse scipy.spatial scipy.special scipy.stats",
    "pandas": "pandas.plotting",
}
"""Parts of a package that programs use without importing them first, or that load lazily."""


def warm_standard_library(*, complete: bool) -> None:
    """Import what most programs import.

    Args:
        complete: everything that can be of use; needed where the guest will have no path calls to
            import anything later.
    """
    # asyncio would load OpenSSL for a network that guests do not have; it copes without.
    without_ssl = "ssl" not in sys.modules
    if without_ssl:
        sys.modules["ssl"] = None  # type: ignore[assignment]
    for name in _COMMON.split():
        importlib.import_module(name)
    if without_ssl:
        del sys.modules["ssl"]
    if complete:
        for name in _COMPLETE.split():
            with contextlib.suppress(ImportError):  # not in every build, not in every version
                importlib.import_module(name)


def warm_packages(names: Iterable[str]) -> None:
    """Import packages, and use those that set themselves up on first use.

    Raises:
        ImportError: one cannot be imported; the message is the package's own.
    """
    for name in names:
        importlib.import_module(name)
        for part in SUBMODULES.get(name, "").split():
            importlib.import_module(part)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.linalg.solve(numpy.eye(3), numpy.ones(3))
        numpy.fft.fft(numpy.ones(8))
        numpy.random.rand(3)
        numpy.sort(numpy.eye(64) @ numpy.eye(64))
