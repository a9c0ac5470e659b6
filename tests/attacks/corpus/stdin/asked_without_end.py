# goal: ask the host for lines without end
# technique: stdin
# field: host-flood
# stdin: ask
# limits: calls=20
# expect: limit calls "the guest reached its limit calls=20"

import sys

while True:
    sys.stdin.readline()
