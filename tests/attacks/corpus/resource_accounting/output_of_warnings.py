# goal: warn without end
# technique: resource_accounting
# field: host-flood
# expect: limit output alive

import warnings

warnings.simplefilter("always")
while True:
    warnings.warn("x" * 1_000)
