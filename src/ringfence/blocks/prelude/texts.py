"""Texts and formats, as CPython writes them.

Text that runs in guests, which the host never imports.
"""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS = """
def str(value=""):
    if _type(value) is _dict:
        parts = [repr(key) + ": " + repr(value[key]) for key in value]
        return "{" + ", ".join(parts) + "}"
    return _str(value)

if _FIXED[0](1.0) != "1":
    _FIXED[0] = lambda x: _str(_int(_round(x)))

def _grouped(digits, mark):
    parts = []
    while _len(digits) > 3:
        parts.append(digits[-3:])
        digits = digits[:-3]
    parts.append(digits)
    parts.reverse()
    return mark.join(parts)

def _base(number, base):
    digits = ""
    while number > 0:
        digits = "0123456789abcdef"[number % base] + digits
        number = number // base
    return digits or "0"

def _format(value, spec):
    if spec == "":
        return str(value)
    fill, align, sign, wide, mark, digits, form = " ", "", "-", "", "", "", ""
    other, zeros = False, False
    i = 0
    if _len(spec) > 1 and spec[1] in "<>=^":
        fill, align, i = spec[0], spec[1], 2
    elif spec[0] in "<>=^":
        align, i = spec[0], 1
    if spec[i:i + 1] in ("-", "+", " "):
        sign = spec[i:i + 1]
        i += 1
    if spec[i:i + 1] == "z":
        i += 1
    if spec[i:i + 1] == "#":
        other = True
        i += 1
    if spec[i:i + 1] == "0":
        zeros = True
        i += 1
    while "0" <= spec[i:i + 1] <= "9":
        wide += spec[i:i + 1]
        i += 1
    if spec[i:i + 1] in (",", "_"):
        mark = spec[i:i + 1]
        i += 1
    if spec[i:i + 1] == ".":
        i += 1
        while "0" <= spec[i:i + 1] <= "9":
            digits += spec[i:i + 1]
            i += 1
    form = spec[i:]
    width = _int(wide) if wide else 0
    kind = _type(value)
    if kind is _bool:
        value, kind = _int(value), _int
    if kind is Color:
        value, kind = value.number, _int
    front, body, behind = "", "", ""
    plus = "" if sign == "-" else sign
    if kind is _str:
        if form not in ("", "s") or mark or sign != "-" or align == "=":
            raise ValueError("Unknown format code for object of type 'str'")
        body = value[:_int(digits)] if digits else value
        align = align or "<"
    elif kind is _int and form in ("", "d", "n", "x", "X", "o", "b", "c"):
        if form == "c":
            body = chr(value)
        else:
            base = {"x": 16, "X": 16, "o": 8, "b": 2}.get(form, 10)
            front = "-" if value < 0 else plus
            body = _base(abs(value), base) if base != 10 else _str(abs(value))
            if other and base != 10:
                front += "0" + form
            if form == "X":
                body = body.upper()
    elif kind is _int or kind is _float:
        value = _float(value)
        negative = value < 0 or _str(value)[:1] == "-"
        front = "-" if negative else plus
        size = abs(value)
        if size - size != 0.0:
            body = _str(size)
        elif form in ("f", "F", "%"):
            places = _int(digits) if digits else 6
            if places >= _len(_FIXED):
                raise ValueError("a format has less than " + _str(_len(_FIXED)) + " places")
            body = _FIXED[places](size * 100.0 if form == "%" else size)
        elif form == "" and not digits:
            body = _str(size)
        else:
            body = ("{:." + (digits or "6") + (form or "g") + "}").format(size)
            if form == "" and "." not in body and "e" not in body:
                body += ".0"
        if form == "%":
            behind = "%"
    else:
        raise TypeError("unsupported format string passed to " + _name(value) + ".__format__")
    if mark:
        cut = 0
        while cut < _len(body) and "0" <= body[cut] <= "9":
            cut += 1
        body = _grouped(body[:cut], mark) + body[cut:]
    body += behind
    lacks = width - _len(front) - _len(body)
    if zeros and not align and kind is not _str:
        if mark:
            whole = body.split(".")[0]
            while lacks > 0:
                body = ("0" + mark if whole.find(mark) == 3 else "0") + body
                whole = body.split(".")[0]
                lacks = width - _len(front) - _len(body)
            return front + body
        fill, align = "0", "="
    if lacks <= 0:
        return front + body
    if align == "=":
        return front + fill * lacks + body
    if align == "<":
        return front + body + fill * lacks
    if align == "^":
        left = lacks // 2
        return fill * left + front + body + fill * (lacks - left)
    return fill * lacks + front + body
"""
