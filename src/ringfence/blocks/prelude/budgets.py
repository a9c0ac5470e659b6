"""Budgets, and the names that everything else in the prelude begins from.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

__all__ = ["BUDGETS"]

BUDGETS = """
class OutOfBudget(Exception):
    pass

class PermissionError(Exception):
    pass

try:
    OverflowError
except NameError:
    class OverflowError(Exception):
        pass

_type, _str, _range, _round, _float, _int, _list = type, str, range, round, float, int, list
_pack, _records, _math, _len, _bool = struct.pack_into, records, math, len, bool
_state = [0, 0, 0, 0, 0, 0]  # steps, frames, numbers of records, records of texts, -, their numbers
_texts = []


def _begin():
    _state[0] = STEPS
    _state[1] = 1
    _state[2] = 0
    _state[3] = 0
    _state[5] = 0
    _texts.clear()
    if doubles is None:
        _drawn.clear()

def _tick():
    left = _state[0] - 1
    if left < 0:
        raise OutOfBudget("steps")
    _state[0] = left
    return True

def _turns(items):
    state = _state
    for one in items:
        left = state[0] - 1
        if left < 0:
            raise OutOfBudget("steps")
        state[0] = left
        yield one

def _enter():
    _tick()
    if _state[1] >= RECURSION:
        raise OutOfBudget("recursion")
    _state[1] += 1

def _leave(value):
    _state[1] -= 1
    return value

def _import(name):
    raise PermissionError("a block imports nothing: " + name[:100])

def __import__(name, *_):
    _import(name)

def print(*_):
    raise NameError("name 'print' is not defined")
"""
