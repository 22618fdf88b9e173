"""How much talk the hub stands, and how soon it answers, beside bots that only echo."""

from bench.measure import RUNS, Result, Wanted
from bench.processes import HUB, talk

ECHO = {name: (f"bench.rivals.{name}", "URL") for name in ("ptb_echo", "aiogram_echo", "bolt_echo", "raw_telegram")}
CHATS = 100


def hub(messenger: str, chats: int) -> tuple[str, ...]:
    return (*HUB, f"--{messenger}", "URL", "--chats", str(chats))


def telegram(runs: int = RUNS, total: int = 600, chats: int = CHATS) -> list[Result]:
    """Taps and messages per second: each of ours is a durable step with its card, each of theirs an echo."""
    ours, ptb, aiogram = [], [], []
    for _ in range(runs):
        ptb.append(talk("telegram", ECHO["ptb_echo"], total=total, chats=chats)["per_second"])
        ours.append(talk("telegram", hub("telegram", chats), total=total, chats=chats)["per_second"])
        aiogram.append(talk("telegram", ECHO["aiogram_echo"], total=total, chats=chats)["per_second"])
    what = "Telegram: taps and messages"
    return [
        Result(what, "/s", ours, ptb, "bare python-telegram-bot echo", Wanted(1.5)),
        Result(what, "/s", ours, aiogram, "bare aiogram echo", Wanted(1.0)),
    ]


def distance(runs: int = RUNS, total: int = 800, echoed: int = 30, chats: int = CHATS) -> list[Result]:
    """The same with 50 ms to the server and back. The echo, many times slower, gets fewer of them to answer."""
    ours, ptb = [], []
    for _ in range(runs):
        ptb.append(talk("telegram", ECHO["ptb_echo"], total=echoed, chats=chats, latency=0.05)["per_second"])
        ours.append(talk("telegram", hub("telegram", chats), total=total, chats=chats, latency=0.05)["per_second"])
    return [Result("… with 50 ms of latency", "/s", ours, ptb, "the same echo, one by one", Wanted(30))]


def slack(runs: int = RUNS, total: int = 600, chats: int = CHATS) -> list[Result]:
    """Taps and messages per second over Socket Mode."""
    ours, bolt = [], []
    for _ in range(runs):
        bolt.append(talk("slack", ECHO["bolt_echo"], total=total, chats=chats)["per_second"])
        ours.append(talk("slack", hub("slack", chats), total=total, chats=chats)["per_second"])
    return [Result("Slack: actions and messages", "/s", ours, bolt, "bare bolt echo, Socket Mode", Wanted(1.5))]


def latency(runs: int = RUNS, total: int = 500, chats: int = CHATS) -> list[Result]:
    """From update to reply at 100 updates per second, beside the least that any Python bot could take."""
    ours, floor = [], []
    for _ in range(runs):
        floor.append(talk("telegram", ECHO["raw_telegram"], total=total, chats=chats, rate=100)["p99_ms"])
        ours.append(talk("telegram", hub("telegram", chats), total=total, chats=chats, rate=100)["p99_ms"])
    return [
        Result("Telegram: p99 at 100 updates/s", "ms", ours, floor, "raw aiohttp loop", Wanted(3, at="most")),
    ]
