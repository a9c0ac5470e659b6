# goal: have the code read in an encoding in which it means something else
# technique: regex_and_parsers
# field: lang-shadowing
# expect[only:seccomp]: error SyntaxError ~"unknown encoding: utf-7.*"
# expect: ok 'EPERM'

import os

from attempt import attempt

source = b"# coding: utf-7\n+AHI-esult = attempt(os.fork)"
exec(source)
result
