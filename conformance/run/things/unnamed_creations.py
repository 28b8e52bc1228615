"""Things that a run has made and no answer names: a list shows them by what was sent.

`{"success": true}` is all that many creations are answered with.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from conformance.http.exchange import Request
from conformance.judgement.json_answers import read_json
from conformance.judgement.listings import Sought
from spec import Contract

__all__ = ["UnnamedCreations"]

_NEW = re.compile(r"[0-9a-f]{8}|\d{9}", re.I)
"""What new values have in them (`fresh_values.like`): it is hardly in anybody else's."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
"""An id that an answer may have shown: it names another thing."""


class UnnamedCreations:
    """Remembers the texts that only this run has sent, by the list that may show their things."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._texts = defaultdict[tuple[str, tuple[str, ...]], set[tuple[str, str]]](set)
        self._unasked = dict[tuple[str, tuple[str, ...]], None]()

    def __bool__(self) -> bool:
        return bool(self._texts)

    @cached_property
    def _known(self) -> str:
        """The text of the contract: what stands in it may be anybody's."""
        return str(self.contract.document)

    def is_coined(self, text: str) -> bool:
        """Whether a text was made up by this run."""
        new = bool(_NEW.search(text)) and not _UUID.fullmatch(text)
        return new and text not in self._known

    def texts(self, request: Request) -> dict[str, str]:
        """The properties of a request with such texts."""
        sent = read_json(request.body or b"").value
        pairs = sent.items() if isinstance(sent, dict) else ()
        return {name: one for name, one in pairs if isinstance(one, str) and self.is_coined(one)}

    def add(self, collection: str, parents: tuple[str, ...], request: Request) -> None:
        """Remember a request whose answer does not say which thing it has made."""
        if texts := self.texts(request):
            self._texts[collection, parents] |= texts.items()
            self._unasked[collection, parents] = None

    def unasked(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The collections to be asked for since then, each with the ids that lead to it."""
        asked, self._unasked = self._unasked, {}
        yield from asked

    def shown_by(self, collection: str, parents: tuple[str, ...], member: Any) -> list[str]:
        """The texts by which a member of a list is one of these things."""
        texts = self._texts.get((collection, parents), ())
        return [text for name, text in texts if Sought(texts={name: text}).is_it("", member)]
