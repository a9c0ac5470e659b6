# goal: start a program with a number that means munmap natively
# technique: other_abis
# needs: x86_64
# field: kernel-i386
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 11 (i386 execve; native munmap); xor ebx, ebx; xor ecx, ecx; xor edx, edx; int 0x80; ret
execute(bytes.fromhex("b80b000000 53 31db 31c9 31d2 cd80 5b c3"))
