"""A website in place of the API: a single-page app that answers every path, or the wrong port."""

from __future__ import annotations

from collections.abc import Callable

from conformance.commands.options.telling import tell
from conformance.http.exchange import Answer
from conformance.http.single_request import single_request
from conformance.run.whole_run import Run

__all__ = ["WebsiteWatch"]

_NOWHERE = "/no-such-path-of-this-api"
"""A path that no API has: what answers it with a page is a website."""
_FALLBACKS = frozenset({200, 404, 405})
"""What a website answers to an API's requests: its page, or a refusal of the method."""


class WebsiteWatch:
    """Looks at the first response of a run, and says once if a website gives it.

    A page alone proves nothing, since an API may have an HTML error page. Where a path that no
    contract has is answered with 200 and a page as well, a website answers everything.
    """

    def __init__(self, follow: Callable[[Run], None], *, quiet: bool) -> None:
        self._follow, self._quiet, self._has_looked = follow, quiet, False

    def __call__(self, run: Run) -> None:
        """Follow a run; the signature is that of a progress display."""
        self._follow(run)
        session = run.session
        if self._has_looked or session is None or not session.answered or run.target.app:
            return
        self._has_looked = True
        if not _is_strange_page(run, session.last):
            return
        nowhere = single_request(run.target, _NOWHERE)
        if nowhere.status == 200 and nowhere.is_page:
            sentence = (
                f"a website answers at {run.target.url}: even a path that does not exist gets 200 "
                "and an HTML page (the fallback of a single-page app, or another port); correct "
                "--url to where the API itself listens"
            )
            run.remarks.append(sentence)
            if not self._quiet:
                tell(sentence)


def _is_strange_page(run: Run, answer: Answer) -> bool:
    """Whether a response is a page where the contract documents none."""
    if answer.status not in _FALLBACKS or "html" not in (answer.header("content-type") or ""):
        return False
    operation = run.contract.operation(run.current)
    documented = operation.response_for(answer.status) if operation else None
    return not any("html" in one.name for one in (documented.content if documented else ()))
