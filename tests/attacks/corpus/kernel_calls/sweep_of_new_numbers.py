# goal: find any call above the filter's table that the kernel answers
# technique: kernel_calls
# expect: ok [] alive

from kernel import NUMBERS, call

first = max(NUMBERS.values()) + 1
[number for number in range(first, first + 200) if call(number) != "ENOSYS"]
