from collections import Counter, deque
from itertools import chain, islice, tee, zip_longest


def windows(values, size):
    window = deque(maxlen=size)
    for value in values:
        window.append(value)
        if len(window) == size:
            yield tuple(window)


def smooth(values, size=3):
    return [sum(window) / size for window in windows(values, size)]


def batched(values, size):
    source = iter(values)
    while batch := list(islice(source, size)):
        yield batch


def histogram(*series):
    return Counter(round(value) for value in chain.from_iterable(series))


def pairs(values):
    first, second = tee(values)
    next(second, None)
    return zip_longest(first, second)
