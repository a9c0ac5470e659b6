# goal: open the terminal of the host
# technique: network_ipc
# field: kernel-tiocsti
# expect: ok None

open("/dev/tty")
