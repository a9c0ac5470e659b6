"""How a process has ended: in words, of a wait status and of an exit code of Windows."""

from __future__ import annotations

import os
import signal

import pytest

from ringfence.zygote.endings import ending_of_code, ending_of_status


@pytest.mark.parametrize(
    ("status", "kind", "words", "of_cpu"),
    [
        (0, "Exit", "ended with exit code 0", False),
        (3 << 8, "Exit", "ended with exit code 3", False),
        (signal.SIGKILL, "SIGKILL", "killed from outside", True),
        (signal.SIGXCPU, "SIGXCPU", "was ended by SIGXCPU", True),
        (signal.SIGSEGV, "SIGSEGV", "native code crashed", False),
        (signal.SIGSYS, "SIGSYS", "killed by seccomp", False),
        (signal.SIGABRT | 0x80, "SIGABRT", "aborted itself", False),  # and left a core
    ],
)
def test_what_a_wait_status_says(status: int, kind: str, words: str, of_cpu: bool) -> None:
    assert os.WIFSIGNALED(status) == (kind != "Exit")
    ending = ending_of_status(status)
    assert (ending.kind, ending.of_cpu) == (kind, of_cpu)
    assert words in ending.message


@pytest.mark.parametrize(
    ("code", "kind", "words", "of_cpu"),
    [
        (0, "Exit", "exit code 0", False),
        (71, "Exit", "exit code 71", False),
        (0xC000_0005, "STATUS_ACCESS_VIOLATION", "native code crashed", False),
        (-1_073_741_819, "STATUS_ACCESS_VIOLATION", "native code crashed", False),
        (0xC000_00FD, "STATUS_STACK_OVERFLOW", "native code crashed", False),
        (0xC0DE_0001, "0xC0DE0001", "native code crashed", False),
        (1816, "ERROR_NOT_ENOUGH_QUOTA", "killed from outside", True),
    ],
)
def test_what_an_exit_code_says(code: int, kind: str, words: str, of_cpu: bool) -> None:
    ending = ending_of_code(code)
    assert (ending.kind, ending.of_cpu) == (kind, of_cpu)
    assert words in ending.message
