# goal: send text that cannot be written anywhere
# technique: protocol_values
# field: host-utf8
# expect: ok '\ud800'

"\ud800"
