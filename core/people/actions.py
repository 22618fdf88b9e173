"""What buttons of joining, languages and groups mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InviteAccept:
    invitation: int


@dataclass(frozen=True, slots=True)
class InviteDecline:
    invitation: int


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Two letters; empty: show the languages."""

    language: str


@dataclass(frozen=True, slots=True)
class ShareHere:
    """Show the account's shared checklist in this group."""

    account: int
