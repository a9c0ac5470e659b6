# goal: run into a breakpoint of one's own
# technique: signals
# needs: x86_64
# expect: crashed SIGTRAP dead

from kernel import execute

execute(bytes.fromhex("cc"))
