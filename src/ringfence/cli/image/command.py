"""Building an image, step by step, or a wheel of one, and saying where it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.cli.image.needs import naming_wasmtime
from ringfence.errors import ConfigurationError

__all__ = ["FETCHED", "KINDS", "build", "fetch", "write_wheel"]

KINDS = ("wasi",)
"""The images that are built."""

FETCHED = ("micro", "pocketpy")
"""The images that are fetched ready-made."""

_STEPS = 9  # about: what was done before is left out


def build(kind: str, sources: Sequence[str], *, anew: bool) -> int:
    """Build an image if it is not there; gives the exit status.

    Args:
        kind: one of :data:`KINDS`.
        sources: ``NAME=PATH`` for each archive of the caller's.
        anew: build it even if it is there.

    Raises:
        ConfigurationError: an option is wrong.
        RingfenceError: it cannot be built.
    """
    _check(kind)
    given = dict(_parse(text) for text in sources)
    with naming_wasmtime():
        from ringfence.images.wasi.build import build_image
    from ringfence.images.cache import ImageCache

    with Activity(f"looking for the image {kind}") as activity:
        folder = build_image(ImageCache(), _teller(activity), given, anew=anew)
    sys.stdout.write(f"{folder}\n")
    return exits.OK


def fetch(kind: str, source: str | None, *, anew: bool) -> int:
    """Fetch an image if it is not there; gives the exit status.

    Args:
        kind: one of :data:`FETCHED`.
        source: a file of the caller's to take instead.
        anew: fetch it even if it is there.

    Raises:
        ConfigurationError: an option is wrong.
        RingfenceError: it cannot be had.
    """
    _check(kind, FETCHED, "fetched")
    from ringfence.images.cache import ImageCache

    fetch_image = _fetcher(kind)
    with Activity(f"looking for the image {kind}") as activity:
        given = None if source is None else Path(source)
        folder = fetch_image(ImageCache(), _teller(activity), given, anew=anew)
    sys.stdout.write(f"{folder}\n")
    return exits.OK


def _fetcher(kind: str) -> Callable[..., Path]:
    """What fetches an image."""
    if kind == "pocketpy":
        from ringfence.images.pocketpy.fetch import fetch_image as fetch_pocketpy

        return fetch_pocketpy
    with naming_wasmtime("wasi"):
        from ringfence.images.micro.fetch import fetch_image as fetch_micro

        return fetch_micro


def write_wheel(kind: str, folder: str) -> int:
    """Write the wheel of an image that was built; gives the exit status.

    Args:
        kind: one of :data:`KINDS`.
        folder: where it is put; made if it is not there.

    Raises:
        ConfigurationError: an option is wrong.
        RingfenceError: the image was not built, or the wheel cannot be written.
    """
    _check(kind)
    with naming_wasmtime():
        from ringfence.images.wasi.build import pack_image
    from ringfence import __version__
    from ringfence.images.cache import ImageCache

    with Activity(f"packing the image {kind}"):
        path = pack_image(ImageCache(), Path(folder), __version__)
    sys.stdout.write(f"{path}\n")
    return exits.OK


def _check(kind: str, kinds: tuple[str, ...] = KINDS, done: str = "built") -> None:
    if kind in kinds:
        return
    for others, command in ((KINDS, "build"), (FETCHED, "fetch")):
        if kind in others:
            raise ConfigurationError(
                f"image {kind!r} is not {done}: ringfence image {command} {kind}"
            )
    raise ConfigurationError(f"image {kind!r}: there are {', '.join(kinds)}")


def _parse(text: str) -> tuple[str, Path]:
    name, sign, path = text.partition("=")
    if not sign or not name or not path:
        raise ConfigurationError(f"--source {text}: write NAME=PATH")
    return name, Path(path)


def _teller(activity: Activity) -> Callable[[str], None]:
    """Shows each step as it begins: in the line that moves, or in a log as a line of its own."""
    begun = time.monotonic()
    count = 0

    def say(text: str) -> None:
        nonlocal count
        count += 1
        activity.say(text, min(0.99, count / _STEPS))
        if not sys.stderr.isatty():
            sys.stderr.write(f"{time.monotonic() - begun:5.0f} s  {text}\n")
            sys.stderr.flush()

    return say
