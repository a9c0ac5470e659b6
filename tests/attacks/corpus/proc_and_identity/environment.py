# goal: find the host's secret in the environment
# technique: proc_and_identity
# expect: ok ['HOME', 'LC_ALL', 'MALLOC_ARENA_MAX', 'MKL_NUM_THREADS', 'MPLBACKEND', 'MPLCONFIGDIR', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'TMPDIR'] alive
# expect[engine=wasi]: ok ['HOME', 'LC_ALL', 'PATH', 'TMPDIR'] alive

import os

sorted(os.environ)
