"""Which addresses Telegram accepts in links and buttons, and the two kinds of t.me links a bot lives by."""

import re
from urllib.parse import parse_qs, urlsplit

START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What may follow ?start=. Bot API: deep linking."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_HOST = re.compile(
    r"(?:[\w-]+\.)+[\w-]{2,}|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]",
)


def fault_of(url: str) -> str:
    """Why Telegram would refuse this address, in its words; "" when it would not."""
    url = url.strip()
    if not url:
        return "URL host is empty"
    if url.lower().startswith(("tg:", "ton:", "mailto:", "tel:")):
        return ""
    scheme = _SCHEME.match(url)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return "Unsupported URL protocol"
    try:
        parts = urlsplit(url if scheme else f"http://{url}")
        host, port = parts.netloc.rpartition("@")[2], parts.port
    except ValueError:
        return "Wrong port number specified in the URL"
    host = re.sub(r":\d*$", "", host)
    if not host:
        return "URL host is empty"
    if port == 0 or not _HOST.fullmatch(host):
        return "Wrong HTTP URL"
    return ""


def checked_link(url: str) -> str:
    """The address as Telegram keeps it, or "" when it drops the link silently, as it does inside formatting."""
    url = url.strip()
    if not url or fault_of(url):
        return ""
    if url.lower().startswith(("tg:", "ton:", "mailto:", "tel:")) or _SCHEME.match(url):
        parts = urlsplit(url)
        return f"{url}/" if parts.scheme in ("http", "https") and not parts.path and not parts.query else url
    return f"http://{url}" if "/" in url else f"http://{url}/"


def mentioned_user(url: str) -> int:
    """The user a tg://user?id= link names; 0 when it is another link."""
    match = re.fullmatch(r"tg:(?://)?user\?id=(\d+)", url.strip(), re.IGNORECASE)
    return int(match[1]) if match else 0


def start_link(url: str) -> tuple[str, str] | None:
    """(bot username in lower case, start payload) of https://t.me/<bot>?start=… or tg://resolve; None for others.

    A payload Telegram would not accept is dropped, as its apps do: the chat opens with a bare Start.
    """
    parts = urlsplit(url.strip())
    asked = parse_qs(parts.query)
    if parts.scheme in ("http", "https") and parts.netloc.lower() in ("t.me", "telegram.me", "telegram.dog"):
        bot = parts.path.strip("/")
    elif parts.scheme == "tg" and (parts.netloc or parts.path) == "resolve":
        bot = asked.get("domain", [""])[0]
    else:
        return None
    payload = asked.get("start", [""])[0]
    return (bot.lower(), payload if START_PAYLOAD.fullmatch(payload) else "") if bot else None
