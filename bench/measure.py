"""Timing: as the shipped command, ``ringfence bench``, does it."""

from __future__ import annotations

from ringfence.cli.bench.timing import Series, Subject, take_turns

__all__ = ["Series", "Subject", "take_turns"]
