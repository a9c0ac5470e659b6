# goal: fill the memory in one turn, so that the next cannot even begin
# technique: memory
# limits: memory=64MiB
# expect: limit memory
# expect[engine=wasi]: ok 'went on' alive

kept = []
size = 1 << 24
while size > 16:
    try:
        kept.append(bytearray(size))
    except MemoryError:
        size //= 2
# --- next turn
kept = None
"went on"
