"""Where jobs on many hosts meet: a broker, and a database for their journals."""

import contextlib
import os
import shlex
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

import typer
from attrs import field, frozen

from zohocrm_async import ZohoCRM
from zohocrm_async.cli.clients import organisation
from zohocrm_async.exceptions import ConfigurationError

if TYPE_CHECKING:
    from zohocrm_async.taskiq import Jobs

BROKER_PASSWORD, _DATABASE_PASSWORD = "ZOHO_BROKER_PASSWORD", "ZOHO_DATABASE_PASSWORD"
_OF_BROKER = (
    "The Redis server through which workers hear of the job, and share limits and tokens, "
    f"such as redis://host:6379/0; its password belongs into {BROKER_PASSWORD}."
)
_OF_DATABASE = (
    "Where the journals of jobs on many hosts are: postgresql://user@host/db, or "
    "sqlite:////path/of/the/file for one host; its password belongs into "
    f"{_DATABASE_PASSWORD}."
)

Broker = Annotated[str | None, typer.Option(metavar="URL", help=_OF_BROKER)]
BrokerURL = Annotated[str, typer.Option("--broker", metavar="URL", help=_OF_BROKER)]
Database = Annotated[str | None, typer.Option(metavar="URL", help=_OF_DATABASE)]
DatabaseURL = Annotated[str, typer.Option("--database", metavar="URL", help=_OF_DATABASE)]
JobName = Annotated[
    str | None,
    typer.Option(
        "--name",
        metavar="NAME",
        help="With --broker: what the job is called; as the input unless given.",
    ),
]


@frozen
class Hosts:
    """A broker and a database, as the options name them."""

    broker: str = field(repr=False)
    database: str = field(repr=False)

    @classmethod
    def given(cls, broker: str | None, database: str | None) -> "Hosts | None":
        """Return what the options name, or None if the job runs in this process."""
        if broker is None and database is None:
            return None
        if broker is None or database is None:
            raise typer.BadParameter("--broker and --database go together")
        return cls.of(broker, database)

    @classmethod
    def of(cls, broker: str, database: str) -> "Hosts":
        """Return what two URLs name, with the passwords of the environment."""
        return cls(
            with_password(broker, BROKER_PASSWORD), with_password(database, _DATABASE_PASSWORD)
        )

    def __str__(self) -> str:
        urls = shlex.quote(_shown(self.broker)), shlex.quote(_shown(self.database))
        return "--broker {} --database {}".format(*urls)

    def jobs(self) -> "Jobs":
        """Return the jobs of the environment's organisation.

        Raises:
            ConfigurationError: a URL is none, or the extra is not installed.
        """
        try:
            from zohocrm_async.redis import RedisFleet  # noqa: PLC0415  # an extra
            from zohocrm_async.taskiq import Jobs, redis_broker  # noqa: PLC0415  # an extra
        except ImportError as error:
            raise ConfigurationError(str(error)) from error
        name, fleet = organisation(), RedisFleet(self.broker)

        def crm() -> ZohoCRM:
            return ZohoCRM.from_env(
                token_store=fleet.token_store(),
                ledger=fleet.ledger(name),
                slots=fleet.slots(name),
                mails=fleet.mails(name),
            )

        # Workers of another organisation would take tasks that are nothing to them.
        broker = redis_broker(self.broker, queue=f"zohocrm:jobs:{name}")
        return Jobs(broker, self.database, organisation=name, crm=crm)

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncGenerator["Jobs", None]:
        """Open the jobs, for who starts or watches one."""
        jobs = self.jobs()
        async with jobs.opened():
            yield jobs


def hosts_of(
    broker: str | None, database: str | None, name: str | None, journal: Path | None
) -> Hosts | None:
    """Return where a job runs, or None for this process; a job has a name or a file."""
    hosts = Hosts.given(broker, database)
    if hosts is None and name is not None:
        raise typer.BadParameter("--name goes with --broker and --database")
    if hosts is not None and journal is not None:
        raise typer.BadParameter("--journal is a file: with --broker, give --name")
    return hosts


def with_password(url: str, variable: str) -> str:
    """Put the password of the environment's *variable* into *url*, if it has none."""
    password = os.environ.get(variable)
    parts = urlsplit(url)
    if not password or parts.password or not parts.netloc:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def _shown(url: str) -> str:
    """Return *url* without its password, and without options, which may hold one as well."""
    password = urlsplit(url).password
    bare = url.partition("?")[0]
    return (
        bare if password is None else bare.replace(f":{password}@", "@", 1).replace("//@", "//", 1)
    )
