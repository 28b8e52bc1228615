"""The bodies of exchanges while they pass: kept up to a limit, and decoded at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx2

from conformance.http.exchange import Answer, Headers
from conformance.traffic.exchanges import LONGEST

__all__ = ["Kept", "answer_of"]


@dataclass(slots=True)
class Kept:
    """The bytes that have passed; `whole` says whether they are all of the body."""

    ended: bool = False
    size: int = 0
    _pieces: list[bytes] = field(default_factory=list)

    def add(self, piece: bytes) -> None:
        """Keep a piece, as long as there is room."""
        self.size += len(piece)
        if self.size <= LONGEST:
            self._pieces.append(piece)
        else:
            # Half a body cannot be judged, and would only cost memory.
            self._pieces.clear()

    @property
    def whole(self) -> bool:
        """Whether it came to its end, and was kept."""
        return self.ended and self.size <= LONGEST

    @property
    def data(self) -> bytes:
        """What was kept."""
        return b"".join(self._pieces)


def answer_of(
    status: int, headers: Headers, body: Kept, seconds: float, started: float
) -> tuple[Answer, bool]:
    """The answer with its body decoded from its Content-Encoding, and whether it is whole."""
    data, whole = body.data, body.whole
    if any(name.lower() == "content-encoding" for name, _ in headers):
        try:
            data = httpx2.Response(status, headers=list(headers), content=data).content
        except httpx2.DecodingError:
            data, whole = b"", False
    answer = Answer(status=status, headers=headers, body=data, seconds=seconds, started=started)
    return answer, whole
