# goal: hide a call's number under bits that the kernel drops
# technique: other_abis
# needs: x86_64
# expect: crashed SIGSYS dead

from kernel import execute

# mov rax, 0x100000000 + 165 (mount); xor edi, edi; syscall; ret
execute(bytes.fromhex("48b8a500000001000000 31ff 0f05 c3"))
