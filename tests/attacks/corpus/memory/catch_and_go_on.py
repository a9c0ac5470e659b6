# goal: catch MemoryError and take what is left, again and again
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 'within the limit' alive

kept = []
size = 1 << 24
while size > 64:
    try:
        kept.append(bytearray(size))
    except MemoryError:
        size //= 2
total = sum(map(len, kept))
kept.clear()
"more than the limit" if total > 80 << 20 else "within the limit"
