# goal: find any call between the old table and the new one
# technique: kernel_calls
# needs: x86_64
# expect: ok [] alive

from kernel import call

[number for number in range(335, 424) if call(number) != "ENOSYS"]
