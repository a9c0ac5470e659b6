# goal: keep many small objects, which no single request shows
# technique: memory
# limits: memory=64MiB
# expect: limit memory

class Node:
    __slots__ = ("next",)


head = None
for _ in range(10**8):
    node = Node()
    node.next = head
    head = node
"kept"
