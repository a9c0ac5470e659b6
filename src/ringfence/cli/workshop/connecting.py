"""Reaching a workshop's service with a token."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.cli.workshop.homes import all_homes, choose_home
from ringfence.errors import ConfigurationError

if TYPE_CHECKING:
    from ringfence.workshop import WorkshopClient

__all__ = ["TOKEN", "connect"]

TOKEN = "RINGFENCE_WORKSHOP_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable that holds the token."""

_MOST = 1_000


def connect(url: str | None, token_file: Path | None, *, signed_in: bool) -> WorkshopClient:
    """A workshop's service.

    Args:
        url: of it; None for the only one that was added.
        token_file: a file with the token; None for the environment's.
        signed_in: whether what follows needs a token.

    Raises:
        ConfigurationError: there is no such workshop, or no token.
    """
    from ringfence.workshop import WorkshopClient

    token = None
    if signed_in:
        token = os.environ.get(TOKEN)
        if token_file is not None:
            try:
                with token_file.open(encoding="utf-8") as file:
                    token = file.read(_MOST).strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigurationError(f"--token-file: {error}") from error
        if not token:
            raise ConfigurationError(
                f"this needs a token of an account: set {TOKEN}, or give --token-file FILE"
            )
    if url is None or any(home.url == url.rstrip("/") for home in all_homes()):
        url = choose_home(url).url
    return WorkshopClient(url, token)
