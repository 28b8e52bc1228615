"""Resources, inferred from paths, ids and links: which operation does what to which things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from mock_server.plan.operation_plan import OperationPlan
from mock_server.plan.whole_plan import Plan
from mock_server.state.outlines import (
    answer_shape,
    enveloped,
    is_kin,
    list_in,
    request_shape,
    written_values,
)
from spec.contract.resource_paths import ID_IN_ANSWER, canonical, id_property, link_objects
from spec.model.http_methods import UNSAFE_METHODS
from spec.schemas.shapes import Shape

__all__ = ["Act", "Resource", "Resources", "Role"]


class Act(Enum):
    """What an operation does."""

    LIST = "list"
    CREATE = "create"
    READ = "read"
    REPLACE = "replace"
    PATCH = "patch"
    DELETE = "delete"
    INVOKE = "invoke"
    """It changes a thing in its own way and answers with it: `POST /orders/{id}/cancel`."""


_ON_ITEMS = {
    "GET": Act.READ,
    "PUT": Act.REPLACE,
    "PATCH": Act.PATCH,
    "POST": Act.PATCH,
    "DELETE": Act.DELETE,
}
_ON_COLLECTIONS = {"GET": Act.LIST, "POST": Act.CREATE, "PUT": Act.REPLACE}


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """Things of one kind: the items of a collection, or a single thing.

    `path` is the template of the collection, or of the single thing, with `{}` for parameters.
    `parameter` is the name of the parameter that tells items apart, None for a single thing.
    `linked_id` is the property of a created thing that a link takes for that parameter.
    """

    path: str
    parameter: str | None
    reading: OperationPlan | None
    listing: OperationPlan | None
    writers: tuple[OperationPlan, ...]
    creates: bool
    linked_id: str | None = None

    @property
    def is_single(self) -> bool:
        """Whether there is one thing and no collection."""
        return self.parameter is None

    @cached_property
    def nouns(self) -> tuple[str, ...]:
        """What its path calls the things: `users` and `user`."""
        last = next((one for one in reversed(self.path.split("/")) if one not in ("", "{}")), "")
        return tuple(dict.fromkeys((last.lower(), last.lower().removesuffix("s"))))

    @cached_property
    def shape(self) -> Shape:
        """What a thing looks like in answers, without an envelope."""
        if self.reading is not None:
            whole = answer_shape(self.reading)
        elif self.listing is not None and (found := list_in(answer_shape(self.listing))):
            return found[1]
        else:
            shapes = [answer_shape(one) for one in self.writers]
            shapes += [request_shape(one) for one in self.writers]
            whole = next((one for one in shapes if one.properties), shapes[0])
        name = enveloped(whole, self.nouns)
        return whole.member(name) if name else whole

    @cached_property
    def id_name(self) -> str | None:
        """The property that holds the id; None where things do not tell it."""
        if self.parameter is None:
            return None
        linked = self.linked_id if self.linked_id in self.shape.properties else None
        return linked or id_property(self.parameter, self.shape.properties)

    @cached_property
    def is_open(self) -> bool:
        """Whether things exist that no request created: nothing creates any, or any id exists."""
        if self.is_single or not self.creates:
            return True
        values = written_values(self.reading) if self.reading else []
        echoed = (one.get(self.id_name) for one in values if isinstance(one, dict))
        return any(isinstance(one, str) and "{$request." in one for one in echoed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What an operation does to things of a resource. `parent` is what these belong to."""

    act: Act
    resource: Resource
    parent: Resource | None = None


class Resources:
    """The roles of a plan's operations, each found when it is first asked for."""

    def __init__(self, plan: Plan) -> None:
        self._by_path: dict[str, dict[str, OperationPlan]] = {}
        for one in plan.operations.values():
            methods = self._by_path.setdefault(canonical(one.operation.path), {})
            # `/users/{id}` and `/users/{name}` are one path to a client: the first one is served.
            methods.setdefault(one.operation.method, one)
        self._resources: dict[str, Resource | None] = {}
        self._roles: dict[str, Role | None] = {}

    def role(self, plan: OperationPlan) -> Role | None:
        """What an operation does; None where it does nothing to anything that is kept."""
        if plan.key not in self._roles:
            self._roles[plan.key] = self._with_parent(self._role(plan))
        return self._roles[plan.key]

    def _role(self, plan: OperationPlan) -> Role | None:
        path, method = canonical(plan.operation.path), plan.operation.method
        head, _, last = path.rpartition("/")
        # From the surest sign to the vaguest: a parameter at the end, a collection, a view, an
        # action, a link.
        if last == "{}":
            return _role(_ON_ITEMS.get(method), self._collection(head))
        if self._is_collection(path):
            return _role(_ON_COLLECTIONS.get(method), self._collection(path))
        if method == "GET" and self._is_view(plan, head):
            return _role(Act.LIST, self._collection(head))
        if method == "POST" and self._is_action(plan, head):
            return _role(Act.INVOKE, self._thing(head))
        if method == "POST" and (linked := self._linked(plan)):
            return _role(Act.CREATE, linked)
        return _role(_ON_ITEMS.get(method), self._single(path))

    def _with_parent(self, role: Role | None) -> Role | None:
        if role is None:
            return None
        above = role.resource.path.rpartition("/")[0]
        parent = self._collection(above.removesuffix("/{}")) if above.endswith("/{}") else None
        return Role(act=role.act, resource=role.resource, parent=parent)

    def _is_collection(self, path: str) -> bool:
        if f"{path}/{{}}" in self._by_path:
            return True
        methods = self._by_path[path]
        # Some APIs list and create, and offer no single thing.
        return {"GET", "POST"} <= methods.keys() and _lists(methods["GET"])

    def _is_view(self, plan: OperationPlan, head: str) -> bool:
        """Whether it lists a choice of the things of the collection above: `/pet/findByStatus`."""
        collection = self._collection(head) if f"{head}/{{}}" in self._by_path else None
        found = list_in(answer_shape(plan)) if collection else None
        return collection is not None and found is not None and is_kin(found[1], collection.shape)

    def _is_action(self, plan: OperationPlan, head: str) -> bool:
        reading = self._by_path.get(head, {}).get("GET")
        # `POST /orders/{id}/cancel` answers with the order; `POST /orders/{id}/items` with another
        # thing.
        return reading is not None and is_kin(answer_shape(plan), answer_shape(reading))

    def _thing(self, path: str) -> Resource | None:
        collection = path.removesuffix("/{}")
        return self._collection(collection) if collection != path else self._single(path)

    def _single(self, path: str) -> Resource | None:
        if path not in self._resources:
            methods = self._by_path[path]
            writers = _writers(methods)
            has_actions = any(self._actions_of(path)) if "GET" in methods else False
            has_state = "GET" in methods and bool(methods.keys() & {"PUT", "PATCH", "DELETE"})
            self._resources[path] = (
                Resource(
                    path=path,
                    parameter=None,
                    reading=methods.get("GET"),
                    listing=None,
                    writers=(*writers, methods["GET"]),
                    creates=False,
                )
                if has_state or has_actions
                else None
            )
        return self._resources[path]

    def _actions_of(self, path: str) -> Iterator[OperationPlan]:
        for one, methods in self._by_path.items():
            head, _, last = one.rpartition("/")
            post = methods.get("POST") if head == path and last != "{}" else None
            if post is not None and self._is_action(post, path):
                yield post

    def _collection(self, path: str) -> Resource | None:
        """The resource of a collection; None where nothing can be written."""
        if path not in self._resources:
            self._resources[path] = None  # what is looked for meanwhile must not look for it again
            self._resources[path] = self._made(path)
        return self._resources[path]

    def _made(self, path: str) -> Resource | None:
        above, below = self._by_path.get(path, {}), self._by_path.get(f"{path}/{{}}", {})
        writers = [*_writers(above), *_writers(below)]
        links = dict(self._links_to(below))
        creators = [self._plan_of_key(key) for key in links]
        puts = below.get("PUT")
        can_put = puts is not None and puts.response_of("201") is not None
        reading, listing = below.get("GET"), above.get("GET")
        if not writers and not creators:
            return None
        any_below = next(iter(below.values()), None)
        return Resource(
            path=path,
            parameter=any_below.path_names[-1] if any_below else "id",
            reading=reading,
            listing=listing if listing is not None and _lists(listing) else None,
            writers=(*writers, *creators),
            creates="POST" in above or bool(creators) or can_put,
            linked_id=next(iter(links.values()), None),
        )

    def _linked(self, plan: OperationPlan) -> Resource | None:
        """The collection whose items the links of an answer lead to."""
        for methods in [one for path, one in self._by_path.items() if path.endswith("/{}")]:
            if any(key == plan.key for key, _ in self._links_to(methods)):
                path = canonical(next(iter(methods.values())).operation.path)
                # The parents' ids have to be in the path of the operation itself.
                if path.removesuffix("/{}").count("{}") == 0:
                    return self._collection(path.removesuffix("/{}"))
        return None

    def _links_to(self, items: Mapping[str, OperationPlan]) -> Iterator[tuple[str, str]]:
        """The keys of operations whose links lead to items, each with the property of the id."""
        names = {one.operation.operation_id: one.path_names[-1] for one in items.values()}
        # Links name an operationId, which operations need not have.
        names.pop(None, None)
        for key, target, parameters in self._links:
            expression = parameters.get(names.get(target, ""))
            found = ID_IN_ANSWER.fullmatch(str(expression))
            if target in names and found:
                yield key, found[1]

    @cached_property
    def _links(self) -> tuple[tuple[str, str, Mapping[str, Any]], ...]:
        """The links of all answers: of which operation, to which, with which parameters."""
        every = (one for methods in self._by_path.values() for one in methods.values())
        return tuple(
            (plan.key, link["operationId"], link.get("parameters") or {})
            for plan in every
            if plan.operation.method == "POST"
            for link in link_objects(plan.contract, plan.responses)
            if isinstance(link.get("operationId"), str)
        )

    def _plan_of_key(self, key: str) -> OperationPlan:
        every = (one for methods in self._by_path.values() for one in methods.values())
        return next(one for one in every if one.key == key)


def _role(act: Act | None, resource: Resource | None) -> Role | None:
    return Role(act=act, resource=resource) if act and resource else None


def _writers(methods: Mapping[str, OperationPlan]) -> list[OperationPlan]:
    return [one for method, one in methods.items() if method in UNSAFE_METHODS]


def _lists(plan: OperationPlan) -> bool:
    return list_in(answer_shape(plan)) is not None
