"""What it takes to bring a hundred thousand people in with `hub import`."""

import csv
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.measure import RUNS, Result, Wanted
from bench.processes import PLACE
from core.people.people_file import COLUMNS
from storage.database import make_engine
from storage.upgrade import upgrade

CONTACTS = 100_000
PER_ACCOUNT = 5


@dataclass(frozen=True, slots=True)
class Spent:
    seconds: float
    peak: float
    """Resident memory at its highest, in MB."""


def write_people(file: Path, contacts: int) -> None:
    """A CSV as a CRM exports it, everything filled in."""
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for n in range(contacts):
            account = n // PER_ACCOUNT
            rows.writerow(
                (
                    f"Client {account}", ("startup", "enterprise")[account % 2], ("emea", "amer")[account % 2],
                    ("en", "ru")[account % 2], "Europe/Berlin", "", f"{account % 900}.50", "2027-03-31",
                    "Desk; Mobile", "live",
                    f"Dana Müller {n}", f"dana{n}@client{account}.example", ("admin", "finance", "")[n % 3],
                )
            )  # fmt: skip


def importing(runs: int = RUNS, contacts: int = CONTACTS) -> list[Result]:
    """Seconds and memory of one import into a database with empty tables, beside reading and inserting alone."""
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / "people.csv"
        write_people(file, contacts)
        for run in range(runs):
            bare.append(measured(["bench.rivals.bare_import", str(file), str(folder / f"bare{run}.db")], {}))
            url = f"sqlite:///{folder}/hub{run}.db"
            engine = make_engine(url)
            upgrade(engine)
            engine.dispose()
            ours.append(measured(["hub", "import", str(file)], {"DATABASE_URL": url}))
    what = f"`hub import` of {contacts:,} contacts"
    seconds = ([one.seconds for one in ours], [one.seconds for one in bare])
    peaks = ([one.peak for one in ours], [one.peak for one in bare])
    return [
        Result(what, "s", *seconds, "csv.DictReader and bare INSERT", Wanted(30, "most", "ours")),
        Result("… memory at its peak", "MB", *peaks, "csv.DictReader and bare INSERT", Wanted(300, "most", "ours")),
    ]


def measured(command: list[str], env: dict[str, str]) -> Spent:
    """Run a module to its end. Raises CalledProcessError when it fails."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(PLACE), **env},
        cwd=PLACE,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    spent = time.perf_counter() - begun
    assert process.stderr is not None
    told = process.stderr.read()
    process.stderr.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=told)
    kilobytes = used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss / 1024
    return Spent(spent, kilobytes * 1024 / 1e6)
