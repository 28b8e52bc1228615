"""What `--auth` may say, and what a mistake in it is answered with."""

from __future__ import annotations

import pytest

from mock_server.model.mock_settings import AuthPolicy, Settings


@pytest.mark.parametrize(
    ("values", "secret", "policy"),
    [
        ([], "", AuthPolicy()),
        (["any"], "", AuthPolicy(mode="any")),
        (["off"], "", AuthPolicy(mode="off")),
        (["token=a", "token=b=c"], "", AuthPolicy(mode="token", tokens=("a", "b=c"))),
        (["jwt"], "s", AuthPolicy(mode="jwt", secret="s")),
    ],
)
def test_auth(values: list[str], secret: str, policy: AuthPolicy) -> None:
    """Every form of the option."""
    assert AuthPolicy.parse(values, secret=secret) == policy


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["maybe"], "'maybe' is not one of any, off, jwt and token=TOKEN"),
        (["token="], "token= has no token"),
        (["jwt"], "--jwt-secret"),
        (["any", "off"], "exclude one another"),
        (["token=a", "off"], "exclude one another"),
    ],
)
def test_mistakes(values: list[str], message: str) -> None:
    """A mistake is named, with what to write instead."""
    with pytest.raises(ValueError, match=message):
        AuthPolicy.parse(values)


@pytest.mark.parametrize("values", [[], ["any"], ["token=a"]])
def test_a_secret_without_jwt_is_a_mistake(values: list[str]) -> None:
    """Who gives it means that tokens are checked; `any` would take every one."""
    with pytest.raises(ValueError, match="used by --auth jwt alone"):
        AuthPolicy.parse(values, secret="s")


def test_an_empty_admin_token_lets_nobody_in() -> None:
    """It is what `--admin-token "$TOKEN"` says where the variable is not set."""
    with pytest.raises(ValueError, match="the token is empty"):
        Settings(admin_token="")


def test_secrets_are_not_shown() -> None:
    """Neither secret stands in a representation, which may end in a log."""
    shown = repr(Settings(auth=AuthPolicy(mode="jwt", secret="S1"), admin_token="S2"))

    assert "S1" not in shown
    assert "S2" not in shown
