# goal: keep objects alive past their deletion
# technique: resource_accounting
# limits: memory=64MiB
# expect: limit memory alive

import weakref


class Thing:
    def __init__(self):
        self.data = bytearray(100_000)
        weakref.finalize(self, print, self)


while True:
    Thing()
