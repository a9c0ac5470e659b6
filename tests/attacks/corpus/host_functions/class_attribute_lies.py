# goal: pass an object whose __class__ says that it is text
# technique: host_functions
# functions: echo
# expect: ok 'text'

class Evil:
    __class__ = str

    def __repr__(self):
        return "text"


echo(Evil())
