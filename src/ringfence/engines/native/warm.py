"""What an image has imported before the first guest: trusted code, jailed all the same."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterable

__all__ = ["SUBMODULES", "warm_packages", "warm_standard_library"]

_STANDARD = """
    abc argparse array ast asyncio base64 bisect calendar cmath codecs collections.abc colorsys
    concurrent.futures contextlib contextvars copy csv ctypes dataclasses datetime decimal difflib
    email.message encodings.ascii encodings.idna encodings.latin_1 enum fnmatch fractions functools
    graphlib gzip hashlib heapq hmac html html.parser importlib.metadata importlib.resources inspect
    io itertools json json.encoder json.tool linecache locale logging math mimetypes numbers
    operator pathlib pickle pprint queue random re reprlib sched secrets selectors shlex signal
    statistics string struct tempfile textwrap threading time timeit tokenize traceback types typing
    unicodedata unittest urllib.parse uuid warnings weakref xml.etree.ElementTree zipfile zlib
    zoneinfo _strptime _pydatetime _pydecimal
"""

_OPTIONAL = "bz2 lzma sqlite3 ssl"

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
        complete: also what has large shared libraries of its own; needed where the guest will have
            no path calls to import anything later.
    """
    for name in _STANDARD.split() + (_OPTIONAL.split() if complete else []):
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
