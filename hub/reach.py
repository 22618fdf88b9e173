"""Asks both messengers the few questions the command line has, before or beside a running hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import SecretStr

from hub.settings import Settings

PATIENCE = aiohttp.ClientTimeout(total=10)
"""For one question; a person is waiting at the terminal."""


class NoAnswer(Exception):
    """The address did not answer, or what answered is not the messenger; the message says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a messenger said: `error` is empty when it did what was asked, else its own word for why not."""

    error: str
    result: Mapping[str, Any]
    headers: Mapping[str, str]
    """Names in lower case."""


async def ask_telegram(settings: Settings, method: str) -> Answer:
    """Call a method of the Bot API that needs no parameters and changes nothing. Raises NoAnswer."""
    token = settings.telegram_bot_token.get_secret_value() if settings.telegram_bot_token else ""
    said, headers = await _post(settings.telegram_api_url, f"/bot{token}/{method}", {})
    error = "" if said.get("ok") else str(said.get("description", "no description"))
    result = said.get("result")
    return Answer(error, result if isinstance(result, dict) else {}, headers)


async def ask_slack(
    settings: Settings, method: str, token: SecretStr, parameters: Mapping[str, str] | None = None
) -> Answer:
    """Call a method of Slack's Web API that changes nothing. Raises NoAnswer."""
    bearer = {"Authorization": f"Bearer {token.get_secret_value()}"}
    said, headers = await _post(settings.slack_api_url, f"/{method}", bearer, parameters)
    return Answer("" if said.get("ok") else str(said.get("error", "no reason")), said, headers)


async def bot_name(settings: Settings) -> tuple[str, str]:
    """The Telegram bot's name without @, or an empty one and the reason why it cannot be had."""
    try:
        me = await ask_telegram(settings, "getMe")
    except NoAnswer as problem:
        return "", str(problem)
    if me.error:
        return "", f"Telegram says: {me.error}"
    return str(me.result.get("username", "")), ""


async def strangers(settings: Settings, emails: Sequence[str]) -> list[str]:
    """Those of these e-mails of which Slack says that nobody has them; none while Slack cannot be asked."""
    token = settings.slack_bot_token
    if token is None:
        return []
    try:
        asked = [(email, await ask_slack(settings, "users.lookupByEmail", token, {"email": email})) for email in emails]
    except NoAnswer:
        return []
    return [email for email, answer in asked if answer.error == "users_not_found"]


def _why(error: aiohttp.ClientError) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "nobody knows that name"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "it has no certificate that is trusted here"
        case aiohttp.ClientConnectorError():
            return "nothing listens there, or something between refuses"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return "it hangs up"
        case _:
            return "what it says cannot be understood"


async def _post(
    base: str, path: str, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], Mapping[str, str]]:
    # `from None` everywhere: the library's words hold the whole address, and with it Telegram's token.
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as client,
            client.post(base + path, headers=headers, data=form) as response,
        ):
            said = await response.json(content_type=None)
            answered = {name.lower(): value for name, value in response.headers.items()}
    except TimeoutError:
        raise NoAnswer(f"{base} does not answer") from None
    except aiohttp.ClientError as error:
        raise NoAnswer(f"{base} cannot be reached: {_why(error)}") from None
    except ValueError:
        raise NoAnswer(f"{base} answers, but not as the messenger would") from None
    if not isinstance(said, dict):
        raise NoAnswer(f"{base} answers, but not as the messenger would")
    return said, answered
