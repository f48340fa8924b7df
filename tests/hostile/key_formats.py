"""Formats of keys as vendors publish them, at their full length; values are drawn, none opens
anything.

`{A20}` stands for twenty letters and digits, `H` hexadecimal, `W` also `-` and `_`, `B` base64, `U`
capitals and digits, `L` small letters and digits, `D` digits, `T` base32 in small letters.
"""

from __future__ import annotations

import random
import re
import string
from pathlib import Path

_ALNUM = string.ascii_letters + string.digits
_ALPHABETS = {
    "A": _ALNUM,
    "H": "0123456789abcdef",
    "W": _ALNUM + "-_",
    "B": _ALNUM + "+/",
    "U": string.ascii_uppercase + string.digits,
    "L": string.ascii_lowercase + string.digits,
    "D": string.digits,
    "T": string.ascii_lowercase + "234567",
}
_PLACE = re.compile(r"\{([AHWBULDT])(\d+)\}")


def value(rng: random.Random, form: str) -> str:
    """A value of a format; its parts begin and end with a letter or digit. One that might be a
    word is drawn again.
    """

    def drawn(match: re.Match[str]) -> str:
        alphabet, length = _ALPHABETS[match[1]], int(match[2])
        plain = [c for c in alphabet if c.isalnum()]
        parts = [rng.choice(alphabet) for _ in range(length)]
        parts[0], parts[-1] = rng.choice(plain), rng.choice(plain)
        return "".join(parts)

    made = _PLACE.sub(drawn, form)
    digits = sum(c.isdigit() for c in made)
    return made if 2 <= digits <= len(made) - 2 else value(rng, form)


def _rows(name: str) -> list[str]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


ALONE = _rows("key_formats.txt")
"""Formats that nothing but the key itself tells."""
BESIDE = [tuple(row.split()) for row in _rows("vendor_formats.txt")]
"""Vendors and formats that only their name beside the key tells."""

NAMED = (
    "{VENDOR}_API_KEY={}",
    "{VENDOR}_TOKEN: {}",
    "{vendor}: {}",
    '"{vendor}_token": "{}"',
    "{vendor}-secret = '{}'",
    "my {vendor} token {} is refused",
    "{vendor} api key is {}",
)
"""How a vendor's name stands beside its key."""
