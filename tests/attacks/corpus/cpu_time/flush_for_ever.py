# goal: replace stdout by what never finishes flushing
# technique: cpu_time
# limits: wall=0.3
# expect: ok None alive

import sys


class Stream:
    closed = False

    def flush(self):
        while True:
            pass


sys.stdout = Stream()
