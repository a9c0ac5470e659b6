"""A scene graph with weak parents and copies that share."""
import weakref


class Node:
    def __init__(self, name, **attributes):
        self.name = name
        self.children = []
        self._parent = None
        self.__dict__.update(attributes)

    @property
    def parent(self):
        return self._parent() if self._parent is not None else None

    def add(self, child):
        child._parent = weakref.ref(self)
        self.children.append(child)
        return child

    def path(self):
        node, names = self, []
        while node is not None:
            names.append(node.name)
            node = node.parent
        return "/".join(reversed(names))

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        for child in self.children:
            if child.name == name:
                return child
        raise AttributeError(f"{self.name} has no child {name}")
