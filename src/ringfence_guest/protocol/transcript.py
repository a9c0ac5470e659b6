"""What a guest shows during a turn: text and displays, and what it is charged for them."""

from __future__ import annotations

import codecs

from ringfence_guest.protocol.budget import Budget, BudgetSpent
from ringfence_guest.protocol.messages import DisplayEvent, OutputEvent, ProgressEvent
from ringfence_guest.protocol.payloads import read_bundle
from ringfence_guest.protocol.report import Display, Output, Progress

__all__ = ["FRAME_COST", "MAX_DISPLAYS", "Transcript"]

FRAME_COST = 512
"""Bytes that any frame costs at least: a million one-byte frames is a flood, not a megabyte."""

MAX_DISPLAYS = 1_000
"""Displays in a turn."""

_SPARE_PAYLOAD = 65_536


class Transcript:
    """What was shown so far; ``output`` and ``display`` are the bytes charged.

    Args:
        budget: what the turn may use.
    """

    output = 0
    display = 0

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._text: dict[str, list[str]] = {}
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}
        self.displays: list[Display] = []

    def _charge(self, size: int) -> None:
        if self.output <= self._budget.output:  # what comes later is dropped, and costs nothing
            self.output += max(size, FRAME_COST)
        if self.output > self._budget.output:
            raise BudgetSpent("output")

    def print(self, event: OutputEvent) -> Output | None:
        """Add to stdout or stderr; None when no character is complete yet.

        Raises:
            BudgetSpent: it is more than may be printed.
        """
        self._charge(len(event.data))
        stream = event.stream
        decoder = self._decoders.get(stream)
        if decoder is None:
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._decoders[stream] = decoder
        text = decoder.decode(event.data)
        self._text.setdefault(stream, []).append(text)
        return Output(stream, text) if text else None

    def progress(self, event: ProgressEvent) -> Progress:
        """Pass on how far the guest is, which is charged as output.

        Raises:
            BudgetSpent: it is more than may be printed.
        """
        self._charge(len(event.message))
        return Progress(event.fraction, event.message)

    def show(self, event: DisplayEvent) -> Display:
        """Add a display.

        Raises:
            BudgetSpent: it is more than may be shown.
        """
        self.display += max(event.frame.size, FRAME_COST)
        if self.display > self._budget.display or len(self.displays) >= MAX_DISPLAYS:
            raise BudgetSpent("display")
        limit = 2 * self._budget.display + _SPARE_PAYLOAD
        display = Display(read_bundle(event.frame, limit))
        self.displays.append(display)
        return display

    def close(self) -> tuple[str, str]:
        """All of stdout and stderr; half a character at the end is replaced."""
        if not self._text:
            return "", ""
        for stream, decoder in self._decoders.items():
            self._text[stream].append(decoder.decode(b"", final=True))
        self._decoders = {}
        return "".join(self._text.get("stdout", ())), "".join(self._text.get("stderr", ()))
