# goal: send a number that is infinite without saying so
# technique: protocol_values
# field: host-forged-frame
# expect: ok inf

from wire import answer

answer(b"1e999")
