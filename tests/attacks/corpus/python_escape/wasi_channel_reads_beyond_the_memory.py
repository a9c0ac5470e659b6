# goal: have the host send what is beyond linear memory
# technique: python_escape
# needs: engine=wasi
# expect: crashed Exit "the guest process ended with exit code 71" dead

from linear import memory
from ringfence_guest import _host

_host.send(memoryview(memory)[0x7000_0000:])
