"""What people say the cause is and what fixed it: sentences worth citing, with how far each can be
trusted.
"""

import hashlib
from importlib import resources

from miner.extract.context import ClaimContext, LinkedThread
from miner.extract.find import find_claims


def _version() -> str:
    """A hash of this package's rules and weights: it changes whenever the same thread may give
    other claims.
    """
    whole = hashlib.sha256()
    folder = resources.files("miner.extract")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith((".py", ".json")):
            whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()[:16]


RULES_VERSION = _version()

__all__ = ["RULES_VERSION", "ClaimContext", "LinkedThread", "find_claims"]
