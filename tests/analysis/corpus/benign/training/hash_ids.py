import hashlib
import hmac
import uuid


def stable_id(*parts):
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return digest[:12]


def named(namespace, name):
    return str(uuid.uuid5(uuid.UUID(namespace), name))


def same(left, right):
    return hmac.compare_digest(left, right)
