# goal: read secrets from the environment
# technique: python_escape
# field: lang-class-walk
# expect: ok []
# expect[engine=wasi]: ok ['PATH']

import os

mine = {"HOME", "TMPDIR", "LC_ALL", "MPLCONFIGDIR", "MPLBACKEND", "MALLOC_ARENA_MAX"}
sorted(name for name in os.environ if name not in mine and not name.endswith("_NUM_THREADS"))
