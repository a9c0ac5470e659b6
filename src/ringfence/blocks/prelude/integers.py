"""Guards of operations that would make something huge, or wrap.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

__all__ = ["OF_64_BITS", "UNBOUNDED"]

UNBOUNDED = """
def _bits(number):
    digits = "%x" % abs(number)
    first = _int(digits[0], 16)
    return 4 * _len(digits) - (4 if first == 0 else 3 if first < 2 else 2 if first < 4 else
        1 if first < 8 else 0)

def _multiply(left, right):
    left, right = _number_of(left), _number_of(right)
    if _is_number(left) and _is_number(right):
        if _type(left) is not _float and _type(right) is not _float:
            if _bits(left) + _bits(right) > 4096:
                raise OverflowError("the product has more than 4096 bits")
    else:
        items, times = (right, left) if _type(left) in (_int, _bool) else (left, right)
        if _type(items) in (_list, tuple, _str) and _type(times) in (_int, _bool):
            if _len(items) * times > 100000:
                raise OverflowError("the repetition has more than 100000 items")
    return left * right

def _power(base, exponent):
    base, exponent = _number_of(base), _number_of(exponent)
    if not _is_number(base) or not _is_number(exponent):
        raise TypeError("** is for numbers")
    if _type(base) is not _float and _type(exponent) is not _float and exponent > 0:
        if _bits(base) * exponent > 4096:
            raise OverflowError("the power has more than 4096 bits")
    return base ** exponent

def _shift(value, places):
    value, places = _number_of(value), _number_of(places)
    if _type(value) in (_int, _bool) and _type(places) in (_int, _bool):
        if _bits(value) + places > 4096:
            raise OverflowError("the number has more than 4096 bits")
    return value << places

def _modulo(left, right):
    if not _is_number(left):
        raise TypeError('% is for numbers; write an f-string: f"{value:.2f}"')
    return left % right
"""

OF_64_BITS = """
def _overflow():
    raise OverflowError("this engine's ints have 64 bits; write a float")

def _whole(value):
    return _type(value) is _int

def _add(left, right):
    result = left + right
    if _whole(left) and _whole(right):
        if (left >= 0) == (right >= 0) and (result >= 0) != (left >= 0):
            _overflow()
    return result

def _in_place(left, right):
    if _type(left) is _list:
        left.extend(right)
        return left
    return _add(left, right)

def _subtract(left, right):
    result = left - right
    if _whole(left) and _whole(right):
        if (left >= 0) != (right >= 0) and (result >= 0) != (left >= 0):
            _overflow()
    return result

def _multiply(left, right):
    left, right = _number_of(left), _number_of(right)
    if _whole(left) and _whole(right):
        result = left * right
        if left == -1 or right == -1:
            return result
        if left != 0 and (result // left != right or result % left != 0):
            _overflow()
        return result
    items, times = (right, left) if _whole(left) else (left, right)
    if _type(items) in (_list, tuple, _str) and _whole(times):
        if times > 100000 or _len(items) * times > 100000:
            raise OverflowError("the repetition has more than 100000 items")
    return left * right

def _power(base, exponent):
    if not _is_number(base) or not _is_number(exponent):
        raise TypeError("** is for numbers")
    if _whole(base) and _whole(exponent) and exponent >= 0:
        if base in (0, 1, -1):
            return 1 if exponent == 0 or (base == -1 and exponent % 2 == 0) else base
        if exponent > 63:
            _overflow()
        result = 1
        for _ in _range(exponent):
            result = _multiply(result, base)
        return result
    return base ** exponent

def _shift(value, places):
    if _whole(value) and _whole(places):
        if places > 62 or (value << places) >> places != value:
            _overflow()
    return value << places

def _modulo(left, right):
    if not _is_number(left):
        raise TypeError('% is for numbers; write an f-string: f"{value:.2f}"')
    return left % right

def _fits(value):
    if _type(value) is _float and not -9.2e18 < value < 9.2e18:
        if value - value == 0.0:
            _overflow()
        raise ValueError("cannot convert float NaN or infinity to integer")
    return value

range = _range
_floor_, _ceil_ = _math.floor, _math.ceil

def _floor(value):
    return _floor_(_fits(value))

def _ceil(value):
    return _ceil_(_fits(value))

def _trunc_(value):
    return _int(_fits(value))

Math.floor, Math.ceil, Math.trunc = _floor, _ceil, _trunc_

_round_ = round

def round(number, ndigits=None):
    if ndigits is None:
        _fits(number)
    return _round_(number, ndigits)

def int(value=0, base=10):
    if _type(value) is _str:
        return _int(value.strip(), base)
    return _int(_fits(_number_of(value)))
"""
