"""What tells rooms and readers apart: random, from the system's own source of randomness."""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

LETTERS = "BCDFGHJKMNPRSTWXZ"
"""None that looks like another or like a digit, and no vowels, so that no code is a word."""
LENGTH = 6  # 24 million codes for at most 200 rooms
_READER = re.compile(r"[0-9a-f]{16}")


def new_code() -> str:
    """Of a room, to be read from a wall and typed."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def new_key() -> str:
    """Of a room's host, in the host's address: 128 bits."""
    return secrets.token_urlsafe(16)


def new_reader() -> str:
    """A reader's number, 64 bits: it says nothing of who that is."""
    return secrets.token_hex(8)


def code_of(typed: str) -> str | None:
    """The code that somebody typed or a link has: in any case, with spaces or hyphens; or None."""
    letters = re.sub(r"[\s-]", "", typed[:40]).upper()
    return letters if len(letters) == LENGTH and set(letters) <= set(LETTERS) else None


def reader_of(told: object) -> str | None:
    """A reader's number, if what a browser told is one."""
    return told if isinstance(told, str) and _READER.fullmatch(told) else None


def hashed(key: str) -> str:
    """What is kept of a host's key. It is random and long: no salt is needed."""
    return sha256(key.encode()).hexdigest()


def opens(key: str, kept: str) -> bool:
    """Whether this is the key of which that was kept."""
    return hmac.compare_digest(hashed(key), kept)
