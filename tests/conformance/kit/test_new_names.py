"""What a change calls a thing from then on, by a property of its own: `newBucketName`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.http.exchange import Answer, Request
from conformance.run.things.known_items import KnownItems
from conformance.run.things.thing_references import references
from tests.conformance.kit.running import contract_of

BUCKETS = """
paths:
  /buckets:
    post: &post {requestBody: {content: {application/json: {schema: {type: object, properties:
      {bucketName: {type: string}, newBucketName: {type: string}, newBucketId: {type: string},
       rename: {type: object, properties: {newName: {type: string}}}}}}}},
      responses: {'201': {description: made}}}
  /buckets/{bucketName}:
    parameters: &of_bucket [{name: bucketName, in: path, required: true, schema: {type: string}}]
    patch: *post
    delete: &delete {responses: {'204': {description: gone}, '404': {description: none}}}
  /buckets/{bucketName}/objects: {parameters: *of_bucket, post: *post}
  /buckets/{bucketName}/objects/{key}:
    parameters: [*bucket, {name: key, in: path, required: true, schema: {type: string}}]
    delete: *delete
""".replace("[{name: bucketName", "[&bucket {name: bucketName")
BUCKET, OBJECT = "/buckets/{bucketName}", "/buckets/{bucketName}/objects/{key}"


def see(things: KnownItems, name: str, target: str, sent: Any, status: int, said: Any) -> None:
    """Let a run see one exchange."""
    operation = things.contract.operation(name)
    assert operation is not None
    body = b"" if said is None else json.dumps(said).encode()
    request = Request(method=operation.method, target=target, body=json.dumps(sent).encode())
    things.see(operation, request, Answer(status=status, headers=(), body=body))


@pytest.mark.parametrize(
    ("sent", "said", "missed"),
    [
        ({"newBucketName": "b"}, {"bucketName": "b"}, False),
        ({"newBucketName": "b"}, {"message": "changed"}, False),
        ({"rename": {"newName": "b"}}, None, False),
        # The answer has the name of the path: that the thing is not there any more tells.
        ({"newBucketName": "b"}, {"bucketName": "a"}, True),
    ],
)
def test_what_is_renamed_is_removed_with_what_belongs_to_it(
    tmp_path: Path, sent: Any, said: Any, missed: bool
) -> None:
    """It is found under the name that the change has asked for, whatever the answer says of it."""
    things = KnownItems(contract_of(tmp_path, BUCKETS))
    see(things, "POST /buckets", "/buckets", {"bucketName": "a"}, 201, {"bucketName": "a"})
    see(things, f"POST {BUCKET}/objects", "/buckets/a/objects", {}, 201, {"key": "x"})
    see(things, f"POST {BUCKET}/objects", "/buckets/a/objects", {}, 201, {"key": "y"})
    see(things, f"DELETE {OBJECT}", "/buckets/a/objects/y", None, 204, None)

    see(things, f"PATCH {BUCKET}", "/buckets/a", sent, 200, said)
    if missed:
        see(things, f"DELETE {BUCKET}", "/buckets/a", None, 404, None)

    assert [things.path(one) for one in things.standing()] == ["/buckets/b/objects/x", "/buckets/b"]


def test_a_thing_whose_new_name_is_refused_keeps_the_old_one(tmp_path: Path) -> None:
    """The name is taken: what has it is somebody else's."""
    things = KnownItems(contract_of(tmp_path, BUCKETS))
    see(things, "POST /buckets", "/buckets", {"bucketName": "a"}, 201, {"bucketName": "a"})

    see(things, f"PATCH {BUCKET}", "/buckets/a", {"newBucketName": "b"}, 409, None)

    assert [things.path(one) for one in things.standing()] == ["/buckets/a"]


@pytest.mark.parametrize(
    ("name", "path", "names"),
    [
        (f"PATCH {BUCKET}", ("newBucketName",), False),
        (f"PATCH {BUCKET}", ("rename", "newBucketName"), False),
        (f"PATCH {BUCKET}", ("bucketName",), True),
        (f"PATCH {BUCKET}", ("newBucketId",), True),
        # Into which bucket an object goes.
        (f"POST {BUCKET}/objects", ("newBucketName",), True),
    ],
)
def test_a_new_name_is_no_other_things(
    tmp_path: Path, name: str, path: tuple[str, ...], names: bool
) -> None:
    """The name of a thing that is there would be refused as taken."""
    contract = contract_of(tmp_path, BUCKETS)
    operation = contract.operation(name)
    assert operation is not None

    assert references(contract).of(operation).names_a_thing(path) is names
