# goal: pass a filter of names by writing them in letters that Python normalises
# technique: python_escape
# field: lang-shadowing
# expect: ok 'EPERM'

import os as ｏｓ

from attempt import attempt

attempt(os.fork)
