"""What people say the cause is and what fixed it: sentences worth citing, with how far each can be
trusted.
"""

from miner.extract.context import ClaimContext, LinkedThread
from miner.extract.find import find_claims

RULES_VERSION = "1"
"""Changes whenever the same thread may give other claims."""

__all__ = ["RULES_VERSION", "ClaimContext", "LinkedThread", "find_claims"]
