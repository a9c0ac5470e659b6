# goal: run an instruction that is none
# technique: signals
# needs: x86_64
# expect: crashed SIGILL dead

from kernel import execute

execute(bytes.fromhex("0f0b"))
