# goal: find any call between the old table and the new one
# technique: kernel_calls
# needs: x86_64
# expect: ok [] alive

from kernel import call

# 335 and 336 (uretprobe, uprobe) end the process on kernels that have them: no filter sees them.
[number for number in range(337, 424) if call(number) != "ENOSYS"]
