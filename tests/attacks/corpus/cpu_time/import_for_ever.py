# goal: spin while importing, with the import lock held
# technique: cpu_time
# limits: wall=0.3
# expect: limit wall alive

import sys


class Finder:
    def find_spec(self, *_):
        while True:
            pass


sys.meta_path.insert(0, Finder())
import something
