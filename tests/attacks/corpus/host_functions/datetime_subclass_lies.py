# goal: send a text of ten megabytes as a moment in time
# technique: host_functions
# trap: 8
# functions: echo_time
# expect: ok datetime.datetime(2020, 1, 1, 0, 0)

import datetime


class Evil(datetime.datetime):
    def isoformat(self, *rest):
        return "2020-01-01" * 1_000_000


echo_time(Evil(2020, 1, 1))
