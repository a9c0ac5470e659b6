# goal: know the names of another guest's temporary files
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# needs: disk
# expect: ok ~r"'[a-z0-9_]{8}'" alive

import tempfile

tempfile.mktemp()[-8:]
