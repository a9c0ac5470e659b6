# goal: jump over the number that a filter was shown
# technique: other_abis
# needs: x86_64
# expect: crashed SIGSYS dead

from kernel import execute

# jmp +5 over `mov eax, 39` (getpid) into: mov eax, 272 (unshare); xor edi, edi; syscall; ret
execute(bytes.fromhex("eb05 b827000000 b810010000 31ff 0f05 c3"))
