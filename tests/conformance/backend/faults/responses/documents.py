"""Bodies that are no JSON, or not in UTF-8, or not coded as they say."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

from tests.conformance.backend import operations as op
from tests.conformance.backend.exchange import get
from tests.conformance.backend.faults.responses.changes import fault, good, rewritten, same
from tests.conformance.backend.messages import Answer
from tests.conformance.backend.proof import shows

__all__ = ["FAULTS"]


def twice_named(body: bytes) -> bytes:
    """One name, two values: what a client sees depends on its parser."""
    return b'{"count": 7, ' + body.lstrip(b"{")


def gzipped(answer: Answer) -> Answer:
    """Compressed for a client that did not ask for it."""
    return answer.carrying(gzip.compress(answer.body, mtime=0)).having("content-encoding", "gzip")


FAULTS = (
    fault(
        name="answer-empty",
        operations=(op.API_KEY,),
        what="200 and no body.",
        finds="response: JSON",
        patch=rewritten(op.API_KEY, lambda body: b""),
        shows=same(op.API_KEY),
    ),
    fault(
        name="answer-cut",
        operations=(op.IMAGE,),
        what="The document ends in its middle, and Content-Length agrees with it.",
        finds="response: JSON",
        patch=rewritten(op.IMAGE, lambda body: body[:-20]),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-twice",
        operations=(op.EMBEDDINGS,),
        what="Two documents, one after the other: `res.write` twice.",
        finds="response: one document",
        patch=rewritten(op.EMBEDDINGS, lambda body: body + body),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="answer-and-warning",
        operations=(op.MODELS,),
        what="A warning of the runtime after the document.",
        finds="response: one document",
        patch=rewritten(op.MODELS, lambda body: body + b"\nWarning: deprecated call in line 7"),
        shows=same(op.MODELS),
    ),
    fault(
        name="answer-with-bom",
        operations=(op.OVERVIEW,),
        level="warning",
        what="A byte order mark before the document (RFC 8259 section 8.1).",
        finds="response: no BOM",
        patch=rewritten(op.OVERVIEW, lambda body: b"\xef\xbb\xbf" + body),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="answer-nan",
        operations=(op.OVERVIEW,),
        what="`json.dumps(float('nan'))`.",
        finds="response: JSON",
        patch=rewritten(op.OVERVIEW, lambda body: body.replace(b"1.25", b"NaN", 1)),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="answer-infinity",
        operations=(op.EMBEDDINGS,),
        what="A vector that overflowed.",
        finds="response: JSON",
        patch=rewritten(op.EMBEDDINGS, lambda body: body.replace(b'"index": 0', b'"x": Infinity')),
        shows=same(op.EMBEDDINGS),
    ),
    fault(
        name="answer-latin-1",
        operations=(op.IMAGE,),
        what="Umlauts in Latin-1, where JSON is UTF-8.",
        finds="response: UTF-8",
        patch=rewritten(op.IMAGE, lambda body: body.replace(b"Here", b"H\xf6re")),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-utf-16",
        operations=(op.MODELS,),
        what="UTF-16, as one runtime's strings are.",
        finds="response: UTF-8",
        patch=rewritten(op.MODELS, lambda body: body.decode().encode("utf-16")),
        shows=same(op.MODELS),
    ),
    fault(
        name="answer-duplicate-keys",
        operations=(op.IMAGE,),
        level="warning",
        what="A property stands there twice with two values (RFC 8259 section 4).",
        finds="response: no duplicate keys",
        patch=rewritten(op.IMAGE, twice_named),
        shows=same(op.IMAGE),
    ),
    fault(
        name="answer-in-a-string",
        operations=(op.API_KEY,),
        what="Encoded twice: a string that holds JSON.",
        finds="response: schema",
        patch=rewritten(op.API_KEY, lambda body: json.dumps(body.decode()).encode()),
        shows=same(op.API_KEY),
    ),
    fault(
        name="answer-single-quoted",
        operations=(op.GET_CONFIG,),
        what="`str(dict)` in the place of `json.dumps`.",
        finds="response: JSON",
        patch=rewritten(op.GET_CONFIG, lambda body: str(json.loads(body)).encode()),
        shows=same(op.GET_CONFIG),
    ),
    fault(
        name="gzip-unasked",
        operations=(op.MODELS,),
        level="warning",
        what="Compressed for a client whose Accept-Encoding forbids it.",
        finds="response: content coding",
        patch=good(op.MODELS, gzipped),
        shows=shows(get("models").header("accept-encoding", "identity"), was=200, becomes=200),
    ),
    fault(
        name="gzip-unlabelled",
        operations=(op.OVERVIEW,),
        what="Compressed, and the header that says so was lost in a proxy.",
        finds="response: JSON",
        patch=good(op.OVERVIEW, lambda answer: gzipped(answer).without("content-encoding")),
        shows=same(op.OVERVIEW),
    ),
    fault(
        name="gzip-untrue",
        also=r"control",
        operations=(op.IMAGE,),
        what="Content-Encoding: gzip over plain JSON.",
        finds="response: content coding",
        patch=good(op.IMAGE, lambda answer: answer.having("content-encoding", "gzip")),
        shows=same(op.IMAGE),
    ),
    fault(
        name="gzip-cut",
        also=r"control",
        operations=(op.CHAT,),
        what="A compressed answer whose end is missing.",
        finds="response: content coding",
        patch=good(
            op.CHAT, lambda answer: replace(gzipped(answer), body=gzipped(answer).body[:-12])
        ),
        shows=same(op.CHAT),
    ),
)
