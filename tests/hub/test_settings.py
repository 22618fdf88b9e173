"""A wrong or missing setting is one sentence that names it; a right one is read as it was meant."""

from pathlib import Path

import pytest

from hub.settings import SettingsProblem, load, load_what_is_right

TOKEN = "123456789:" + "A" * 35


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "hello"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_WEBHOOK_URL", "hub.example"),
        ("TELEGRAM_WEBHOOK_SECRET", "with spaces"),
        ("SLACK_BOT_TOKEN", "xapp-1-2"),
        ("SLACK_APP_TOKEN", "xoxb-1-2"),
        ("SLACK_API_URL", "ftp://slack.example"),
        ("DATABASE_URL", "mysql://root@db/hub"),
        ("DATABASE_URL", "hub.db"),
        ("HUB_HTTP_PORT", "many"),
        ("HUB_HTTP_PORT", "70000"),
        ("HUB_LOG", "loud"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsProblem) as problem:
        load(None)

    assert str(problem.value).startswith(f"{name} ")
    assert str(problem.value).count("\n") == 0
    assert str(problem.value).endswith(".")


def test_everything_wrong_is_told_at_once_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HTTP_PORT", "70000")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "hello")

    with pytest.raises(SettingsProblem) as problem:
        load(None)
    settings, wrong = load_what_is_right(None)

    assert str(problem.value).splitlines() == list(wrong.values())
    assert wrong["HUB_HTTP_PORT"] == "HUB_HTTP_PORT must be a number from 1 to 65535."
    assert wrong.keys() == {"HUB_HTTP_PORT", "SLACK_BOT_TOKEN"}
    assert (settings.hub_http_port, settings.slack_bot_token) == (8080, None)


@pytest.mark.parametrize(("api", "problems"), [("https://api.telegram.org", 1), ("http://127.0.0.1:8081", 0)])
def test_telegram_itself_calls_https_only(monkeypatch: pytest.MonkeyPatch, api: str, problems: int) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", api)
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "http://hub.example")
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", "abc")

    assert len(load(None).messenger_problems()) == problems


def test_a_wrong_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-very-secret")

    with pytest.raises(SettingsProblem) as problem:
        load(None)

    assert "very-secret" not in str(problem.value)


def test_printing_the_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub:opensesame@db/hub")

    printed = repr(load(None))

    assert TOKEN not in printed
    assert "opensesame" not in printed


def test_an_empty_name_counts_as_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("HUB_HTTP_PORT", "")

    settings = load(None)

    assert settings.slack_bot_token is None
    assert settings.hub_http_port == 8080


def test_the_environment_outranks_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HUB_HTTP_PORT=9000\nHUB_LOG=debug\n", "utf-8")
    monkeypatch.setenv("HUB_HTTP_PORT", "9001")

    settings = load(file)

    assert (settings.hub_http_port, settings.hub_log) == (9001, "debug")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_WEBHOOK_URL": "https://hub.example"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
    ],
)
def test_what_the_hub_cannot_run_without_is_named(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsProblem, match=f"^{missing} "):
        load(None).check_messengers()


def test_either_messenger_may_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    load(None).check_messengers()
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")

    settings = load(None)
    settings.check_messengers()

    assert settings.slack_over_http


@pytest.mark.parametrize(
    ("words", "level", "shape"),
    [("info", "info", None), ("json", "info", "json"), ("debug, console", "debug", "console")],
)
def test_the_log_setting_takes_a_level_a_shape_or_both(
    monkeypatch: pytest.MonkeyPatch, words: str, level: str, shape: str | None
) -> None:
    monkeypatch.setenv("HUB_LOG", words)

    settings = load(None)

    assert (settings.log_level, settings.log_shape) == (level, shape)


def test_the_example_file_lists_every_setting_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Path(__file__).parents[2] / ".env.example"

    # POSTGRES_PASSWORD is read by deploy/compose.yaml alone.
    listed = {line.lstrip("# ").split("=")[0] for line in example.read_text("utf-8").splitlines() if "=" in line}

    assert listed - {"POSTGRES_PASSWORD"} == {name.upper() for name in type(load(example)).model_fields}


def test_messengers_are_called_through_the_proxy_unless_they_are_played_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load(None).proxy_to("https://slack.com/api") is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")

    settings = load(None)

    assert settings.proxy_to(settings.slack_api_url) == "http://proxy.example:3128"
    assert settings.proxy_to(settings.telegram_api_url) == "http://proxy.example:3128"
    assert settings.proxy_to("http://127.0.0.1:8090/slack/api") is None
