# goal: call through the x32 ABI with bits set that a comparison may drop
# technique: other_abis
# needs: x86_64
# field: kernel-x32
# expect: crashed SIGSYS dead

from kernel import execute

# mov rax, 0xffffffff40000027; syscall; ret
execute(bytes.fromhex("48b827000040ffffffff 0f05 c3"))
