"""Everybody is spoken to in their own language, all the way."""

import re

from tests.stories.test_steps import comes
from tests.stories.town import Town
from tests.stories.walks import CONTACTS

ENGLISH = re.compile(r"(?<!/)\b(?:the|you|your|of|to|and|done|step|answer|home|next|skip|for|part)\b", re.IGNORECASE)


async def test_a_russian_client_reads_only_russian(here: Town) -> None:
    boris, ann = here.of_telegram("boris", "Борис Иванов", language="ru"), here.of_slack("ann")
    await boris.open_link(await here.invitation("boris@borealis.example"))
    await boris.tap_label("Да, это я")
    await boris.tap_label("Начать: Первые шаги в Relay")
    await boris.tap_label("Готово")
    await boris.sees("1/8")
    await here.signal("Borealis Energy", "workspace_created")
    await boris.sees("2/8")
    await boris.say("почта")
    await boris.tap_label("Ответить")
    await boris.say("почта")
    await boris.say("mail.borealis.example")
    await boris.sees("3/8")
    await boris.tap_label("Пропустить")
    await boris.say("Пока не знаем")
    await boris.sees("4/8")
    await boris.share("contacts.csv", CONTACTS, "text/csv")
    await boris.sees("5/8")
    await boris.say("12 ноября")
    await boris.sees("6/8")
    await ann.tap_label("Done for the client")
    await boris.tap_label("Готово")
    await boris.sees("8/8")
    await boris.say("/help")
    await boris.say("/home")
    await boris.tap_label("Все шаги")
    await boris.sees("1 ·")

    shown = [message for message in boris.messages() if not message.mine]
    labels = [button.label for message in shown for row in message.rows for button in row]
    foreign = [text for text in (*(message.text for message in shown), *labels) if ENGLISH.search(text)]
    assert foreign == []


async def test_roles_have_russian_names(sqlite_town: Town) -> None:
    here = sqlite_town
    boris, olga = here.of_telegram("boris", "Борис", language="ru"), here.of_telegram("olga", "Ольга", language="ru")
    for person, email in ((boris, "boris@borealis.example"), (olga, "olga@borealis.example")):
        await person.open_link(await here.invitation(email))
        await person.tap_label("Да, это я")

    await boris.tap_label("Все шаги")
    await boris.tap_label("5")

    await boris.sees("Этот шаг для роли маркетинг")


async def test_the_language_is_switched_and_remembered(here: Town) -> None:
    dana = await comes(here, "telegram")

    await dana.tap_label("Language")
    await dana.tap_label("Русский")
    await dana.sees("Здравствуйте")
    await dana.say("/steps")
    await dana.sees("Relay за две минуты")
    await dana.say("/language en")

    await dana.sees("Hello Dana!")


async def test_a_csm_reads_english_of_a_russian_client(sqlite_town: Town) -> None:
    here = sqlite_town
    boris, ann = here.of_telegram("boris", "Борис Иванов", language="ru"), here.of_slack("ann")
    await boris.open_link(await here.invitation("boris@borealis.example"))
    await boris.tap_label("Да, это я")

    await ann.sees("Борис Иванов (boris@borealis.example) of Borealis Energy has joined")
