# goal: hide what is imported from whoever reads the source
# technique: python_escape
# field: lang-module-through-module
# expect: ok 'EPERM'

import base64

from attempt import attempt

exec(base64.b64decode("aW1wb3J0IG9z"))
attempt(getattr(globals()["o" + "s"], "krof"[::-1]))
