"""Lists and dicts as CPython has them: in their order, and sorted stably.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

__all__ = ["CONTAINERS"]

CONTAINERS = """
_dict = dict
if _list({"z": 1, "a": 2, "m": 3, "b": 4, "k": 5, "c": 6}) != ["z", "a", "m", "b", "k", "c"]:
    from collections import OrderedDict as _dict
dict = _dict

def _order(found, key, reverse):
    pairs, n = [], 0
    for one in found:
        pairs.append((one if key is None else key(one), n))
        n += -1 if reverse else 1
    pairs.sort(reverse=reverse)
    return [found[abs(n)] for _, n in pairs]

def sorted(iterable, key=None, reverse=False):
    return _order(_list(iterable), key, _bool(reverse))

def _method_sort(items, key=None, reverse=False):
    if _type(items) is not _list:
        raise AttributeError("there is no sort but that of a list")
    found = _order(items.copy(), key, _bool(reverse))
    items.clear()
    items.extend(found)

def _method_setdefault(items, key, default=None):
    if key in items:
        return items[key]
    items[key] = default
    return default

def _method_zfill(text, width):
    if _type(text) is not _str:
        raise AttributeError("there is no zfill but that of a text")
    if width > 100000:
        raise OverflowError("the text has more than 100000 characters")
    sign = text[:1] if text[:1] in ("-", "+") else ""
    return sign + "0" * (width - _len(text)) + text[_len(sign):]

def _method_capitalize(text):
    return text[:1].upper() + text[1:].lower()

def _method_title(text):
    parts, inside = [], False
    for c in text:
        letter = c.lower() != c.upper()
        parts.append((c.lower() if inside else c.upper()) if letter else c)
        inside = letter
    return "".join(parts)

def _method_isdigit(text):
    for c in text:
        if not "0" <= c <= "9":
            return False
    return _len(text) > 0

def _method_isalpha(text):
    for c in text:
        if c.lower() == c.upper():
            return False
    return _len(text) > 0

def _slice(items, start, stop, step):
    kind = _type(items)
    if kind is _str:
        return "".join(_list(items)[start:stop:step])
    if kind is tuple:
        return tuple(_list(items)[start:stop:step])
    return items[start:stop:step]

def _flat(rows):
    found = []
    for row in rows:
        found.extend(row)
    return found

def _long_range(start, stop, step):
    while (start < stop) if step > 0 else (start > stop):
        yield start
        start += step

def range(start, stop=None, step=1):
    if stop is None:
        start, stop = 0, start
    if -1000000000 <= start <= 1000000000 and -1000000000 <= stop <= 1000000000:
        return _range(start, stop, step)
    if _type(start) is not _int or _type(stop) is not _int or _type(step) is not _int or step == 0:
        return _range(start, stop, step)
    return _long_range(start, stop, step)

sum, min, max = sum, min, max
try:
    sum([1], 1)
except Exception:
    def sum(iterable, start=0):
        for one in iterable:
            start = _add(start, one)
        return start

try:
    max([], default=1)
except Exception:
    def _best(given, options, better):
        items = _list(given[0]) if _len(given) == 1 else _list(given)
        key = options.get("key")
        if _len(items) == 0:
            if "default" not in options:
                raise ValueError("arg is an empty sequence")
            return options["default"]
        found = items[0]
        for one in items:
            a = one if key is None else key(one)
            b = found if key is None else key(found)
            if (a < b) if better else (a > b):
                found = one
        return found

    def min(*given, **options):
        return _best(given, options, True)

    def max(*given, **options):
        return _best(given, options, False)
"""
