"""A strict local Slack: the real libraries connect to it, people sit in it, and it refuses what Slack refuses.

world = SlackWorld(clock)
base_url = await world.start()                      # for AsyncWebClient; tokens: world.bot_token, world.app_token
ann = world.person("ann", "Ann Lee", "ann@acme.example", "Europe/Berlin", "en-US")
await ann.say("hello")
await ann.sees("Welcome")
await ann.tap_label("Done")
await world.stop()
"""

from playground.slack.person import Person
from playground.slack.web import Call
from playground.slack.world import SlackWorld

__all__ = ["Call", "Person", "SlackWorld"]
