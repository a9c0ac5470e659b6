# goal: make a program that runs as its owner
# technique: filesystem
# needs: disk
# expect: ok '0o106755' alive
# expect[engine=wasi]: ok '0o100000' alive

import os

open("program", "w").write("#!/bin/sh\n")
os.chmod("program", 0o6755)
oct(os.stat("program").st_mode)
