# goal: run out of stack in machine code
# technique: signals
# needs: x86_64
# field: step-c-recursion
# expect: crashed SIGSEGV dead

from kernel import execute

# call to itself
execute(bytes.fromhex("e8fbffffff"))
