# goal: have the host iterate over a generator without end
# technique: protocol_values
# expect: ok ~"Opaque\\(generator: <generator object <genexpr> at 0x[0-9a-f]+>\\)"

(number for number in iter(int, 1))
