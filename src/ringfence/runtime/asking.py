"""Getting an answer about a file: from the turn that runs, or in a turn of its own.

A running turn is asked first. It answers when the guest next reads what the host says, that is
when it waits. If it ends before, the guest has not done what was asked, and is asked anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ringfence.errors import GuestFileError, SandboxBusy, SandboxClosed
from ringfence.model import Result
from ringfence.runtime.questions import Asked, AsyncAsked, SyncAsked
from ringfence.runtime.request import Request, file_request
from ringfence.runtime.session import Session, driving
from ringfence.runtime.shell_sync import SyncShell
from ringfence.runtime.turnstile import BUSY, Turnstile
from ringfence_guest.protocol.turn import FileAnswer, FileQuestion, Turn

if TYPE_CHECKING:
    from ringfence.runtime.shell_async import AsyncShell
    from ringfence.runtime.turnstile_async import AsyncTurnstile

__all__ = ["ask", "ask_async"]

Begin = Callable[[Request], Turn]

_PATIENCE = 0.01
"""Seconds to wait for a turnstile whose holder has no turn running: it has one in a moment."""


def ask(
    question: FileQuestion,
    session: Session,
    shell: SyncShell,
    turnstile: Turnstile,
    begin: Begin,
) -> FileAnswer:
    """Ask, from any thread, and wait for the answer.

    Raises:
        SandboxBusy: this thread has a turn open, and is in none of its host functions.
        SandboxClosed: the guest has ended.
        GuestFileError: the turn of this host function has ended.
        GuestFailure: the guest failed while it tried.
    """
    asked = SyncAsked(question)
    try:
        while True:
            _check_guest(session)
            if turnstile.is_mine and not shell.inside:
                raise SandboxBusy(BUSY)
            if shell.ask(asked):
                if asked.answer is not None:
                    return asked.answer
                continue
            _check_inside(session, question)
            if turnstile.acquire(_PATIENCE):
                try:
                    _check_guest(session)
                    turn = begin(file_request(question, session.limits))
                    shell.expect(turn, asked)
                    for _ in shell.drive(turn):
                        pass
                    return _answer(asked, session.finish(turn, None))
                finally:
                    turnstile.release()
    finally:
        asked.unwanted = True


async def ask_async(
    question: FileQuestion,
    session: Session,
    shell: AsyncShell,
    turnstile: AsyncTurnstile,
    begin: Begin,
) -> FileAnswer:
    """:func:`ask`, awaited by a task."""
    import asyncio

    asked = AsyncAsked(question)
    try:
        while True:
            _check_guest(session)
            turnstile.refuse_holder()
            if await shell.ask(asked):
                if asked.answer is not None:
                    return asked.answer
                continue
            _check_inside(session, question)
            try:
                async with asyncio.timeout(_PATIENCE):
                    await turnstile.acquire()
            except TimeoutError:
                continue
            try:
                _check_guest(session)
                turn = begin(file_request(question, session.limits))
                shell.expect(turn, asked)
                async for _ in shell.drive(turn):
                    pass
                return _answer(asked, session.finish(turn, None))
            finally:
                turnstile.release()
    finally:
        asked.unwanted = True


def _check_guest(session: Session) -> None:
    if session.belongs_here and not session.alive:
        raise SandboxClosed(
            "the guest of this sandbox has ended, and its scratch files with it; make a new sandbox"
        )


def _check_inside(session: Session, question: FileQuestion) -> None:
    """Refuse a host function that has outlived its turn: what it was lent for is over."""
    if session.number in driving.get():
        raise GuestFileError(question.name, "the turn that called this host function has ended")


def _answer(asked: Asked, result: Result) -> FileAnswer:
    """What a turn that only asked has brought."""
    if asked.answer is None or result.status == "crashed":  # then nothing it said is worth much
        result.raise_for_status()
        raise GuestFileError(asked.question.name, "the guest did not answer")
    return asked.answer
