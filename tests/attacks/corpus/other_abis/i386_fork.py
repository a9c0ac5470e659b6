# goal: become two processes with a number that means open natively
# technique: other_abis
# needs: x86_64
# field: kernel-i386, step-threads-forks
# expect: crashed SIGSYS dead

from kernel import execute

# mov eax, 2 (i386 fork; native open); int 0x80; ret
execute(bytes.fromhex("b802000000 cd80 c3"))
