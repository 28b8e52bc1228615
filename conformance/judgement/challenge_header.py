"""What the field WWW-Authenticate of a refusal shows (RFC 9110 sections 11.6.1 and 15.5.2)."""

from __future__ import annotations

import re

from conformance.judgement.judging import Judging
from conformance.judgement.observation import Observation, held
from conformance.report.codes.finding_code import FindingCode
from conformance.report.findings import Level

__all__ = ["challenge_shown"]

_CHALLENGE_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s|,|$)")
"""The schemes of a list of challenges. Their parameters are divided by commas as well, and have a
`=` after the name (RFC 9110 section 11.6.1)."""

_OF_HTTP = frozenset({"http", "oauth2", "openIdConnect"})
"""Types of schemes whose challenge has a registered name."""


def challenge_shown(one: Judging) -> Observation:
    """Whether a 401 names a challenge of a scheme that the operation declares."""
    challenge = one.answer.header("www-authenticate")
    if challenge is not None and _names_declared_scheme(one, challenge):
        return held(one.id("security.challenge"))
    got = "without WWW-Authenticate" if challenge is None else f"with {challenge}"
    return one.broken(
        FindingCode.MISSING_CHALLENGE,
        clause=one.id("security.challenge"),
        level=Level.WARNING,
        expected="WWW-Authenticate with a challenge of a declared scheme",
        got=f"401 {got}",
        reason="challenge",
    )


def _names_declared_scheme(one: Judging, challenge: str) -> bool:
    """Whether a declared scheme is among the challenges; that of an API key has any name there."""
    found = one.contract.security_schemes
    names = {name for each in one.operation.security for name in each.schemes}
    declared = [found[name] for name in names if name in found]
    # A token of OAuth 2 or OpenID Connect is a bearer token, and so is its challenge (RFC 6750).
    http = {
        scheme.scheme if scheme.type == "http" else "bearer"
        for scheme in declared
        if scheme.type in _OF_HTTP
    }
    given = {word.lower() for word in _CHALLENGE_SCHEME.findall(challenge)}
    return len(http & given) > 0 or any(scheme.type not in _OF_HTTP for scheme in declared)
