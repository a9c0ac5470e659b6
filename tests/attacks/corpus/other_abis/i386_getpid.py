# goal: call through the i386 ABI, whose numbers mean other calls
# technique: other_abis
# needs: x86_64
# field: kernel-i386
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 20 (i386 getpid; native writev); int 0x80; ret
execute(bytes.fromhex("b814000000 cd80 c3"))
