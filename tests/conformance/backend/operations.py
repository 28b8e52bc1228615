"""The nine operations, and the shapes of the bodies that four of them take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tests.conformance.backend.shapes import Either, Flag, Items, Number, Record, Shape, Text
from tests.conformance.backend.tokens import ADMIN, CLIENT

__all__ = [
    "API_KEY",
    "CHAT",
    "EMBEDDINGS",
    "GET_CONFIG",
    "IMAGE",
    "MODELS",
    "OPERATIONS",
    "OVERVIEW",
    "PROVIDERS",
    "PUT_CONFIG",
    "ROTATE",
    "SHAPES",
    "Operation",
]

GET_CONFIG = "GET /api/ai/config"
PUT_CONFIG = "PUT /api/ai/config"
MODELS = "GET /api/ai/models"
OVERVIEW = "GET /api/ai/overview"
API_KEY = "GET /api/ai/{provider}/api-key"
ROTATE = "POST /api/ai/{provider}/api-key/rotate"
CHAT = "POST /api/ai/chat/completion"
IMAGE = "POST /api/ai/image/generation"
EMBEDDINGS = "POST /api/ai/embeddings"

PROVIDERS = ("openrouter",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: where it is, and the least role that may call it."""

    label: str
    role: str

    @property
    def method(self) -> str:
        """In upper case."""
        return self.label.split()[0]

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's segments; one in braces takes any text."""
        return _segments(self.label)

    def fits(self, segments: tuple[str, ...]) -> bool:
        """Whether the decoded segments of a path lead here."""
        return len(segments) == len(self.segments) and all(
            given == wanted or (wanted == "{provider}" and given)
            for given, wanted in zip(segments, self.segments, strict=True)
        )


@cache
def _segments(label: str) -> tuple[str, ...]:
    return tuple(label.split()[1].strip("/").split("/"))


OPERATIONS = tuple(
    Operation(label=label, role=role)
    for label, role in (
        (GET_CONFIG, ADMIN),
        (PUT_CONFIG, ADMIN),
        (MODELS, ADMIN),
        (OVERVIEW, ADMIN),
        (API_KEY, ADMIN),
        (ROTATE, ADMIN),
        (CHAT, CLIENT),
        (IMAGE, CLIENT),
        (EMBEDDINGS, CLIENT),
    )
)

TEXT = Text()
CREDENTIAL = Text(shortest=1, longest=512, not_blank=True)
UPDATE_CONFIG = Record(fewest=1, fields={"apiKey": CREDENTIAL, "managementKey": CREDENTIAL})

TOOL_CALL = Record(
    required=("id", "type", "function"),
    fields={
        "id": TEXT,
        "type": Text(members=("function",)),
        "function": Record(
            required=("name", "arguments"), fields={"name": TEXT, "arguments": TEXT}
        ),
    },
)
MESSAGE = Record(
    required=("role",),
    fields={
        "role": Text(members=("user", "assistant", "system", "tool")),
        "content": Text(nullable=True),
        "tool_calls": Items(of=TOOL_CALL),
        "tool_call_id": TEXT,
    },
)
WEB_SEARCH = Record(
    required=("enabled",),
    fields={
        "enabled": Flag(),
        "engine": Text(members=("native", "exa")),
        "maxResults": Number(least=1, most=10, whole=True),
        "searchPrompt": TEXT,
    },
)
FILE_PARSER = Record(
    required=("enabled",),
    fields={
        "enabled": Flag(),
        "pdf": Record(fields={"engine": Text(members=("pdf-text", "mistral-ocr", "native"))}),
    },
)
TOOL = Record(
    required=("type", "function"),
    fields={
        "type": Text(members=("function",)),
        "function": Record(
            required=("name",),
            fields={"name": TEXT, "description": TEXT, "parameters": Record()},
        ),
    },
)
TOOL_CHOICE = Either(
    shapes=(
        Text(members=("auto", "none", "required")),
        Record(
            required=("type", "function"),
            fields={
                "type": Text(members=("function",)),
                "function": Record(required=("name",), fields={"name": TEXT}),
            },
        ),
    )
)

SHAPES: dict[str, Shape] = {
    PUT_CONFIG: UPDATE_CONFIG,
    CHAT: Record(
        required=("model", "messages"),
        fields={
            "model": TEXT,
            "messages": Items(of=MESSAGE),
            "stream": Flag(),
            "temperature": Number(least=0, most=2),
            "maxTokens": Number(whole=True),
            "topP": Number(least=0, most=1),
            "webSearch": WEB_SEARCH,
            "fileParser": FILE_PARSER,
            "thinking": Flag(),
            "tools": Items(of=TOOL),
            "toolChoice": TOOL_CHOICE,
            "parallelToolCalls": Flag(),
        },
    ),
    IMAGE: Record(required=("model", "prompt"), fields={"model": TEXT, "prompt": TEXT}),
    EMBEDDINGS: Record(
        required=("model", "input"),
        fields={
            "model": TEXT,
            "input": Either(shapes=(TEXT, Items(of=TEXT))),
            "encoding_format": Text(members=("float", "base64")),
            "dimensions": Number(least=0, whole=True),
        },
    ),
}
