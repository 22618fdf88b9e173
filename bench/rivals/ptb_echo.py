"""A bare python-telegram-bot echo with its defaults."""

import sys

from telegram import Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters


async def words(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(update.message.text or "")


async def tap(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query is not None
    await update.callback_query.answer()
    await update.callback_query.edit_message_text(update.callback_query.data or "")


def main() -> None:
    app = Application.builder().token("42:BENCH").base_url(f"{sys.argv[1]}/bot").build()
    app.add_handler(MessageHandler(filters.ALL, words))
    app.add_handler(CallbackQueryHandler(tap))
    app.run_polling()


if __name__ == "__main__":
    main()
