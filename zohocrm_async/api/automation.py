"""Assignment rules, cadences, scoring and signals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.automation import (
    AssignmentRule,
    Cadence,
    EntityScore,
    NewScoringRule,
    ScoringRule,
    Signal,
)
from zohocrm_async.models.common import Outcome, Reference


class AssignmentRules(Resource, family="assignment_rules"):
    """Rules that give new records to users. Every call takes 1 credit."""

    @endpoint("GET /settings/automation/assignment_rules", key="assignment_rules")
    async def list(
        self, *, module: str | None = None, include_inner_details: Sequence[str] | None = None
    ) -> tuple[AssignmentRule, ...]:
        """List the assignment rules.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-assignment-rules.html.
        """
        ...

    @endpoint("GET /settings/automation/assignment_rules/{id}", key="assignment_rules")
    async def get(
        self, module: str, id: str, *, include_inner_details: Sequence[str] | None = None
    ) -> AssignmentRule:
        """Return one assignment rule.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-assignment-rules.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...


class Cadences(Resource, family="cadences"):
    """Sequences of follow-ups. Every call takes 1 credit."""

    @endpoint("GET /settings/automation/cadences", key="cadences")
    def list(
        self,
        *,
        module: str | None = None,
        name: str | None = None,
        active: bool | None = None,
        fields: Sequence[str] | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[Cadence]:
        """List the cadences.

        See https://www.zoho.com/crm/developer/docs/api/v7/cadences/get-cadences.html.
        """
        ...

    # Not repeatable: cadences mail people, and nothing says what enrolling them twice does.
    @endpoint(
        "POST /{module}/actions/enrol_in_cadences",
        key="data",
        beside=("cadences_ids", "ids"),
        look_at="Look at the records in Zoho CRM: no call tells which cadences they are in.",
    )
    async def enrol(
        self, module: str, cadences_ids: Sequence[str], ids: Sequence[str]
    ) -> tuple[Outcome, ...]:
        """Put records into cadences; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/cadences/enroll.html.
        """
        ...

    @endpoint(
        "POST /{module}/actions/unenrol_from_cadences",
        key="data",
        beside=("cadences_ids", "ids"),
        look_at="Look at the records in Zoho CRM: no call tells which cadences they are in.",
    )
    async def unenrol(
        self, module: str, cadences_ids: Sequence[str], ids: Sequence[str]
    ) -> tuple[Outcome, ...]:
        """Take records out of cadences; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/cadences/unenroll.html.
        """
        ...


class ScoringRules(Resource, family="scoring_rules"):
    """Rules that score records, and the scores. Every call takes 1 credit."""

    @endpoint("GET /settings/automation/scoring_rules", key="scoring_rules")
    def list(
        self,
        *,
        module: str | None = None,
        layout_id: str | None = None,
        active: bool | None = None,
        name: str | None = None,
        page: int = 1,
        per_page: int = 200,
        include_inner_details: Sequence[str] | None = None,
    ) -> Pager[ScoringRule]:
        """List the scoring rules.

        See https://www.zoho.com/crm/developer/docs/api/v7/scoring-rules.html.
        """
        ...

    @endpoint("GET /settings/automation/scoring_rules/{id}", key="scoring_rules")
    async def get(
        self,
        id: str,
        *,
        layout_id: str | None = None,
        active: bool | None = None,
        name: str | None = None,
    ) -> ScoringRule:
        """Return one scoring rule.

        See https://www.zoho.com/crm/developer/docs/api/v7/scoring-rules.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...

    @endpoint(
        "POST /settings/automation/scoring_rules",
        key="scoring_rules",
        counts={"body": (1, 20)},
        look_at="List the rules (crm.scoring_rules.list).",
    )
    async def create(self, body: Sequence[NewScoringRule]) -> tuple[Outcome, ...]:
        """Create up to 20 scoring rules; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-scoring-rules.html.
        """
        ...

    @endpoint("PUT /settings/automation/scoring_rules/{id}", key="scoring_rules", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one scoring rule.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-scoring-rules.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...

    @endpoint(
        "PUT /settings/automation/scoring_rules",
        key="scoring_rules",
        repeatable=True,
        counts={"body": (1, 10)},
    )
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change up to 10 scoring rules by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-scoring-rules.html.
        """
        ...

    @endpoint(
        "DELETE /settings/automation/scoring_rules/{id}",
        key="scoring_rules",
        look_at="Ask for the rule (crm.scoring_rules.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one scoring rule.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-scoring-rules.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...

    @endpoint(
        "DELETE /settings/automation/scoring_rules",
        key="scoring_rules",
        look_at="List the rules (crm.scoring_rules.list).",
    )
    async def delete_many(self, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete several scoring rules; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-scoring-rules.html.
        """
        ...

    @endpoint(
        "PUT /settings/automation/scoring_rules/{id}/actions/activate",
        key="scoring_rules",
        repeatable=True,
    )
    async def activate(self, id: str) -> Outcome:
        """Put a scoring rule into use.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-rule-status.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...

    @endpoint(
        "DELETE /settings/automation/scoring_rules/{id}/actions/activate",
        key="scoring_rules",
        repeatable=True,
    )
    async def deactivate(self, id: str) -> Outcome:
        """Take a scoring rule out of use.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-rule-status.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...

    @endpoint(
        "POST /settings/automation/scoring_rules/{id}/actions/clone",
        key="scoring_rules",
        look_at="List the rules (crm.scoring_rules.list).",
    )
    async def clone(self, id: str) -> Outcome:
        """Create a scoring rule like another.

        See https://www.zoho.com/crm/developer/docs/api/v7/clone-scoring-rule.html.

        Raises:
            RecordNotFound: no such rule.
        """
        ...

    @endpoint(
        "PUT /{module}/actions/run_scoring_rules",
        key="scoring_rules",
        beside=("scoring_rules", "layout"),
        repeatable=True,
        counts={"scoring_rules": (0, 5)},
    )
    async def run(
        self,
        module: str,
        *,
        scoring_rules: Sequence[str] | None = None,
        layout: Reference | None = None,
    ) -> tuple[Outcome, ...]:
        """Score the records of a module: by up to 5 rules, those of a layout, or all.

        See https://www.zoho.com/crm/developer/docs/api/v7/execute-scoring-rules.html.
        """
        ...

    @endpoint(
        "GET /Entity_Scores__s", key="data", headers={"if_modified_since": "If-Modified-Since"}
    )
    def scores(
        self,
        *,
        fields: Sequence[str],
        cvid: str,
        ids: Sequence[str] | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        page: int = 1,
        per_page: int = 200,
        page_token: str | None = None,
        if_modified_since: datetime | None = None,
    ) -> Pager[EntityScore]:
        """List the scores of records.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-entity-scores.html.
        """
        ...

    @endpoint("GET /Entity_Scores__s/{record_id}", key="data")
    async def score(self, record_id: str, *, fields: Sequence[str], cvid: str) -> EntityScore:
        """Return one score.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-entity-scores.html.

        Raises:
            RecordNotFound: no such score.
        """
        ...

    @endpoint("GET /{module}/{id}/Entity_Scores__s", key="data")
    async def scores_of(
        self, module: str, id: str, *, fields: Sequence[str]
    ) -> tuple[EntityScore, ...]:
        """List the scores of one record.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-entity-scores.html.
        """
        ...


class Signals(Resource, family="signals"):
    """Signals that come from outside. Every call takes 1 credit."""

    @endpoint("GET /settings/signals", key="signals")
    async def list(self) -> tuple[Signal, ...]:
        """List the signals.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-signals.html.
        """
        ...
