"""Building an image, step by step, and saying where it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ringfence.cli import exits
from ringfence.cli.activity import Activity
from ringfence.errors import ConfigurationError

__all__ = ["KINDS", "build"]

KINDS = ("wasi",)
"""The images that there are."""

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
    if kind not in KINDS:
        raise ConfigurationError(f"image {kind!r}: there are {', '.join(KINDS)}")
    given = dict(_parse(text) for text in sources)
    try:
        from ringfence.images.wasi.build import build_image
    except ModuleNotFoundError as error:
        if error.name != "wasmtime":
            raise
        raise ConfigurationError(
            "this image needs Wasmtime: pip install 'ringfence[build]'"
        ) from None
    from ringfence.images.cache import ImageCache

    with Activity(f"looking for the image {kind}") as activity:
        folder = build_image(ImageCache(), _teller(activity), given, anew=anew)
    sys.stdout.write(f"{folder}\n")
    return exits.OK


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
