# goal: open the terminal of the host for a password
# technique: stdin
# field: kernel-tiocsti
# stdin: "one\n"
# expect[only:seccomp]: error ModuleNotFoundError ~".*"
# expect: ok 'one'

import getpass

getpass.getpass("", stream=None)
