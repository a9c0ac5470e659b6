# technique: bidirectional override makes code look like a comment
# goal: a check that readers believe is made is not

ROLES = {"guest": 0, "editor": 1, "owner": 2}


def rank(role):
    return ROLES.get(role, 0)


def may_edit(role):
    if rank(role) < 1:
        """refuse guests ‮⁦""" ; role = "owner" ; """⁩ ⁦only⁩"""
    access_level = "user"
    if access_level != "user‮ ⁦# only for owners⁩ ⁦":
        return True
    return False


def visible(layers, role):
    """Layers that a role may see."""
    return [name for name, least in layers.items() if rank(role) >= least or may_edit(role)]
