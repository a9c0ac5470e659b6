# tries: replace itself by a shell
# stands: seccomp: killed on the spot
# expect: crashed SIGSYS
import os

os.execv("/bin/sh", ["sh"])
