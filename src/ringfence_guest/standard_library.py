"""What an image has imported of the standard library before the first guest."""

from __future__ import annotations

import contextlib
import importlib
import sys

__all__ = ["warm_standard_library"]

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
    sched secrets selectors shlex sqlite3 ssl statistics tempfile unicodedata unittest uuid
    xml.etree.ElementTree zipfile zlib zoneinfo _pydatetime _pydecimal
"""


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
