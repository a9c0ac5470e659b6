# goal: make the host's dict quadratic with numbers that are dense enough to look like row numbers
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# packages: numpy
# limits: memory=512MiB
# expect: crashed Protocol "the guest broke the protocol: too many keys that could be made to collide"

import json

import numpy as np
from wire import done, send

size = 1 << 16
mask = size - 1
chain, slot = [], 1
for _ in range(size // 2):
    chain.append(slot)
    slot = (5 * slot + 1) & mask
place = np.full(size, size)
place[chain] = range(len(chain))
most = size * 2 // 3 - 8
numbers = np.arange(size, 7 * most)
slots, rest = numbers & mask, numbers
while rest.any():
    here = place[slots] < size
    numbers, slots, rest = numbers[here], slots[here], rest[here] >> 5
    slots = (slots * 5 + rest + 1) & mask
numbers = numbers[place[slots] < size]
slots = slots[place[slots] < size]
late = numbers[np.argsort(place[slots])]
keys = [*chain, *late.tolist()][:most]
flat = [part for key in keys for part in (key, 0)]
send(done(json.dumps({"dict": flat}).encode()))
