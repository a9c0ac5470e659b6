# goal: get a live object out of string.Formatter
# technique: format_strings
# field: lang-format
# expect: ok 'EPERM'

import os
import string

from attempt import attempt

found, _ = string.Formatter().get_field("0.__func__.__globals__[sys]", (progress,), {})
attempt(found.modules["os"].fork)
