"""The mock as an ASGI application: a Connexion app around a plan, exchanged whole on a reload."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connexion import AsyncApp
from connexion.middleware.main import API
from connexion.resolver import Resolver
from connexion.spec import OpenAPISpecification
from starlette.types import Receive, Scope, Send

from mock_server.admin.guard import Guard
from mock_server.admin.journal_documents import EntryViews
from mock_server.admin.operation_names import UnknownOperationError, named_operation
from mock_server.admin.pages import Admin
from mock_server.admin.scenario_documents import read_scenario, remarks
from mock_server.admin.scenario_schema import ScenarioError
from mock_server.admin.services import Services
from mock_server.admin.shared import Shared
from mock_server.admin.verification import Expectation, ExpectationError, Verification, verified
from mock_server.answers.replies import Unserved
from mock_server.http.answering import Answerer
from mock_server.http.observers import Observers, OnAnswer
from mock_server.http.way_of_a_request import way_of_a_request
from mock_server.model.journal import Filter, Journal
from mock_server.model.metrics import Metrics
from mock_server.model.mock_settings import Settings
from mock_server.model.scenarios import Scenario
from mock_server.model.state_store import MemoryStore, StateStore
from mock_server.model.waiting_scenarios import OwnScenarios, Scenarios, ScenarioStore
from mock_server.plan.joining import Clash
from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.warming import WarmUp
from mock_server.plan.whole_plan import Plan, make_plan
from mock_server.state.several_states import state_answers
from mock_server.upstream.deployment import Upstream
from spec import AI_CONTRACT, AI_OVERLAY, Contract, load

__all__ = ["MockApp", "create_app"]


class MockApp:
    """A mock server for one contract, or several on one port. Make it with `create_app`."""

    def __init__(
        self,
        contracts: Sequence[Contract],
        settings: Settings,
        on_answer: OnAnswer | None,
        shared: Shared | None = None,
        upstream: Upstream | None = None,
    ) -> None:
        self.settings = settings
        # The clients of an upstream and of a board have timeouts, which need a task around them.
        self.is_direct = upstream is None and shared is None
        self._upstream = upstream
        self.scenarios = Scenarios()
        self.journal = Journal.of_size(settings.journal_size) if settings.journal else None
        self.state = _state(settings, shared)
        self._shared = shared
        self._waiting = shared.scenarios if shared else OwnScenarios(self.scenarios)
        metrics = Metrics()
        self._observers = Observers(metrics=metrics, journal=self.journal, on_answer=on_answer)
        self._guard = Guard(settings)
        self._services = Services(
            scenarios=self._waiting,
            journal=self.journal,
            metrics=metrics,
            reset=self._reset_all,
            peers=shared.board if shared else None,
        )
        # Several reloaders, one for each contract, may finish at the same time.
        self._replacing = threading.Lock()
        self.swap(*contracts)

    @property
    def contract(self) -> Contract:
        """The contract that new requests are answered by; of several, the first."""
        return self._plan.contract

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """The contracts that new requests are answered by."""
        return self._plan.contracts

    @property
    def operations(self) -> tuple[OperationPlan, ...]:
        """What is served, in the contracts' order."""
        return tuple(self._plan.operations.values())

    def knows(self, method: str) -> bool:
        """Whether a contract has an operation with a method, as it is sent."""
        return any(one.operation.method == method for one in self._plan.operations.values())

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The operations that two contracts have at one path: the first one is served."""
        return self._plan.clashes

    @property
    def unserved(self) -> tuple[Unserved, ...]:
        """What the contract documents and nothing can be answered with, and why."""
        self._warm_up.all()
        return self._plan.unserved

    def first_unserved(self) -> tuple[Unserved, ...]:
        """The same, of as many operations as are looked at in no noticeable time."""
        self._warm_up.at_start()
        return self._plan.unserved

    async def warm_up(self) -> tuple[Unserved, ...]:
        """Make the other operations ready while requests are answered; returns what is missing."""
        return await self._warm_up.rest()

    def replace(self, number: int, contract: Contract) -> None:
        """Serve another contract in the place of one of several, counted from 0."""
        with self._replacing:
            contracts = [*self.contracts]
            contracts[number] = contract
            self.swap(*contracts)

    def swap(self, *contracts: Contract) -> None:
        """Serve other contracts from the next request on; requests under way keep theirs."""
        # All is made before the first attribute is set: a request sees the old plan or the new one.
        plan = make_plan(contracts, self.settings)
        if self._upstream is not None:
            self._upstream.check(one.operation for one in plan.operations.values())
        admin = Admin(plan, self._services, self._guard)
        state = state_answers(plan, self.state) if self.state is not None else None
        answerer = Answerer(self._observers, state)
        connexion = _ConnexionApp(__name__).serving(
            plan, answerer, self._waiting, admin, upstream=self._upstream
        )
        if self._shared is not None:
            self._shared.serve(admin.own, self.journal)
        self._plan, self._connexion, self._warm_up = plan, connexion, WarmUp(plan)

    async def exchange(self, group: str, scenarios: Sequence[Scenario]) -> None:
        """Let scenarios wait in place of those that a group had before, for all processes."""
        await self._waiting.exchange(group, scenarios)

    def scenarios_of(self, documents: Sequence[Any]) -> list[tuple[Scenario, dict[str, int]]]:
        """Read documents as `POST /__mock/scenarios` takes them, each with its `remarks`.

        Raises:
            ScenarioError: one is no scenario; its pointers begin with the number of the document.
        """
        made = list[tuple[Scenario, dict[str, int]]]()
        for number, document in enumerate(documents):
            try:
                scenario = read_scenario(document, self._plan)
            except ScenarioError as error:
                problems = [(f"/{number}{pointer}", what) for pointer, what in error.problems]
                raise ScenarioError(problems) from None
            made.append((scenario, remarks(scenario, self._plan)))
        return made

    def play(self, document: Any) -> str:
        """Let a scenario wait, as `POST /__mock/scenarios` does; returns its id.

        Raises:
            ScenarioError: the document is no scenario for the contract.
        """
        return self.scenarios.add(read_scenario(document, self._plan))

    def entries(self, **wanted: Any) -> list[dict[str, Any]]:
        """The journal's entries as documents, newest first; `wanted` are the fields of a Filter."""
        fits, views = Filter(**wanted).fits, EntryViews(self.contracts)
        return [views.document(entry) for entry in self.journal or () if fits(entry)]

    def verify(self, **expected: Any) -> Verification:
        """Whether the journal has the requests that are expected.

        Raises:
            ExpectationError: the expectation is not of the form that the admin API takes.
        """
        if isinstance(operation := expected.get("operation"), str):
            try:
                expected["operation"] = named_operation(operation, self._plan)
            except UnknownOperationError as error:
                raise ExpectationError(str(error)) from None
        return verified(self.journal or (), Expectation.read(expected))

    def reset(self, key: str | None = None) -> None:
        """Be as good as new, or so for one key: a file's scenarios wait again, and no others."""
        self.scenarios.begin_again(key)
        if self.state is not None and self._shared is None:
            self.state.clear(key)
        if self.journal is not None:
            self.journal.clear(key)

    async def _reset_all(self, key: str | None) -> None:
        """The same for all processes that share the mock."""
        if self._shared is not None:
            await self._shared.reset(key)
        self.reset(key)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        await self._connexion(scope, receive, send)


def _state(settings: Settings, shared: Shared | None) -> StateStore | None:
    if not settings.stateful:
        return None
    return shared.state if shared else MemoryStore()


class _Routes(OpenAPISpecification):  # type: ignore[misc]  # Connexion has no type hints
    """The plan's document for Connexion. We made it, so it is not validated again."""

    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """Take it as it is: with 1,000 operations, Connexion's look at it takes half a second."""


class _ConnexionApp(AsyncApp):  # type: ignore[misc]  # Connexion has no type hints
    """Connexion's asynchronous application with our application inside and our middlewares."""

    def __init__(self, name: str) -> None:
        way = way_of_a_request()
        self._middleware_app = way.inside
        super(AsyncApp, self).__init__(name, middlewares=way.middlewares)

    def serving(
        self,
        plan: Plan,
        answerer: Answerer,
        scenarios: ScenarioStore,
        admin: Admin,
        *,
        upstream: Upstream | None,
    ) -> Any:
        """The stack of middlewares, built for a plan.

        Connexion builds it at the first request; a mock is ready before it says that it is.
        """
        middleware = self.middleware
        options = middleware.options.replace(resolver=Resolver(lambda _id: _answered_by_plan))
        api = API(
            _Routes(plan.connexion_document),
            base_path="",
            plan=plan,
            answerer=answerer,
            scenarios=scenarios,
            admin=admin,
            upstream=upstream,
            **vars(options),
        )
        middleware.apis.append(api)
        middleware.app, middleware.middleware_stack = middleware._build_middleware_stack()
        return middleware.app


def _answered_by_plan() -> None:
    """Stand for every operation's function: Connexion wants one, and `Answers` calls none."""


def create_app(
    contract: Contract | str | Path | Sequence[Contract] | None = None,
    *,
    overlay: str | Path | None = None,
    settings: Settings | None = None,
    on_answer: OnAnswer | None = None,
    shared: Shared | None = None,
    upstream: Upstream | None = None,
) -> MockApp:
    """Make a mock of a contract.

    Args:
        contract: a contract that was loaded, or the path of one, or several that were loaded, for
            one port; None is InsForge's AI API with its overlay.
        overlay: the path of an OpenAPI Overlay, for a contract that is given as a path.
        settings: how to serve it.
        on_answer: called after each answer, in the event loop.
        shared: what it shares with other processes.
        upstream: the deployment that some operations are forwarded to.

    Raises:
        spec.ContractError: the contract or its overlay cannot be read.
        UpstreamError: a selector of the upstream means no operation.
    """
    if contract is None:
        contract, overlay = AI_CONTRACT, overlay or AI_OVERLAY
    if isinstance(contract, (str, Path)):
        contract = load(contract, overlay=overlay, refuses_unknown_names=True)
    contracts = [contract] if isinstance(contract, Contract) else contract
    return MockApp(contracts, settings or Settings(), on_answer, shared, upstream)
