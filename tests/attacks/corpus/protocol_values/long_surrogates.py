# goal: send long text that cannot be written anywhere
# technique: protocol_values
# field: host-utf8
# expect: ok ~"'(\\\\udfff){1000}'"

"\udfff" * 1_000
