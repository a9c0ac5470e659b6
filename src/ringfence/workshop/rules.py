"""What a workshop's operator has decided."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a workshop takes submissions.

    Attributes:
        publish_clean: publish without a reviewer what the analysis finds clean, what passes all
            test cases, and what asks for nothing beyond the release before it and is of the same
            kind, for the same spec.
        review_own: reviewers may approve what they sent themselves.
        register: anybody may make an account that may publish.
        most_open: submissions of one account that something still happens to.
        most_names: names that one account may have.
        most_versions: versions of one account, published or under way, for ever: what is signed has
            an end, which is everybody's.
        token_days: how long a token holds where nothing else is asked for.
    """

    publish_clean: bool = False
    review_own: bool = False
    register: bool = False
    most_open: int = 20
    most_names: int = 200
    most_versions: int = 1_000
    token_days: int = 90
