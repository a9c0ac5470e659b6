# goal: give back another value than the one that was returned
# technique: protocol_values
# field: host-forged-frame
# expect: ok {'admin': True}

from wire import answer

answer(b'{"dict":["admin",true]}')
