# goal: type into the terminal of the host
# technique: network_ipc
# needs: no:only:seccomp module:fcntl
# field: kernel-tiocsti
# expect: error PermissionError '[Errno 1] Operation not permitted' alive

import fcntl
import termios

fcntl.ioctl(0, termios.TIOCSTI, b"x")
