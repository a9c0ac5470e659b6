# goal: learn where the host's packages are
# technique: proc_and_identity
# expect: ok [] alive

import sys

[path for path in sys.path if path.startswith(TARGET["folder"]) or path in ("", ".")]
