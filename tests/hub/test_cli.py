"""What an operator types, and the sentence and exit code that come of it."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner, Result

from core.codec import write_event
from core.events import Address, Said
from hub import logs
from hub.cli import app
from storage.database import make_engine
from storage.tables import Chat, Contact, Delivery, HeardEvent, HelpRequest, Notice, UpdateView

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = "account,contact,email,role\nAcme,Olga Lind,olga@acme.example,admin\nAcme,Pavel Roy,pavel@acme.example,\n"

Hub = Callable[..., Result]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    """Type a `hub` command in an empty folder, with a database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_CONTENT", str(ROOT / "content"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'hub.db'}")
    monkeypatch.setattr(logs, "configure", lambda *_args, **_more: None)  # it would take pytest's own logging away

    def type_(*words: str) -> Result:
        return CliRunner().invoke(app, list(words))

    return type_


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, "utf-8")
    return file


def test_an_import_says_what_is_new_and_what_was_known(hub: Hub, people: Path) -> None:
    first, second = hub("import", str(people)), hub("import", str(people))

    assert (first.exit_code, first.stdout) == (0, "1 account (1 new), 2 contacts (2 new).\n")
    assert (second.exit_code, second.stdout) == (0, "1 account (0 new), 2 contacts (0 new).\n")


def test_the_smallest_file_can_be_imported_again_and_again(hub: Hub, people: Path) -> None:
    people.write_text("account,contact,email\nAcme,Olga Lind,olga@acme.example\n", "utf-8")

    said = [hub("import", str(people)).stdout for _ in range(2)]

    assert said == ["1 account (1 new), 1 contact (1 new).\n", "1 account (0 new), 1 contact (0 new).\n"]


def test_bad_rows_are_told_by_line_and_nothing_is_written(hub: Hub, people: Path, tmp_path: Path) -> None:
    people.write_text(PEOPLE + "Borealis,Nia,nobody,\nCinder,,c@cinder.example,\n", "utf-8")

    done = hub("import", str(people))

    assert done.exit_code == 1
    assert f"{people}: line 4: " in done.stderr
    assert f"{people}: line 5: " in done.stderr
    assert "Nothing was imported." in done.stderr
    engine = make_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    with Session(engine) as session:
        assert session.exec(select(Contact)).all() == []
    engine.dispose()


def test_a_file_that_is_not_there_is_one_sentence(hub: Hub) -> None:
    done = hub("import", "nowhere.csv")

    assert (done.exit_code, done.stderr.strip()) == (1, "nowhere.csv cannot be read: No such file or directory.")


def test_an_invitation_names_who_it_is_for_and_gives_the_token(
    hub: Hub, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1")
    hub("import", str(people))

    done = hub("invite", "Olga@acme.example")

    assert done.exit_code == 0
    assert done.stdout.startswith("For Olga Lind of Acme, until ")
    assert "Slack, as a message to the bot: " in done.stdout


def test_an_invitation_without_slack_names_no_way_through_slack(
    hub: Hub, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub("import", str(people))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "123456789:" + "A" * 35)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:1")

    done = hub("invite", "olga@acme.example")

    assert done.exit_code == 0
    assert "Telegram: " in done.stdout
    assert "Slack" not in done.stdout


def test_nobody_unknown_is_invited(hub: Hub) -> None:
    done = hub("invite", "nobody@acme.example")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "nobody@acme.example" in done.stderr


def test_a_signal_of_an_unknown_account_is_refused(hub: Hub) -> None:
    done = hub("signal", "Nowhere", "first_login")

    assert done.exit_code == 1
    assert "Nowhere" in done.stderr


def test_a_signal_counts_once_per_key(hub: Hub, people: Path) -> None:
    hub("import", str(people))

    said = [hub("signal", "Acme", "first_login", "--key", "login-1").stdout for _ in range(2)]

    assert said == ["Kept.\n", "Known already; nothing changed.\n"]


def test_an_account_may_be_typed_in_any_case_while_only_one_is_meant(hub: Hub, people: Path) -> None:
    people.write_text(PEOPLE + "Élan,Nia,nia@elan.example,\nÉLAN,Rui,rui@elan.example,\n", "utf-8")
    hub("import", str(people))

    assert hub("signal", "aCME", "workspace_created").stdout == "Kept.\n"
    assert hub("signal", "ÉLAN", "workspace_created").stdout == "Kept.\n"
    two = hub("signal", "élan", "workspace_created")
    assert two.exit_code == 1
    assert "Élan" in two.stderr
    assert "ÉLAN" in two.stderr


def test_a_signal_no_step_waits_for_is_kept_with_a_word_about_it(hub: Hub, people: Path) -> None:
    hub("import", str(people))

    odd, usual = hub("signal", "Acme", "first_logn"), hub("signal", "Acme", "workspace_created")

    assert (odd.exit_code, odd.stdout) == (0, "Kept.\n")
    assert "waits for 'first_logn'; those waited for are workspace_created." in odd.stderr
    assert usual.stderr == ""


def test_an_import_notes_languages_without_phrases_and_segments_without_checklist(hub: Hub, people: Path) -> None:
    people.write_text("account,contact,email,language,segment\nAcme,Olga,o@acme.example,fr,huge\n", "utf-8")

    done = hub("import", str(people))

    assert (done.exit_code, done.stdout) == (0, "1 account (1 new), 1 contact (1 new).\n")
    assert "no phrases in 'fr'" in done.stderr
    assert "no checklist names the segment 'huge'" in done.stderr


def test_tabs_instead_of_commas_are_one_sentence(hub: Hub, people: Path) -> None:
    people.write_text("account\tcontact\temail\nAcme\tOlga\to@acme.example\n", "utf-8")

    done = hub("import", str(people))

    assert done.exit_code == 1
    assert [line for line in done.stderr.splitlines() if line.strip()] == [
        f"{people}: line 1: the columns are separated by tabs; save the file with commas or semicolons (CSV)",
        "Nothing was imported.",
    ]


def test_a_misspelt_column_is_told_what_was_meant(hub: Hub, people: Path) -> None:
    people.write_text("account,contact,e-mail\nAcme,Olga,o@acme.example\n", "utf-8")

    assert "the column 'e-mail' is unknown; did you mean 'email'?" in hub("import", str(people)).stderr


def test_uncertain_deliveries_are_listed_without_their_words_and_sent_again_by_number(hub: Hub, tmp_path: Path) -> None:
    hub("db", "upgrade")
    engine = make_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    with Session(engine) as session:
        session.add(
            Delivery(
                key="reminder:1:1",
                messenger="telegram",
                address="telegram:7",
                kind="reminder",
                card='{"text": "Dear Olga"}',
                state="uncertain",
                reason="answer lost",
                due=NOW,
                created_at=NOW,
            )
        )
        session.commit()

    listed, again, twice = hub("deliveries"), hub("deliveries", "resend", "1"), hub("deliveries", "resend", "1")

    assert listed.stdout == "1  2026-03-02 09:00  telegram:7  reminder  answer lost\n"
    assert "Olga" not in listed.output
    assert (again.exit_code, twice.exit_code) == (0, 1)
    with Session(engine) as session:
        assert session.exec(select(Delivery)).one().state == "queued"
    engine.dispose()


def test_a_failed_event_is_listed_without_its_words_and_decided_anew(hub: Hub, people: Path, tmp_path: Path) -> None:
    hub("import", str(people))
    said = Said(key="telegram:9", sender=Address("telegram", "7"), chat=Address("telegram", "7"), text="I am lost")
    engine = make_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    with Session(engine) as session:
        session.add(Chat(address="telegram:7", contact_id=1, last_heard_at=NOW))
        session.add(HeardEvent(key=said.key, sender="telegram:7", at=NOW, state="failed", payload=write_event(said)))
        session.commit()

    listed, repaired, twice = hub("events"), hub("events", "repair"), hub("events", "repair", "telegram:9")

    assert (listed.stdout, listed.stderr) == ("telegram:9  2026-03-02 09:00\n", "1 event failed.\n")
    assert (repaired.exit_code, repaired.stdout) == (
        0,
        "1 event decided. Answers go out while `hub run` is running.\n",
    )
    assert (twice.exit_code, twice.stderr) == (1, "There is no failed event telegram:9.\n")
    with Session(engine) as session:
        assert session.exec(select(HelpRequest.words)).all() == ["I am lost"]
    engine.dispose()


def test_an_event_that_fails_again_stays_listed(hub: Hub, tmp_path: Path) -> None:
    hub("db", "upgrade")
    engine = make_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    with Session(engine) as session:
        session.add(HeardEvent(key="slack:1", sender="slack:T/U", at=NOW, state="failed", payload="{}"))
        session.commit()
    engine.dispose()

    repaired = hub("events", "repair")

    assert (repaired.exit_code, repaired.stdout[:17]) == (1, "0 events decided.")
    assert "slack:1: still fails, KeyError." in repaired.stderr
    assert hub("events").stderr == "1 event failed.\n"


def test_a_state_no_delivery_has_is_answered_with_those_there_are(hub: Hub) -> None:
    done = hub("deliveries", "--state", "foo")

    assert done.exit_code == 2
    assert "held, queued, sending, accepted" in done.stderr


def test_content_problems_are_lines_an_editor_can_open(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "hub.yaml").write_text("vendor: Acme\nvendr: Acme\n", "utf-8")

    plain, as_json = hub("content", "check", str(folder)), hub("content", "check", str(folder), "--json")

    assert plain.exit_code == as_json.exit_code == 1
    assert any(line.startswith("hub.yaml:2: ") or "/hub.yaml:2: " in line for line in plain.stdout.splitlines())
    assert list(json.loads(as_json.stdout)[0]) == ["file", "line", "level", "what", "mend"]


def test_warnings_fail_the_check_only_when_asked_to_be_strict(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    (folder / "onboarding/hello.yaml").write_text("title: Hello\nsteps:\n  - {title: Begin, text: Go.}\n", "utf-8")

    plain, strict = hub("content", "check", str(folder)), hub("content", "check", str(folder), "--strict")

    assert (plain.exit_code, strict.exit_code) == (0, 1)
    assert "hello.yaml:3: warning: a step without anything to do; " in plain.stdout
    assert plain.stdout.splitlines()[-1].endswith("1 warning.")


def test_a_broken_folder_tells_errors_and_warnings_together(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "content", folder)
    (folder / "onboarding/hello.yaml").write_text("titel: Hello\nsteps:\n  - {title: Begin, text: Go.}\n", "utf-8")

    done = hub("content", "check", str(folder))

    assert done.exit_code == 1
    assert "hello.yaml:1: a checklist has no 'titel'; did you mean 'title'?" in done.stdout
    assert "hello.yaml:3: warning: " in done.stdout
    assert done.stderr == "2 errors, 1 warning.\n"


def test_schemas_for_editors_are_written_once(hub: Hub, tmp_path: Path) -> None:
    first, second = hub("content", "schema", str(tmp_path)), hub("content", "schema", str(tmp_path))

    assert "checklist.json" in first.stdout
    assert second.stdout.endswith("is up to date.\n")
    assert hub("content", "schema", str(tmp_path / "nowhere")).exit_code == 1


def test_the_content_we_ship_has_no_problem(hub: Hub) -> None:
    done = hub("content", "check", str(ROOT / "content"))

    assert (done.exit_code, done.stderr) == (0, "")
    assert "nothing wrong" in done.stdout


def test_a_database_that_does_not_answer_is_one_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hub:opensesame@127.0.0.1:1/hub")

    done = hub("db", "upgrade")

    assert done.exit_code == 1
    assert done.stderr.startswith("The database cannot be used: ")
    assert done.stderr.count("\n") == 1
    assert "opensesame" not in done.output


@pytest.mark.parametrize(
    ("given", "named"),
    [({}, "TELEGRAM_BOT_TOKEN"), ({"TELEGRAM_BOT_TOKEN": "wrong"}, "TELEGRAM_BOT_TOKEN")],
)
def test_running_without_a_good_token_names_the_setting_and_ends_with_2(
    tmp_path: Path, given: dict[str, str], named: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub", "run"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode == 2
    assert done.stderr.startswith(f"{named} ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_running_with_broken_content_lists_every_problem_and_ends_with_2(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "hub.yaml").write_text("vendor: Acme\nvendr: Acme\n", "utf-8")
    given = {"TELEGRAM_BOT_TOKEN": "123456789:" + "A" * 35, "HUB_CONTENT": str(folder), "HUB_LOG": "json"}

    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = str(probe.getsockname()[1])
    for command in (["run"], ["demo", "--port", free]):
        done = subprocess.run(
            [sys.executable, "-m", "hub", *command],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "HUB_NO_BROWSER": "1", **given},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

        assert done.returncode == 2
        assert f"{folder}/hub.yaml:2: " in done.stderr
        assert "Traceback" not in done.stderr
        assert "does not start with broken content." in done.stderr.splitlines()[-1]


def test_a_demo_on_a_taken_port_names_it_and_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "hub", "demo", "--port", str(port)],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "HUB_NO_BROWSER": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    assert done.returncode == 2
    assert done.stderr.startswith(f"Port {port} ")
    assert "--port" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_does_not_wait_for_what_it_does_not_need() -> None:
    program = (
        "import sys, hub.cli; print(sorted({'telegram', 'slack_bolt', 'sqlalchemy', 'fastapi'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout.strip() == "[]"


def test_the_register_of_an_update_lists_who_has_read_it_and_is_written_for_a_spreadsheet(
    hub: Hub, people: Path, tmp_path: Path
) -> None:
    hub("import", str(people))
    with Session(make_engine(f"sqlite:///{tmp_path / 'hub.db'}")) as session:
        session.get_one(Contact, 2).name = "=Pavel"
        session.add(UpdateView(contact_id=1, update="sender-rules", seen_at=NOW, acknowledged_at=NOW))
        session.add(Notice(contact_id=2, update="sender-rules", sent=0, due=NOW))
        session.commit()
    out = tmp_path / "read.csv"

    shown, written = (hub("updates", "register", "sender-rules", *more) for more in ((), ("--csv", str(out))))

    columns, pavel, olga = shown.stdout.splitlines()  # by name, and = comes before letters
    assert columns == "account  contact  email  told  times  opened  acknowledged  opinion"
    assert olga == "Acme  Olga Lind  olga@acme.example  –  0  2026-03-02 09:00  2026-03-02 09:00  –"
    assert pavel == "Acme  =Pavel  pavel@acme.example  –  0  –  –  –"
    assert "2 people: 1 opened it, 1 said they have read it." in shown.stderr
    assert (written.exit_code, written.stdout) == (0, "")
    assert out.read_text("utf-8-sig").splitlines()[1:] == [
        "Acme,'=Pavel,pavel@acme.example,,0,,,",
        "Acme,Olga Lind,olga@acme.example,,0,2026-03-02 09:00,2026-03-02 09:00,",
    ]


def test_the_register_of_what_nobody_knows_says_what_was_meant(hub: Hub) -> None:
    found = hub("updates", "register", "sender-rule")

    assert found.exit_code == 1
    assert "did you mean 'sender-rules'" in found.stderr
