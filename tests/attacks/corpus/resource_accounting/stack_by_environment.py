# goal: take memory by a large stack frame
# technique: resource_accounting
# limits: memory=64MiB
# needs: x86_64
# expect: crashed SIGSEGV dead

from kernel import execute

# sub rsp, 1 GiB; mov [rsp], rax: beyond what the stack may be
execute(bytes.fromhex("4881ec00000040 48890424 c3"))
