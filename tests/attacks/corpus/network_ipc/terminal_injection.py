# goal: type into the terminal of the host
# technique: network_ipc
# field: kernel-tiocsti
# expect: ok None

import fcntl
import termios

fcntl.ioctl(0, termios.TIOCSTI, b"x")
