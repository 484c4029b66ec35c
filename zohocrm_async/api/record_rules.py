"""Rules that lock records, and rules that find duplicates."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.record_rules import (
    DuplicateCheck,
    NewRecordLockingConfiguration,
    RecordLockingConfiguration,
)


class RecordLockingConfigurations(Resource, family="record_locking_configurations"):
    """What a locked record of a module keeps people from. Every call takes 1 credit."""

    @endpoint("GET /settings/record_locking_configurations", key="record_locking_configurations")
    async def list(
        self, module: str, *, feature_type: str | None = None
    ) -> tuple[RecordLockingConfiguration, ...]:
        """List the locking configurations of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-config.html.
        """
        ...

    @endpoint(
        "GET /settings/record_locking_configurations/{id}", key="record_locking_configurations"
    )
    async def get(self, module: str, id: str) -> RecordLockingConfiguration:
        """Return one locking configuration.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-config.html.

        Raises:
            RecordNotFound: no such configuration.
        """
        ...

    @endpoint(
        "POST /settings/record_locking_configurations",
        key="record_locking_configurations",
        look_at="List the configurations (crm.record_locking_configurations.list).",
    )
    async def create(self, module: str, body: NewRecordLockingConfiguration) -> Outcome:
        """Create a locking configuration.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-record-locking-config.html.
        """
        ...

    @endpoint(
        "PUT /settings/record_locking_configurations/{id}",
        key="record_locking_configurations",
        repeatable=True,
    )
    async def update(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one locking configuration.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-record-locking-config.html.

        Raises:
            RecordNotFound: no such configuration.
        """
        ...

    @endpoint(
        "PUT /settings/record_locking_configurations",
        key="record_locking_configurations",
        repeatable=True,
    )
    async def update_many(
        self, module: str, body: Sequence[Mapping[str, Any]]
    ) -> tuple[Outcome, ...]:
        """Change several locking configurations by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-record-locking-config.html.
        """
        ...

    @endpoint(
        "DELETE /settings/record_locking_configurations/{id}",
        key="record_locking_configurations",
        look_at="Ask for the configuration (crm.record_locking_configurations.get).",
    )
    async def delete(self, module: str, id: str) -> Outcome:
        """Delete one locking configuration.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-record-locking-config.html.

        Raises:
            RecordNotFound: no such configuration.
        """
        ...

    @endpoint(
        "DELETE /settings/record_locking_configurations",
        key="record_locking_configurations",
        look_at="List the configurations (crm.record_locking_configurations.list).",
    )
    async def delete_many(self, module: str, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete several locking configurations; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-record-locking-config.html.
        """
        ...


class DuplicateChecks(Resource, family="duplicate_checks"):
    """How modules look for duplicates of new records. Every call takes 1 credit."""

    @endpoint("GET /settings/duplicate_check_preference", key="duplicate_check_preference")
    async def get(self, module: str) -> DuplicateCheck:
        """Return how a module looks for duplicates.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-duplicate-record-check.html.

        Raises:
            RecordNotFound: it does not.
        """
        ...

    @endpoint(
        "POST /settings/duplicate_check_preference",
        key="duplicate_check_preference",
        beside=("duplicate_check_preference",),
        look_at="Ask for it (crm.duplicate_checks.get).",
    )
    async def create(self, module: str, duplicate_check_preference: DuplicateCheck) -> Outcome:
        """Let a module look for duplicates.

        See https://www.zoho.com/crm/developer/docs/api/v7/enable-duplicate-record-check.html.
        """
        ...

    @endpoint(
        "PUT /settings/duplicate_check_preference",
        key="duplicate_check_preference",
        beside=("duplicate_check_preference",),
        repeatable=True,
    )
    async def update(self, module: str, duplicate_check_preference: DuplicateCheck) -> Outcome:
        """Change how a module looks for duplicates.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-duplicate-record-check.html.
        """
        ...

    @endpoint(
        "DELETE /settings/duplicate_check_preference",
        key="duplicate_check_preference",
        look_at="Ask for it (crm.duplicate_checks.get).",
    )
    async def delete(self, module: str) -> Outcome:
        """Let a module look for no duplicates any more.

        See https://www.zoho.com/crm/developer/docs/api/v7/disable-duplicate-record-check.html.
        """
        ...
