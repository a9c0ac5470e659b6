# goal: halt the processor
# technique: signals
# needs: x86_64
# expect: crashed SIGSEGV dead

from kernel import execute

execute(bytes.fromhex("f4"))
