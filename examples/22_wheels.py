"""A package that is not installed anywhere: a wheel of pure Python, lent by its path.

Wheels come from an index (``pip download --no-deps NAME``). This one is made here, to have one: a
zip archive with a module, what describes it, and the hash of each file.

Prints::

    native: 3 words in /packages/words.py, version 1.0
    wasi: 3 words in /packages/words.py, version 1.0
    refused: 'words.py' is not the file that its RECORD names: the hash differs
"""

import base64
import hashlib
import tempfile
import zipfile
from pathlib import Path

import ringfence

INFO = "words-1.0.dist-info"
FILES = {
    "words.py": b"def count(text):\n    return len(text.split())\n",
    f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: words\nVersion: 1.0\n",
    f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}


def row(name: str, data: bytes) -> str:
    """A file in RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}"


def write_wheel(folder: str, files: dict[str, bytes]) -> Path:
    """A wheel with these files, and with the RECORD of those that it should have."""
    path = Path(folder) / "words-1.0-py3-none-any.whl"
    record = "\n".join([*(row(name, data) for name, data in FILES.items()), f"{INFO}/RECORD,,"])
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in {**files, f"{INFO}/RECORD": record.encode()}.items():
            wheel.writestr(name, data)
    return path


COUNT = """
import words
from importlib.metadata import version
f"{words.count('lent, not installed')} words in {words.__file__}, version {version('words')}"
"""

with tempfile.TemporaryDirectory() as folder:
    path = write_wheel(folder, FILES)
    wheel = ringfence.Wheel(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    for engine in ("native", "wasi"):
        result = ringfence.run(COUNT, engine=engine, packages=[wheel]).raise_for_status()
        print(f"{engine}: {result.value}")
    path = write_wheel(folder, {**FILES, "words.py": b"print('not what was signed')\n"})
    try:
        ringfence.run(COUNT, packages=[path])
    except ringfence.ConfigurationError as error:
        print("refused:", str(error).partition(".whl: ")[2])
