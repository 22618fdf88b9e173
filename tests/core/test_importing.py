"""Clients come from one CSV: all of it or nothing, again with the same result, and every bad row is named."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from core.content.catalogue import Rules
from core.people.facts import account_facts
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


RULES = Rules(
    "Relay",
    fields={"seats": "number", "beta": "flag", "since": "date", "plan": "text", "tags": "texts"},
    values={"segment": ("smb", "Enterprise"), "product": ("Desk", "Mobile"), "plan": ("free", "team")},
)
OWN = "account,contact,email,segment,product,phase,seats,beta,since,plan,tags\n"


async def test_products_phase_and_fields_of_ones_own_are_kept_by_their_kinds(database: Database) -> None:
    text = OWN + "Acme,Dana,dana@acme.example,enterprise,mobile; Desk;desk,live,1 200.50,Yes,2026-11-03,TEAM,b; a;b\n"

    await database.transact(import_people, text, NOW, rules=RULES)

    account = await database.read(lambda session: session.exec(select(Account)).one())
    assert (account.segment, account.products, account.phase) == ("Enterprise", ["Desk", "Mobile"], "live")
    kept = {"seats": "1200.50", "beta": True, "since": "2026-11-03", "plan": "team", "tags": ["a", "b"]}
    assert account.custom == kept
    assert account_facts(RULES, account, None) == {
        "segment": "Enterprise",
        "product": ("Desk", "Mobile"),
        "phase": "live",
        "seats": Decimal("1200.50"),
        "beta": True,
        "since": date(2026, 11, 3),
        "plan": "team",
        "tags": ("a", "b"),
    }


async def test_a_cell_of_another_kind_is_told_by_line(database: Database) -> None:
    text = OWN + (
        "Acme,Dana,dana@acme.example,entreprise,Desk;Mobil,live,many,perhaps,3.11.2026,gold,\n"
        "Acme,Omar,omar@acme.example,smb,,,1e40,,,,\n"
        "Cinder,Cleo,cleo@cinder.example,smb,,,NaN,,,,\n"
    )
    with pytest.raises(BadFile) as bad:
        await database.transact(import_people, text, NOW, rules=RULES)

    assert [str(problem) for problem in bad.value.problems] == [
        "line 2: no segment is called 'entreprise'; did you mean 'Enterprise'?",
        "line 2: no product is called 'Mobil'; did you mean 'Mobile'?",
        "line 2: seats 'many' is no number; write it like 1250 or 12.5",
        "line 2: beta 'perhaps' is neither yes nor no",
        "line 2: since '3.11.2026' is no date; write it like 2027-03-31",
        "line 2: no plan is called 'gold'; known are free, team",
        "line 3: seats '1e40' is no number; write it like 1250 or 12.5",
        "line 3: segment of Acme was entreprise in an earlier line and is smb here",
        "line 4: seats 'NaN' is no number; write it like 1250 or 12.5",
    ]


async def test_a_field_of_ones_own_that_is_not_declared_is_an_unknown_column(database: Database) -> None:
    told = await problems(database, "account,contact,email,seats\nAcme,Dana,dana@acme.example,5\n")

    assert told[0].startswith("line 1: the column 'seats' is unknown; known are account, ")


async def test_a_cell_left_empty_keeps_the_field_and_another_changes_that_one_alone(database: Database) -> None:
    await database.transact(import_people, OWN + "Acme,Dana,dana@acme.example,,Desk,live,5,no,,,\n", NOW, rules=RULES)
    await database.transact(import_people, OWN + "Acme,Dana,dana@acme.example,,,,6,,,,\n", NOW, rules=RULES)

    account = await database.read(lambda session: session.exec(select(Account)).one())
    assert (account.products, account.phase) == (["Desk"], "live")
    assert account.custom == {"seats": "6", "beta": False}


async def test_an_import_notes_which_accounts_it_changed(database: Database) -> None:
    people = OWN + "Acme,Dana,dana@acme.example,smb,Desk,live,5,,,,\nCinder,Cleo,cleo@cinder.example,smb,,,,,,,\n"
    later = NOW + timedelta(days=1)

    await database.transact(import_people, people, NOW, rules=RULES)
    await database.transact(import_people, people, later, rules=RULES)
    changed = [await database.read(_changed)]
    await database.transact(import_people, people.replace("Desk,live,5", "Desk,live,5.0"), later, rules=RULES)
    await database.transact(import_people, people.replace("Desk", "Mobile"), later, rules=RULES)
    changed.append(await database.read(_changed))

    assert changed == [{"Acme": None, "Cinder": None}, {"Acme": later, "Cinder": None}]


def _changed(session: Session) -> dict[str, datetime | None]:
    return {account.name: account.changed_at for account in session.exec(select(Account)).all()}
