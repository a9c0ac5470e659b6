# goal: keep the processor from interrupts
# technique: signals
# needs: x86_64
# expect: crashed SIGSEGV dead

from kernel import execute

execute(bytes.fromhex("fa c3"))
