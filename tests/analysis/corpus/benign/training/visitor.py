"""Walks a tree of shapes with a visitor, as ast.NodeVisitor does."""


class Visitor:
    def visit(self, node):
        method = getattr(self, "visit_" + node["kind"], self.generic)
        return method(node)

    def generic(self, node):
        return [self.visit(child) for child in node.get("children", ())]


class Area(Visitor):
    def visit_circle(self, node):
        return 3.141592653589793 * node["radius"] ** 2

    def visit_rectangle(self, node):
        return node["width"] * node["height"]
