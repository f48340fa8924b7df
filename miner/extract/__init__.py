"""What people say the cause is and what fixed it: sentences worth citing, with how far each can be
trusted.
"""

from miner.extract.context import ClaimContext
from miner.extract.find import find_claims

__all__ = ["ClaimContext", "find_claims"]
