# goal: hand the host an object of the guest's own class
# technique: host_functions
# functions: echo
# expect: error TypeError "echo(): args.value: expected str, got an object of type 'Evil' that cannot cross"

class Evil:
    def __repr__(self):
        return "'text'"


echo(Evil())
