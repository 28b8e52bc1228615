"""The plan of one operation: everything about it that does not depend on a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mock_server.answers import choice
from mock_server.answers.prepared_answers import PreparedAnswer, Reply
from mock_server.answers.replies import ReplyMaker, Unserved
from mock_server.checks import challenges
from mock_server.checks.body_checks import compile_body
from mock_server.checks.challenges import Rejection
from mock_server.checks.credential_checks import Check
from mock_server.checks.parameter_checks import compile_parameters
from mock_server.checks.request_checks import RequestCheck
from mock_server.model.definitions import Samples
from mock_server.model.header_lines import HeaderLines
from mock_server.model.mock_settings import Settings
from mock_server.model.problems import Problem
from mock_server.plan.shelf import Shelf
from spec import Contract, Operation, Response
from spec.model.contract_model import response_keys
from spec.model.path_templates import QueryField, template_names
from spec.text import media_types

__all__ = ["Methods", "OperationPlan"]

_NOT_MADE: Any = object()
"""Tells a reply that is not made from one that cannot be."""
_FOR_BAD_REQUESTS = ("400", "422", "4XX", "default")


@dataclass(frozen=True, kw_only=True)
class OperationPlan:
    """One operation. Its checks and replies are made when they are first asked for.

    `key` is the operation's id for Connexion, and `id` its name for people: `POST /api/…`.
    `at_root` is whether it is served without the path of its servers as well.
    """

    key: str
    id: str
    at_root: bool
    operation: Operation
    contract: Contract
    settings: Settings
    realm: str
    security: Check | None
    samples: Samples
    shelf: Shelf
    _made: dict[str, Reply | None] = field(default_factory=dict, repr=False)
    _missed: dict[str, tuple[Unserved, ...]] = field(default_factory=dict, repr=False)
    _governing: dict[int, str | None] = field(default_factory=dict, repr=False)

    @cached_property
    def responses(self) -> tuple[Response, ...]:
        """What is answered with: where the contract lets any answer be right, the plainest one."""
        if not self.operation.responses:
            at = self.operation.pointer
            return (Response(status="200", description="", content=(), pointer=at),)
        return self.operation.responses

    def prepare(self) -> tuple[Unserved, ...]:
        """Make everything; what is documented and cannot be served is returned."""
        self.check  # noqa: B018
        self.success  # noqa: B018
        for response in self.responses:
            self.reply(response.status)
        return self.unserved

    @cached_property
    def check(self) -> RequestCheck | None:
        """The checks of parameters and body; None where the operation takes neither."""
        return _request_check(self.operation, self.contract, self.settings)

    @cached_property
    def unauthorized_status(self) -> int:
        """What a missing or bad credential gets: 403 where the contract documents that alone."""
        operation = self.operation
        return 403 if operation.response_of("403") and not operation.response_for(401) else 401

    def reply(self, key: str) -> Reply | None:
        """The reply of an entry of `responses`; None where nothing of it can be served."""
        found: Reply | None = self._made.get(key, _NOT_MADE)
        if found is _NOT_MADE:
            maker = self._maker
            # `_missed` is set before `_made`, so that a thread that finds the reply finds it too.
            found = maker.reply(self._response(key))
            self._missed[key] = tuple(maker.unserved)
            self._made[key] = found
            self.shelf.put(self, key, found.size if found else 0)
        return found

    def forget(self, key: str) -> None:
        """Let go of a reply, which is made again when it is asked for."""
        self._made.pop(key, None)
        if key == self.success_key:
            self.__dict__.pop("success", None)  # what `cached_property` has kept

    @property
    def replies(self) -> Mapping[str, Reply]:
        """Every reply that can be served, by key of `responses`."""
        made = {one.status: self.reply(one.status) for one in self.responses}
        return {key: reply for key, reply in made.items() if reply is not None}

    @cached_property
    def success_key(self) -> str | None:
        """The entry of `responses` that answers a good request; None where there is none."""
        return choice.success([response.status for response in self.responses])

    @cached_property
    def success(self) -> Reply | None:
        """The reply for a good request; None where none is documented, or it cannot be made."""
        return self.reply(self.success_key) if self.success_key else None

    @cached_property
    def success_status(self) -> int:
        """The status for a good request."""
        return choice.status_of(self.success.status) if self.success else 501

    @property
    def unserved(self) -> tuple[Unserved, ...]:
        """What of the replies that were made so far cannot be served."""
        keys = [response.status for response in self.responses]
        missed = tuple(one for key in keys for one in self._missed.get(key, ()))
        if self.success_key is not None:
            return missed
        why = f"only refusals are documented ({', '.join(keys)}); a good request gets 501"
        return (Unserved(operation=self.id, status="", media_type="", reason=why), *missed)

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The names of its path's parameters, in their order and each of them once."""
        return tuple(dict.fromkeys(template_names(self.operation.bare_path)))

    @property
    def path(self) -> str:
        """Its template with the path of its first server: where a client finds it."""
        return self.operation.base_paths[0] + self.operation.path

    @property
    def bare_path(self) -> str:
        """The same without a query that is written into it."""
        return self.operation.base_paths[0] + self.operation.bare_path

    def reply_for(self, status: int) -> Reply | None:
        """The reply that governs a status: its own, its range's, or the default.

        None where the contract documents none, or where that one cannot be made.
        """
        key = self.governing(status)
        return self.reply(key) if key else None

    def governing(self, status: int) -> str | None:
        """The entry of `responses` that governs a status; None where there is none."""
        # Kept, since requests ask for it.
        if status not in self._governing:
            keys = response_keys(status)
            self._governing[status] = next(filter(self.response_of, keys), None)
        return self._governing[status]

    def refusal_of(self, key: str) -> Problem:
        """What is answered in place of a documented response that cannot be made."""
        reasons = dict.fromkeys(one.reason for one in self.unserved if one.status == key)
        return self._unserved(key, *reasons)

    def unmade(self, reply: Reply, accept: bytes | None) -> Problem | None:
        """What is answered where the only documented media types that are accepted cannot be made.

        A 406 would say that the contract does not offer them.
        """
        missed = [one for one in self.unserved if one.status == reply.status and one.media_type]
        accepted = (accept or b"").decode("latin-1")
        for name in media_types.negotiate(accepted, self.media_of(reply)):
            if media_types.is_range(name):
                asked = media_types.concrete(name, accepted)
                named = [one for one in reply.media if not media_types.is_range(one)]
                written = ", ".join(named) or media_types.concrete(name)
                what = f"documents {reply.status} as {name}, which the mock writes as {written}"
                return Problem.of("unserved", f"{self.id} {what}, and not as {asked}")
            if reason := next((one.reason for one in missed if one.media_type == name), None):
                return self._unserved(f"{reply.status} as {name}", reason)
        return None

    def media_of(self, reply: Reply) -> list[str]:
        """The media types of a reply as they are documented, ranges among them."""
        return [one.name for one in self._response(reply.status).served_content]

    def _unserved(self, what: str, *reasons: str) -> Problem:
        sentence = f"{self.id} documents {what}, which cannot be generated"
        return Problem.of("unserved", f"{sentence}: {'; '.join(reasons)}" if reasons else sentence)

    def challenges(self, rejection: Rejection | None = None) -> HeaderLines:
        """`WWW-Authenticate`, for each scheme that would have let the request in."""
        values = challenges.challenges(
            self.operation.security, self.contract.security_schemes, self.realm, rejection
        )
        return tuple((b"www-authenticate", value) for value in values)

    def generated(self, reply: Reply, medium: str, seed: int | None) -> PreparedAnswer | None:
        """An answer generated anew; None where the reply has no content of that media type."""
        response = self._response(reply.status)
        return self._maker.generated(medium, response, seed)

    def response_of(self, key: str | None) -> Response | None:
        """The entry of `responses` under a key: `201`, `4XX` or `default`."""
        return next((one for one in self.responses if one.status == key), None)

    def _response(self, key: str) -> Response:
        return next(one for one in self.responses if one.status == key)

    @property
    def _maker(self) -> ReplyMaker:
        return ReplyMaker(
            contract=self.contract,
            operation=self.operation,
            settings=self.settings,
            samples=self.samples,
            challenges=self.challenges() if self.settings.auth.mode != "off" else (),
        )


class Methods(dict[str, OperationPlan]):
    """The operations of one path, by method.

    `by_query` has those that are told apart by a query, with its fields.
    """

    def __init__(self) -> None:
        super().__init__()
        self.by_query: dict[str, list[tuple[frozenset[QueryField], OperationPlan]]] = {}


def _request_check(
    operation: Operation, contract: Contract, settings: Settings
) -> RequestCheck | None:
    """The checks of parameters and body; None where the operation takes neither."""
    parameters = compile_parameters(operation, template_names(operation.bare_path), contract)
    body = compile_body(operation.request_body, contract) if operation.request_body else None
    if parameters is None and body is None:
        return None
    return RequestCheck(
        parameters=parameters,
        body=body,
        status=_invalid_status(operation),
        max_body=settings.max_body,
    )


def _invalid_status(operation: Operation) -> int:
    """The first documented of 400, 422, 4XX and default: the latter two mean 400."""
    return 422 if next(filter(operation.response_of, _FOR_BAD_REQUESTS), "400") == "422" else 400
