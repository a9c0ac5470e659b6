# goal: show all that linear memory holds: secrets of the host or of siblings would be there
# technique: python_escape
# needs: engine=wasi
# limits: value=200MiB
# expect: ok ~"b.*" alive

from linear import memory

bytes(memory[:45_000_000])
