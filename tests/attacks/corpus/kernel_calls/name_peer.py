# goal: name the process behind the channel
# technique: kernel_calls
# expect: ok 'EPERM' alive

from kernel import call

call("getpeername", 3, b"\0" * 128, b"\x80\0\0\0")
