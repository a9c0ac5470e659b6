# goal: clone a thread where none was given
# technique: threads_processes
# limits: threads=0
# expect: ok 'EPERM' alive

from kernel import call

call("clone", 0x3D0F00)
