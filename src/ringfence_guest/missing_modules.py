"""What the import of a module says that is not here: Python's own words, and what to do instead."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["install_import_advice"]

_INTERNET = """
    aiohttp anthropic boto3 botocore grpc httplib2 httpx kafka openai paramiko psycopg psycopg2
    pycurl pymongo pymysql redis requests selenium urllib3 websocket websockets
"""
_INSTALLERS = "conda ensurepip pip pkg_resources setuptools uv venv virtualenv"
_SCREENS = "PyQt5 PyQt6 PySide6 _tkinter idlelib kivy pygame tkinter turtledemo wx"
_PACKAGES = """
    h5py jax jinja2 lxml matplotlib networkx nltk numba numpy openpyxl pandas plotly polars pyarrow
    pydantic pypdf pytz rich scipy seaborn shapely statsmodels sympy tabulate tensorflow torch tqdm
"""
_NOT_BUILT = (
    "the Python of this engine is built without it; `ringfence engines` shows which one has it"
)
_OTHER_NAMES = {
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Packages that ``packages=`` knows under another name than ``import``."""


def _collect(packages: bool) -> dict[str, str]:
    """What to do instead, by the module."""
    said = dict.fromkeys(
        _INTERNET.split(),
        "there is no network here: lend a host function that fetches what is needed",
    )
    said |= dict.fromkeys(
        _INSTALLERS.split(),
        "nothing is installed from here: make the sandbox with packages=[…]",
    )
    said |= dict.fromkeys(
        _SCREENS.split(), "there is no screen here: return a value, or display() a picture"
    )
    for name in (*_PACKAGES.split(), *_OTHER_NAMES):
        wanted = f"packages=['{_OTHER_NAMES.get(name, name)}']"
        said[name] = (
            f"it was not lent: make the sandbox with {wanted}"
            if packages
            else "it was not lent: make the sandbox with packages=['….whl'] if it is pure Python, "
            f"or use engine='native' with {wanted}"
        )
    return said


class _AdviceFinder:
    """The last one to be asked for a module: when it is, nobody has it.

    Args:
        packages: whether a sandbox of this engine can be made with packages by their names.
        whole: whether this Python has all of the standard library.
    """

    def __init__(self, packages: bool, whole: bool) -> None:
        self._advice = _collect(packages)
        self._whole = whole

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        # Only an import is told, not who asks whether there is such a module; and a program's own
        # finder behind this one may have it.
        if path is not None or sys.meta_path[-1] is not self:
            return
        if sys._getframe(2).f_code.co_name != "_find_and_load_unlocked":
            return
        advice = self._advice.get(name)
        if advice is None and not self._whole and name in sys.stdlib_module_names:
            advice = _NOT_BUILT
        if advice is not None:
            raise ModuleNotFoundError(f"No module named {name!r}: {advice}", name=name)

    # CPython leaves the frames of its import machinery out of the tracebacks of ImportErrors.
    find_spec.__code__ = find_spec.__code__.replace(co_filename="<frozen importlib._bootstrap>")


def install_import_advice(*, packages: bool, whole: bool = True) -> None:
    """Let the imports of modules that are not here say what to do instead; the others are as quick
    as before.

    Args:
        packages: whether a sandbox of this engine can be made with packages by their names.
        whole: whether this Python has all of the standard library.
    """
    sys.meta_path.append(_AdviceFinder(packages, whole))
