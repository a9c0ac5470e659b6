# goal: make the host's dict quadratic with numbers that hash differently and meet in its table
# technique: hash_collisions
# field: step-hash-collision
# trap: 16
# packages: numpy
# limits: memory=512MiB
# expect: crashed Protocol "the guest broke the protocol: too many keys that could be made to collide"

# A chain of slots as the table itself walks it, then numbers whose walk ends at the chain's beginning.
import json

import numpy as np
from wire import done, send

size = 1 << 16
mask = size - 1
chain, slot = [], 1
for _ in range(30_000):
    chain.append(slot)
    slot = (5 * slot + 1) & mask
place = np.full(size, size)
place[chain] = range(len(chain))
numbers = np.random.default_rng(1).integers(size, 1 << 26, 4_000_000)
slots, rest = numbers & mask, numbers
for _ in range(7):
    here = place[slots] < size
    numbers, slots, rest = numbers[here], slots[here], rest[here] >> 5
    slots = (slots * 5 + rest + 1) & mask
late = set(numbers[place[slots] < 10_000].tolist())
keys = [*chain, *late][:43_000]
send(done(json.dumps({"set": [int(key) for key in keys]}).encode()))
