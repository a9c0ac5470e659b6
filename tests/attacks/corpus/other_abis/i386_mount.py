# goal: mount with a number that means getpid natively
# technique: other_abis
# needs: x86_64
# field: kernel-i386, kernel-mount
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 21 (i386 mount; native access); push rbx; xor ebx, ebx; int 0x80; pop rbx; ret
execute(bytes.fromhex("b815000000 53 31db cd80 5b c3"))
