# goal: send the text of a subclass of int in place of its number
# technique: protocol_values
# field: host-forged-frame
# expect: ok [7, 7.0]

class Int(int):
    def __repr__(self):
        return '{"set":[]}'

    __str__ = __repr__


class Float(float):
    __repr__ = Int.__repr__


[Int(7), Float(7)]
