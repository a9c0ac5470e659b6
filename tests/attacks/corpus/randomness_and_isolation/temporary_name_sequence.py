# goal: know the sequence of names of another guest's temporary files
# technique: randomness_and_isolation
# twice: differ
# trap: 1
# expect: ok ~r"\['[a-z0-9_]{8}', '[a-z0-9_]{8}'\]" alive

import tempfile

names = tempfile._get_candidate_names()
[next(names), next(names)]
