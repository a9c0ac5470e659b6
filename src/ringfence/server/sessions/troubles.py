"""What goes wrong in a session's guest, as the problem that it is for a client."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ringfence.errors import ConfigurationError, GuestFailure, GuestFileError
from ringfence.server.problems import Problem

__all__ = ["file_problems", "guest_failed"]


@contextlib.contextmanager
def file_problems() -> Iterator[None]:
    """Around what is done with a guest's files.

    Raises:
        Problem: ``unknown``: there is none. ``malformed``: it is no name, or too large.
            ``not-enforceable``: the guest cannot do it.
    """
    try:
        yield
    except KeyError:
        raise Problem("unknown", "there is no file of this name in this session") from None
    except ConfigurationError as error:
        raise Problem("malformed", str(error)[:400]) from None
    except GuestFileError as error:
        raise Problem("not-enforceable", str(error)[:400]) from None
    except GuestFailure as error:
        raise guest_failed(error) from None


def guest_failed(error: GuestFailure) -> Problem:
    """The guest could not do what it was asked for."""
    said = str(error).partition("\n")[0][:300]
    return Problem("not-enforceable", f"the guest could not: {said}")
