"""Why an installed plugin can be believed: signed releases, and a client that verifies each load.

The Update Framework (https://theupdateframework.github.io/specification/latest/), on python-tuf and
Ed25519. See ``docs/workshop-trust.md``.
"""

from __future__ import annotations

from ringfence.workshop.signing.authoring import Expiry
from ringfence.workshop.signing.client import Client, Escalation
from ringfence.workshop.signing.fetching import Fetch
from ringfence.workshop.signing.release import Release, Status, version_key
from ringfence.workshop.signing.repository import Repository

__all__ = [
    "Client",
    "Escalation",
    "Expiry",
    "Fetch",
    "Release",
    "Repository",
    "Status",
    "version_key",
]
