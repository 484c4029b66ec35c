"""Currencies, taxes, features and the fiscal year."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.company import (
    AvailableCurrency,
    Currency,
    Feature,
    FiscalYear,
    NewCurrency,
    Taxes,
)


class Currencies(Resource, family="currencies"):
    """Currencies of the organisation. Every call takes 1 credit."""

    @endpoint("GET /org/currencies", key="currencies")
    async def list(self) -> tuple[Currency, ...]:
        """List the currencies.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-currencies-data.html.
        """
        ...

    @endpoint("GET /org/currencies/{id}", key="currencies")
    async def get(self, id: str) -> Currency:
        """Return one currency.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-currencies-data.html.

        Raises:
            RecordNotFound: no such currency.
        """
        ...

    @endpoint(
        "POST /org/currencies",
        key="currencies",
        look_at="List the currencies (crm.currencies.list).",
    )
    async def create(self, body: Sequence[NewCurrency]) -> tuple[Outcome, ...]:
        """Add currencies; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-currencies.html.
        """
        ...

    @endpoint("PUT /org/currencies/{id}", key="currencies", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one currency.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-currencies.html.

        Raises:
            RecordNotFound: no such currency.
        """
        ...

    @endpoint("PUT /org/currencies", key="currencies", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several currencies by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-currencies.html.
        """
        ...

    @endpoint("GET /org/currencies/actions/available_currencies", key="available_currencies")
    async def available(self) -> tuple[AvailableCurrency, ...]:
        """List the currencies that may be added."""
        ...

    @endpoint(
        "POST /org/currencies/actions/enable",
        key="base_currency",
        beside=("base_currency",),
        look_at="List the currencies (crm.currencies.list).",
    )
    async def enable(self, base_currency: NewCurrency) -> Outcome:
        """Allow more than one currency, with *base_currency* as the first.

        See https://www.zoho.com/crm/developer/docs/api/v7/enable-multi-currency.html.
        """
        ...

    @endpoint(
        "PUT /org/currencies/actions/enable",
        key="base_currency",
        beside=("base_currency",),
        repeatable=True,
    )
    async def update_base(self, base_currency: Mapping[str, Any]) -> Outcome:
        """Change the base currency, by its ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-currencies.html.
        """
        ...


class TaxSettings(Resource, family="taxes"):
    """Taxes of the organisation. Every call takes 1 credit."""

    @endpoint("GET /org/taxes", key="org_taxes")
    async def get(self) -> Taxes:
        """Return the taxes and how they are used."""
        ...

    @endpoint("GET /org/taxes/{id}", key="org_taxes")
    async def get_one(self, id: str) -> Taxes:
        """Return one tax, among the taxes.

        Raises:
            RecordNotFound: no such tax.
        """
        ...

    @endpoint("PUT /org/taxes", key="org_taxes", beside=("org_taxes",), repeatable=True)
    async def update(self, org_taxes: Mapping[str, Any]) -> Outcome:
        """Change the taxes: all those in ``taxes``, and the ``preference``.

        A tax with ``_delete`` is taken away; one without ``id`` is added.
        """
        ...


class Features(Resource, family="features"):
    """Features of the edition, and how much of them is used. Every call takes 1 credit."""

    @endpoint("GET /__features", key="__features")
    def list(
        self,
        *,
        module: str | None = None,
        api_names: Sequence[str] | None = None,
        per_page: int = 200,
        page: int = 1,
    ) -> Pager[Feature]:
        """List the features.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-features.html.
        """
        ...

    @endpoint("GET /__features/{feature}", key="__features")
    async def get(self, feature: str, *, module: str | None = None) -> Feature:
        """Return one feature.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-features.html.

        Raises:
            RecordNotFound: no such feature.
        """
        ...

    @endpoint("GET /__features/user_licenses", key="__features")
    async def user_licenses(self) -> Feature:
        """Return how many user licences there are, and how many are used.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-licenses.html.
        """
        ...

    @endpoint("GET /__features/data_enrichment", key="__features")
    async def data_enrichment(self) -> Feature:
        """Return how much data enrichment there is, and how much is used."""
        ...


class FiscalYears(Resource, family="fiscal_year"):
    """The fiscal year of the organisation. Every call takes 1 credit."""

    @endpoint("GET /settings/fiscal_year", key="fiscal_year")
    async def get(self) -> FiscalYear:
        """Return when the fiscal year begins.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-fiscal-year.html.
        """
        ...

    @endpoint(
        "PUT /settings/fiscal_year", key="fiscal_year", beside=("fiscal_year",), repeatable=True
    )
    async def update(self, fiscal_year: Mapping[str, Any]) -> Outcome:
        """Change when the fiscal year begins.

        See https://www.zoho.com/crm/developer/docs/api/v7/put-fiscal-year.html.
        """
        ...
