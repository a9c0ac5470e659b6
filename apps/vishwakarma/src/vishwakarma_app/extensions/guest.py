"""What every extension finds in its guest: the API, the drawing library, and protobuf."""

from __future__ import annotations

import atexit
import base64
import functools
import hashlib
import importlib.metadata
import shutil
import tempfile
import zipfile
from pathlib import Path

import ringfence

__all__ = ["guest_modules", "protobuf_wheel"]

_PACKAGES = ("vishwakarma", "vishwakarma_api", "vishwakarma_drawing")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@functools.cache
def guest_modules() -> dict[str, str]:
    """Dotted names and sources of the packages that extensions import."""
    root = Path(__file__).parent.parent.parent
    found = {}
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = path.read_text(encoding="utf-8")
    return found


@functools.cache
def protobuf_wheel() -> ringfence.Wheel:
    """The Python part of the installed protobuf, as a wheel, which every engine takes.

    What is installed may bring compiled code as well; its implementation in Python is always
    there, and is all that a guest uses. The same content makes the same bytes: Ringfence keeps what
    it made of them.
    """
    distribution = importlib.metadata.distribution("protobuf")
    version = distribution.version
    info = f"protobuf-{version}.dist-info"
    files = {
        str(one): Path(str(one.locate())).read_bytes()
        for one in distribution.files or ()
        if str(one).startswith("google/protobuf/") and one.suffix == ".py"
    }
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: protobuf\nVersion: {version}\n".encode()
    )
    files[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: vishwakarma\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    record = "".join(_row(name, data) for name, data in sorted(files.items()))
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder = tempfile.mkdtemp(prefix="vishwakarma-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / f"protobuf-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in sorted(files.items()):
            wheel.writestr(zipfile.ZipInfo(name, _LONG_AGO), data)
    return ringfence.Wheel(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def _row(name: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"
