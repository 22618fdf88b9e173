"""Telegram on loopback: a Bot API server as strict as the real one, and the people who use it."""

from playground.telegram.flood import Limits
from playground.telegram.person import TelegramPerson
from playground.telegram.server import Call
from playground.telegram.world import TelegramWorld

__all__ = ["Call", "Limits", "TelegramPerson", "TelegramWorld"]
