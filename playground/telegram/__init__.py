"""Telegram on loopback: a Bot API server as strict as the real one, and the people who use it.

Known to be kinder or simpler than Telegram: webhooks may be plain http on any port, as with a local Bot API server; a
poll repeated at once is not held back for three seconds; an address given for a picture is not fetched; a person who
never wrote answers 403 even when no group is shared. Channels, forums, business accounts, payments, polls, stickers,
inline queries and reactions do not exist here: their methods are not found.
"""

from playground.telegram.flood import Limits
from playground.telegram.person import TelegramPerson
from playground.telegram.server import Call
from playground.telegram.world import TelegramWorld

__all__ = ["Call", "Limits", "TelegramPerson", "TelegramWorld"]
