"""``python tests/server/operations/jumping.py serve``: ``ringfence`` with a clock that jumps.

Each time that anybody asks what time it is, it is hours, a day, a month or a year away from before.
The monotonic clock goes on as ever.
"""

import datetime
import itertools
import time

_real = time.time
_JUMPS = itertools.cycle([0, 86_400, -7_200, 31 * 86_400, 365 * 86_400, 3_600])


def _jumped() -> float:
    return _real() + next(_JUMPS)


class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> "_Datetime":
        return cls.fromtimestamp(_jumped(), tz)

    @classmethod
    def utcnow(cls) -> "_Datetime":
        return cls.fromtimestamp(_jumped(), datetime.UTC).replace(tzinfo=None)


if __name__ == "__main__":
    time.time = _jumped
    datetime.datetime = _Datetime  # type: ignore[misc]
    from ringfence.cli import main

    main()
