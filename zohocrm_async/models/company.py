"""Currencies, taxes, features and the fiscal year of the organisation.

See https://www.zoho.com/crm/developer/docs/api/v7/get-currencies-data.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import ModuleReference, Reference


@frozen
class MoneyFormat:
    """How amounts are written."""

    decimal_separator: str | None = None
    thousand_separator: str | None = None
    decimal_places: str | None = None


@frozen
class Currency:
    """A currency of the organisation."""

    id: str
    name: str | None = None
    symbol: str | None = None
    is_active: bool | None = None
    exchange_rate: str | None = None
    format: MoneyFormat | None = None
    prefix_symbol: bool | None = None
    is_base: bool | None = None
    iso_code: str | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewCurrency:
    """A currency to add."""

    iso_code: str
    exchange_rate: str
    name: str | None = None
    symbol: str | None = None
    format: MoneyFormat | None = None
    is_active: bool | None = None
    prefix_symbol: bool | None = None


@frozen
class AvailableCurrency:
    """A currency that may be added."""

    iso_code: str
    display_value: str | None = None
    decimal_separator: str | None = None
    symbol: str | None = None
    thousand_separator: str | None = None
    display_name: str | None = None
    decimal_places: str | None = None


@frozen
class Tax:
    """A tax."""

    id: str
    name: str | None = None
    display_label: str | None = None
    sequence_number: int | None = None
    value: float | None = None
    delete: bool | None = field(default=None, metadata={"wire": "_delete"})


@frozen
class TaxPreference:
    """How taxes are put into records."""

    auto_populate_tax: bool | None = None
    modify_tax_rates: bool | None = None


@frozen
class Taxes:
    """The taxes of the organisation."""

    preference: TaxPreference | None = None
    taxes: tuple[Tax, ...] = ()


@frozen
class FeatureLimit:
    """A number of a feature, by edition and in total."""

    edition_limit: int | None = None
    total: int | None = None


@frozen
class FeatureDetail:
    """How much of a feature there is and is used."""

    available_count: FeatureLimit | None = None
    used_count: FeatureLimit | None = None
    limits: FeatureLimit | None = None


@frozen
class FeatureComponent:
    """A part of a feature."""

    api_name: str
    module_supported: bool | None = None
    details: FeatureDetail | None = None
    feature_label: str | None = None


@frozen
class Feature:
    """A feature of the edition, with its limits."""

    api_name: str
    components: tuple[FeatureComponent, ...] = ()
    parent_feature: ModuleReference | None = None
    module_supported: bool | None = None
    details: FeatureDetail | None = None
    feature_label: str | None = None


@frozen
class FiscalYear:
    """When the fiscal year begins."""

    id: str | None = None
    display_based_on: str | None = None
    start_month: str | None = None
