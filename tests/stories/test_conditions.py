"""What is known of a client decides what they are asked to do, and an import changes it before their eyes."""

import shutil
from pathlib import Path

from core.people.importing import import_people
from tests.stories.town import ROOT, town
from tests.stories.walks import begins

CHECKLIST = """\
title: Get started with Relay
steps:
  - title: Look around
    text: Open the app and click wherever you like, nothing can break.
  - title: Invite your colleagues
    text: Under Team you can paste all addresses of your colleagues at once.
    when: seats > 10
"""
PEOPLE = "account,contact,email,seats\nAcme Logistics,Dana Lee,dana@acme.example,{}\n"


async def test_a_step_comes_and_goes_with_what_an_import_says_and_what_is_done_stays(
    database_url: str, tmp_path: Path
) -> None:
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content, ignore=shutil.ignore_patterns("nudges"))  # they name other steps
    for file in (content / "onboarding").iterdir():
        file.unlink()
    (content / "onboarding/quickstart.yaml").write_text(CHECKLIST, "utf-8")
    with (content / "hub.yaml").open("a", encoding="utf-8") as hub:
        hub.write("fields:\n  seats: number\n")

    async with town(database_url, content=content) as here:

        async def imports(seats: int) -> None:
            rules, people = here.hub.catalogue.rules, PEOPLE.format(seats)
            await here.hub.database.transact(import_people, people, here.hub.now(), rules=rules)
            await here.hub.look_around()

        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        await begins(dana)
        await dana.sees("0/1")

        await imports(25)
        await dana.sees("0/2")
        await dana.tap_label("Done")
        await dana.sees("Invite your colleagues")

        await imports(5)
        await dana.sees("Get started with Relay: done!")
