"""Takes messages of ours away again, where Telegram still lets them go."""

from telegram.error import BadRequest, TelegramError

from bots.telegram import errors
from bots.telegram.transport import PlainBot


async def take_away(bot: PlainBot, chat: int, messages: list[int]) -> bool:
    """True: they are gone, or were before. False: Telegram keeps them.

    Bot API: deleteMessages takes what is younger than 48 hours, and passes over what is not there. Repeating it does
    no harm, so a lost answer means to try again: raises the outbox's errors, but never Uncertain.
    """
    try:
        await bot.ask("deleteMessages", {"chat_id": chat, "message_ids": messages})
    except BadRequest as error:
        if errors.not_there(error):
            return True
        if errors.undeletable(error):
            return False
        raise errors.translated(error, repeatable=True) from None
    except TelegramError as error:
        raise errors.translated(error, repeatable=True) from None
    return True
