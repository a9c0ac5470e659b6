# goal: double a list until something gives
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

items = [0]
while len(items) < 1 << 40:
    items += items
len(items)
