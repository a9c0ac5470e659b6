"""Texts that people send, which others will read."""

from __future__ import annotations

from ringfence.errors import WorkshopRefused

__all__ = ["check_text"]


def check_text(text: str, what: str, *, longest: int) -> str:
    """A text of one line that can be seen, if it is one.

    Args:
        text: what was sent.
        what: what it is meant for, for people.
        longest: characters.

    Raises:
        WorkshopRefused: it is empty, too long, or has characters that cannot be seen.
    """
    if not text.strip() or len(text) > longest or not text.isprintable():
        raise WorkshopRefused(
            "malformed", f"{what} is one line of 1 to {longest} characters that can be seen"
        )
    return text
