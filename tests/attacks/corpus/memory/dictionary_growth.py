# goal: grow a dictionary
# technique: memory
# limits: memory=64MiB
# expect: limit memory alive

table = {}
while len(table) < 10**8:
    table[len(table)] = None
len(table)
