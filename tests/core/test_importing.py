"""Clients come from one CSV: all of it or nothing, again with the same result, and every bad row is named."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.people.importing import ImportResult, import_people
from core.people.people_file import BadFile, decode
from storage.database import Database
from storage.tables import Account, Contact, Csm

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
HEADER = "account,segment,region,language,timezone,csm_email,mrr,renewal,contact,email,role\n"
DANA = "Acme,smb,EU,en,Europe/Berlin,ann@relay.example,240.50,2027-06-30,Dana Lee,dana@acme.example,Admin\n"


def everything(session: Session) -> list[str]:
    accounts = [row.model_dump_json() for row in session.exec(select(Account).order_by(Account.name)).all()]
    contacts = [row.model_dump_json() for row in session.exec(select(Contact).order_by(Contact.email)).all()]
    return accounts + contacts


async def problems(database: Database, text: str) -> list[str]:
    before = await database.read(everything)
    with pytest.raises(BadFile) as bad:
        await database.transact(import_people, text, NOW)
    assert await database.read(everything) == before
    return [str(problem) for problem in bad.value.problems]


async def test_accounts_contacts_and_csms_come_out_of_one_file(database: Database) -> None:
    result = await database.transact(import_people, HEADER + DANA, NOW)

    assert result == ImportResult(
        accounts=1, contacts=1, new_accounts=1, new_contacts=1, languages=("en",), segments=("smb",)
    )

    def look(session: Session) -> tuple[object, ...]:
        account, contact = session.exec(select(Account)).one(), session.exec(select(Contact)).one()
        csm = session.exec(select(Csm)).one()
        return account.name, account.mrr, account.csm_id == csm.id, contact.email, contact.role, csm.email

    expected = ("Acme", Decimal("240.50"), True, "dana@acme.example", "admin", "ann@relay.example")
    assert await database.read(look) == expected


async def test_the_same_file_again_changes_nothing(database: Database) -> None:
    await database.transact(import_people, HEADER + DANA, NOW)
    before = await database.read(everything)

    result = await database.transact(import_people, HEADER + DANA, datetime(2027, 1, 1, tzinfo=UTC))

    assert (result.new_accounts, result.new_contacts) == (0, 0)
    assert await database.read(everything) == before


async def test_an_empty_cell_keeps_what_is_known(database: Database) -> None:
    await database.transact(import_people, HEADER + DANA, NOW)
    before = await database.read(everything)

    await database.transact(import_people, HEADER + "Acme,,,,,,,,Dana Lee,dana@acme.example,\n", NOW)

    assert await database.read(everything) == before


async def test_semicolons_a_byte_order_mark_and_any_order_of_columns_are_read(database: Database) -> None:
    text = decode("\ufeffemail;contact;account\r\nDANA@Acme.example;Dana Lee;Acme\r\n".encode())

    await database.transact(import_people, text, NOW)

    assert await database.read(lambda session: session.exec(select(Contact.email)).one()) == "dana@acme.example"


async def test_a_contact_of_another_account_is_named_and_not_moved(database: Database) -> None:
    await database.transact(import_people, HEADER + DANA, NOW)

    told = await problems(
        database, HEADER + "Borealis,,,,,,,,Eve,eve@b.example,\nBorealis,,,,,,,,D,dana@acme.example,\n"
    )

    assert told == ["line 3: dana@acme.example belongs to Acme; a person changes company by a new e-mail address"]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (",,,,,,,,Dana,d@acme.example,", "account is empty"),
        ("Acme,,,,,,,,,d@acme.example,", "contact is empty"),
        ("Acme,,,,,,,,Dana,,", "email is empty"),
        ("Acme,,,,,,,,Dana,not an address,", "no e-mail"),
        ("Acme,,,,Mars/Olympus,,,,Dana,d@acme.example,", "no time zone"),
        ("Acme,,,klingon,,,,,Dana,d@acme.example,", "no language"),
        ("Acme,,,,,ann,,,Dana,d@acme.example,", "no e-mail address of a CSM"),
        ("Acme,,,,,,much,,Dana,d@acme.example,", "no amount"),
        ("Acme,,,,,,-1,,Dana,d@acme.example,", "no amount"),
        ("Acme,,,,,,NaN,,Dana,d@acme.example,", "no amount"),
        ("Acme,,,,,,1e999999,,Dana,d@acme.example,", "no amount"),
        ("Acme,,,,,,,31.12.2027,Dana,d@acme.example,", "no date"),
        ("Acme,,,,,,,,Dana,d@acme.example", "10 cells"),
        ("Acme,,,,,,,,Da\x00na,d@acme.example,", "control character"),
        (f"Acme,,,,,,,,{'x' * 201},d@acme.example,", "longer than 200"),
    ],
)
async def test_a_bad_cell_is_named_by_line_and_nothing_is_written(database: Database, row: str, word: str) -> None:
    told = await problems(database, HEADER + DANA + row + "\n")

    assert len(told) == 1
    assert told[0].startswith("line 3: ")
    assert word in told[0]


async def test_the_same_person_twice_and_two_truths_of_one_account_are_named(database: Database) -> None:
    told = await problems(database, HEADER + DANA + DANA + DANA.replace("dana@", "omar@").replace("smb", "big"))

    assert told == [
        "line 3: dana@acme.example stands in the file twice",
        "line 4: segment of Acme was smb in an earlier line and is big here",
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "the file is empty"),
        (HEADER, "nobody in the file"),
        ("account,contact\nAcme,Dana\n", "the column email is missing"),
        ("account,contact,email,shoe\n", "'shoe' is unknown"),
        ("account,contact,email,email\n", "stands twice"),
        ("account,contact,email\rAcme,Dana,d@acme.example\r", "no CSV any more"),
        (f"account,{'x' * 200_000}\n", "no CSV any more"),
        ('account,contact,email\nAcme,"Dana', "2 cells where the header has 3"),
    ],
)
async def test_a_file_of_another_kind_is_refused_with_a_reason(database: Database, text: str, word: str) -> None:
    assert word in "\n".join(await problems(database, text))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("account\nБорис".encode("cp1251"), "line 2: the file is not UTF-8"),
        ("account".encode("utf-16"), "line 1: the file is UTF-16"),
    ],
)
def test_another_encoding_is_named(content: bytes, word: str) -> None:
    with pytest.raises(BadFile, match=word):
        decode(content)


async def test_progress_is_told_in_rows_until_all_are_done(database: Database) -> None:
    rows = "".join(f"Acme,,,,,,,,P{n},p{n}@acme.example,\n" for n in range(2500))
    told: list[tuple[int, int]] = []

    await database.transact(import_people, HEADER + rows, NOW, lambda done, total: told.append((done, total)))

    assert told == [(1000, 2500), (2000, 2500), (2500, 2500)]


def test_a_csm_whom_slack_does_not_know_is_a_bad_row(database_url: str) -> None:
    database = Database(database_url)
    text = "account,contact,email,csm_email\nAcme,Dana,dana@acme.example,Nobody@relay.example\n"

    with pytest.raises(BadFile, match=r"line 2: nobody@relay\.example is nobody in our Slack workspace"):
        database.transact_now(import_people, text, NOW, unknown_csms=["nobody@relay.example"])
    database.close()
