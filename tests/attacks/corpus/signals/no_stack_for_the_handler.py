# goal: crash where not even a handler has a stack
# technique: signals
# needs: x86_64
# expect: crashed SIGSEGV dead

from kernel import execute

# xor esp, esp; push rax
execute(bytes.fromhex("31e4 50"))
