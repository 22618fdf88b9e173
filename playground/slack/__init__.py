"""A strict local Slack: the real libraries connect to it, people sit in it, and it refuses what Slack refuses."""

from playground.slack.person import Person
from playground.slack.web import Call
from playground.slack.world import SlackWorld

__all__ = ["Call", "Person", "SlackWorld"]
