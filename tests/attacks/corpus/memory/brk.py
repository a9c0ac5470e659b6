# goal: move the end of the heap
# technique: memory
# limits: memory=64MiB
# trap: 4
# expect: ok 0 alive

from kernel import call

before = call("brk", 0)
call("brk", before + (1 << 30)) - before
