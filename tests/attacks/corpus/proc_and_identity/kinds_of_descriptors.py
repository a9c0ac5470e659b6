# goal: find what stands behind the descriptors that one has
# technique: proc_and_identity
# field: kernel-leaked-fd
# needs: no:only:seccomp
# expect: ok ([True, True, True], True) alive
# expect[engine=wasi]: ok ([True, True, True], False) alive

import os
import stat

modes = [os.fstat(descriptor).st_mode for descriptor in range(4)]
[stat.S_ISCHR(mode) for mode in modes[:3]], stat.S_ISSOCK(modes[3])
