# goal: have the host write beyond linear memory
# technique: python_escape
# needs: engine=wasi
# limits: wall=1
# expect: crashed Exit "the guest process ended with exit code 71" dead

from linear import memory
from ringfence_guest import _host

_host.receive(memoryview(memory)[0x7000_0000:])
