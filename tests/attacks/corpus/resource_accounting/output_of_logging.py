# goal: log without end
# technique: resource_accounting
# field: host-flood
# expect: limit output alive

import logging

while True:
    logging.error("x" * 1_000)
