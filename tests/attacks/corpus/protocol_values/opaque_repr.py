# goal: have the host call the repr of an object that the guest sent
# technique: protocol_values
# field: host-unpickle
# expect: ok Opaque(__import__: print('owned'))

from wire import answer

answer(b'{"opaque":["__import__","print(\'owned\')"]}')
