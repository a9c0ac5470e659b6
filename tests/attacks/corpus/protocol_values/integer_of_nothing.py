# goal: send an integer of no bytes
# technique: protocol_values
# field: host-lying-size
# expect: ok 0

from wire import answer

answer(b'{"int":0}')
