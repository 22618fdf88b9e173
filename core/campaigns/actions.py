"""What buttons of campaigns mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowCampaigns:
    """List what is being sent, ours and theirs; `page` from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ShowCampaign:
    """Open one campaign: from then on its card lives here."""

    campaign: int


@dataclass(frozen=True, slots=True)
class FollowCampaign:
    """Be told of its turns, or no longer: `follow` is 1 or 0."""

    campaign: int
    follow: int
