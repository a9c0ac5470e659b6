"""What ``math`` is, as CPython computes it where that can be.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

__all__ = ["MATHEMATICS"]

MATHEMATICS = '''
def _is_number(value):
    kind = _type(value)
    return kind is _int or kind is _float or kind is _bool or kind is Color

def _name(value):
    return _type(value).__name__

def _norm(numbers):
    """As CPython's vector_norm in Modules/mathmodule.c."""
    largest = 0.0
    for x in numbers:
        if x != x:
            largest = x
            break
        if x > largest:
            largest = x
    if largest == 0.0 or largest - largest != 0.0 or _len(numbers) <= 1:
        for x in numbers:
            if x == x and x - x != 0.0:
                return x
        return largest
    scale = 1.0
    while largest * scale >= 1.0:
        scale = scale * 0.5
    while largest * scale < 0.5:
        scale = scale * 2.0
    total, first, second, third = 1.0, 0.0, 0.0, 0.0
    for x in numbers:
        x = x * scale
        t = x * 134217729.0
        high = t - (t - x)
        low = x - high
        part = high * high
        old = total
        total += part
        first += (old - total) + part
        part = 2.0 * high * low
        old = total
        total += part
        second += (old - total) + part
        third += low * low
    h = _math.sqrt(total - 1.0 + (first + second + third))
    t = h * 134217729.0
    high = t - (t - h)
    low = h - high
    part = -high * high
    old = total
    total += part
    first += (old - total) + part
    part = -2.0 * high * low
    old = total
    total += part
    second += (old - total) + part
    third += -low * low
    rest = total - 1.0 + (first + second + third)
    h += rest / (2.0 * h)
    return h / scale

class Math:
    pass

def _hypot(*numbers):
    return _norm([abs(_float(x)) for x in numbers])

def _dist(p, q):
    if _len(p) != _len(q):
        raise ValueError("both points must have the same number of dimensions")
    return _norm([abs(_float(p[i]) - _float(q[i])) for i in _range(_len(p))])

def _fsum(numbers):
    """Shewchuk's: exact, and rounded once."""
    partials = []
    for x in numbers:
        x = _float(x)
        kept = []
        for y in partials:
            if abs(x) < abs(y):
                x, y = y, x
            high = x + y
            low = y - (high - x)
            if low != 0.0:
                kept.append(low)
            x = high
        kept.append(x)
        partials = kept
    total, low = 0.0, 0.0
    n = _len(partials)
    while n > 0:
        n -= 1
        x = total
        y = partials[n]
        total = x + y
        low = y - (total - x)
        if low != 0.0:
            break
    if n > 0 and ((low < 0.0 and partials[n - 1] < 0.0) or (low > 0.0 and partials[n - 1] > 0.0)):
        y = low * 2.0
        x = total + y
        if y == x - total:
            total = x
    return total

def _remainder(x, y):
    x, y = _float(x), _float(y)
    if y == 0.0 or x - x != 0.0:
        raise ValueError("math domain error")
    if y - y != 0.0:
        return x
    size, unit = abs(x), abs(y)
    m = _math.fmod(size, unit)
    c = unit - m
    if m < c:
        r = m
    elif m > c:
        r = -c
    else:
        r = m - 2.0 * _math.fmod(0.5 * (size - m), unit)
    return r if _copysign(1.0, x) > 0 else -r

def _copysign(x, y):
    x = abs(_float(x))
    return -x if y < 0 or _str(y)[:1] == "-" else x

def _isqrt(n):
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    if n < 2:
        return n
    x = n
    y = (x + 1) // 2
    while y < x:
        x = y
        y = (x + n // x) // 2
    return x

def _cbrt(x):
    x = _float(x)
    if x == 0.0 or x - x != 0.0:
        return x
    y = abs(x) ** (1.0 / 3.0)
    y = y - (y - abs(x) / (y * y)) / 3.0
    return y if x > 0.0 else -y

def _exp2(x):
    return 2.0 ** x

def _radians(x):
    return x * (_math.pi / 180.0)

def _degrees(x):
    return x * (180.0 / _math.pi)

def _modf(x):
    whole = _float(_int(x))
    return (x - whole, whole)

def _fmod(x, y):
    x, y = _float(x), _float(y)
    if y == 0.0:
        raise ValueError("math domain error")
    r = abs(x) % abs(y)
    return r if x >= 0 else -r

def _fabs(x):
    return abs(_float(x))

def _trunc(x):
    return _int(x)

def _isfinite(x):
    return x - x == 0.0

def _isinf(x):
    return x == x and x - x != 0.0

def _isnan(x):
    return x != x

def _isclose(a, b, rel_tol=1e-09, abs_tol=0.0):
    if a == b:
        return True
    if _isinf(a) or _isinf(b):
        return False
    return abs(a - b) <= max(rel_tol * max(abs(a), abs(b)), abs_tol)

def _sinh(x):
    return (_math.exp(x) - _math.exp(-x)) / 2.0

def _cosh(x):
    return (_math.exp(x) + _math.exp(-x)) / 2.0

def _tanh(x):
    if x > 20.0 or x < -20.0:
        return 1.0 if x > 0.0 else -1.0
    return _sinh(x) / _cosh(x)

def _asinh(x):
    return _math.log(x + _math.sqrt(x * x + 1.0))

def _acosh(x):
    return _math.log(x + _math.sqrt(x * x - 1.0))

def _atanh(x):
    return 0.5 * _math.log((1.0 + x) / (1.0 - x))

def _expm1(x):
    y = _math.exp(x)
    if y == 1.0:
        return x
    if y - 1.0 == -1.0:
        return -1.0
    return (y - 1.0) * x / _math.log(y)

def _log1p(x):
    y = 1.0 + x
    return x if y == 1.0 else _math.log(y) * x / (y - 1.0)

def _log2(x):
    return _math.log(x) / _math.log(2.0)

def _log10(x):
    return _math.log(x) / _math.log(10.0)


_own = {
    "hypot": _hypot, "dist": _dist, "fsum": _fsum, "remainder": _remainder, "isqrt": _isqrt,
    "cbrt": _cbrt, "exp2": _exp2, "radians": _radians, "degrees": _degrees, "inf": _float("inf"),
    "tau": 2 * _math.pi,
}
_instead = {
    "copysign": _copysign, "modf": _modf, "fmod": _fmod, "fabs": _fabs, "trunc": _trunc,
    "isfinite": _isfinite, "isinf": _isinf, "isnan": _isnan, "isclose": _isclose, "sinh": _sinh,
    "cosh": _cosh, "tanh": _tanh, "asinh": _asinh, "acosh": _acosh, "atanh": _atanh,
    "expm1": _expm1, "log1p": _log1p, "log2": _log2, "log10": _log10,
}
for _one in MATH:
    if _one in _own:
        setattr(Math, _one, _own[_one])
    elif hasattr(_math, _one):
        setattr(Math, _one, getattr(_math, _one))
    elif _one in _instead:
        setattr(Math, _one, _instead[_one])
math = Math

def round(number, ndigits=None):
    if ndigits is None:
        if _type(number) is _float and -4e15 < number < 4e15:
            whole = _int(number)
            rest = abs(number - whole)
            if rest == 0.5 and whole % 2 == 0 or rest < 0.5:  # halves go to the even one
                return whole
            return whole + (1 if number > 0 else -1)
        return _round(number)
    if _type(number) is not _float:
        return number if _is_number(number) and ndigits >= 0 else _round(number, ndigits)
    if 0 <= ndigits < _len(_FIXED) and -1e15 < number < 1e15:
        return _float(_FIXED[ndigits](number))
    return number if ndigits > 0 or number - number != 0.0 else _round(number, ndigits)
'''
