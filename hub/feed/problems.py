"""What is wrong with a request, in one form for all: RFC 9457, with the fields named and nothing of theirs repeated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.responses import JSONResponse

TYPE: Final = "application/problem+json"

MOST: Final = 20
"""Fields named at once; whoever mends these sees the rest."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that is wrong, and why. `field` as `events.3.at`; `header X`; empty: the request as a whole."""

    field: str
    problem: str


class Refusal(Exception):
    """The request is answered with this."""

    def __init__(
        self, status: int, detail: str, wrong: Sequence[Wrong] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.wrong, self.headers = status, detail, wrong, headers


Location: TypeAlias = Sequence[int | str]


def problem(
    status: int, detail: str, wrong: Iterable[Wrong] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer. `detail`: a sentence that says what to do."""
    errors = [{"field": one.field, "problem": one.problem} for one in wrong]
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors[:MOST]
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=TYPE)


def of_refusal(refusal: Refusal) -> JSONResponse:
    return problem(refusal.status, refusal.detail, refusal.wrong, refusal.headers)


def field_of(location: Location) -> str:
    """Where a field stands, as its sender writes it."""
    inside = [str(part) for part in location if part not in ("body", "path", "query")]
    return ".".join(inside)
