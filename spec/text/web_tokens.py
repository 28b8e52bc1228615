"""JSON Web Tokens, as far as they can be written without a key."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

__all__ = ["web_token"]


def web_token(claims: Mapping[str, Any]) -> bytes:
    """A token that claims this and is not signed (RFC 7519 section 6.1), in its compact form."""
    parts = (
        json.dumps(one, ensure_ascii=False, separators=(",", ":"))
        for one in ({"alg": "none"}, claims)
    )
    coded = (urlsafe_b64encode(one.encode()).rstrip(b"=") for one in parts)
    return b".".join((*coded, b""))
