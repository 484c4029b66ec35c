"""What an organisation has from its first day: people, rights, money, hours."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from zohocrm_async.emulator.metadata import plant_metadata
from zohocrm_async.emulator.state import Row, State

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def plant_all(state: State) -> None:
    """Give the organisation what every one has."""
    plant_metadata(state)
    for path, seed in _SEEDS.items():
        state.settings.plant(path, partial(_planted, seed, state))


def _planted(seed: Callable[[State], list[Row]], state: State, _: str) -> list[Row]:
    return seed(state)


def _own(state: State, **values: Any) -> Row:
    return {"id": state.new_id(), **values}


def _profiles(state: State) -> list[Row]:
    enabled = {"id": state.new_id(), "name": "Crm_Implied_Export", "module": None, "enabled": True}
    return [
        {
            "id": state.new_id(),
            "name": name,
            "display_label": name,
            "type": "normal_profile",
            "custom": False,
            "default": name == "Administrator",
            "permissions_details": [enabled],
            "created_time": None,
        }
        for name in ("Administrator", "Standard")
    ]


def _roles(state: State) -> list[Row]:
    chief = _own(
        state, name="CEO", display_label="CEO", share_with_peers=True, admin_user=True,
        reporting_to=None,
    )  # fmt: skip
    manager = _own(
        state, name="Manager", display_label="Manager", share_with_peers=False, admin_user=False,
        reporting_to={"id": chief["id"], "name": "CEO"},
    )  # fmt: skip
    return [chief, manager]


def _currency(state: State) -> Row:
    return _own(
        state,
        name="Euro - EUR",
        iso_code="EUR",
        symbol="€",
        exchange_rate="1.000000000",
        is_base=True,
        is_active=True,
        prefix_symbol=True,
        format={
            "decimal_separator": "Period",
            "thousand_separator": "Comma",
            "decimal_places": "2",
        },
    )


def _business_hours(state: State) -> Row:
    return _own(
        state,
        type="custom",
        week_starts_on="Monday",
        business_days=list(_DAYS),
        same_as_everyday=True,
        daily_timing=["09:00", "17:00"],
    )


def _first_user(state: State) -> Row:
    first, _, last = str(state.owner["name"]).partition(" ")
    profile = next(iter(state.settings.rows("/settings/profiles").values()))
    role = next(iter(state.settings.rows("/settings/roles").values()))
    return {
        "id": state.owner["id"],
        "full_name": state.owner["name"],
        "first_name": first,
        "last_name": last,
        "email": state.owner["email"],
        "status": "active",
        "confirm": True,
        "category": "regular_user",
        "time_zone": state.time_zone,
        "profile": {"id": profile["id"], "name": profile["name"]},
        "role": {"id": role["id"], "name": role["name"]},
        "microsoft": False,
    }


def _features(state: State) -> list[Row]:
    def feature(name: str, label: str, total: int, used: int) -> Row:
        return {
            "id": state.new_id(),
            "api_name": name,
            "feature_label": label,
            "module_supported": False,
            "components": [],
            "details": {
                "limits": {"total": total},
                "used_count": {"total": used},
                "available_count": {"total": total - used},
            },
        }

    return [
        feature("user_licenses", "User licences", state.users, 1),
        feature("data_enrichment", "Data enrichment", 100, 0),
        feature("custom_field", "Custom fields", 300, 0),
    ]


def _fiscal_year(state: State) -> list[Row]:
    return [_own(state, start_month="January", display_based_on="end_month")]


def _appointments(state: State) -> list[Row]:
    return [
        _own(
            state,
            allow_booking_outside_businesshours=False,
            allow_booking_outside_service_availability=False,
            show_job_sheet=True,
            when_duration_exceeds="mark_as_complete",
        )
    ]


def _taxes(state: State) -> list[Row]:
    tax = _own(state, name="Sales Tax", display_label="Sales Tax", value=20.0, sequence_number=1)
    return [
        {
            "id": state.new_id(),
            "taxes": [tax],
            "preference": {"auto_populate_tax": False, "modify_tax_rates": False},
        }
    ]


def _contact_roles(state: State) -> list[Row]:
    return [
        _own(state, name="Decision Maker", sequence_number=1),
        _own(state, name="Influencer", sequence_number=2),
    ]


def _variable_groups(state: State) -> list[Row]:
    return [_own(state, name="General", api_name="General", display_label="General")]


_SEEDS: Mapping[str, Callable[[State], list[Row]]] = {
    "/users": lambda state: [_first_user(state)],
    "/settings/profiles": _profiles,
    "/settings/roles": _roles,
    "/org/currencies": lambda state: [_currency(state)],
    "/org/taxes": _taxes,
    "/__features": _features,
    "/settings/fiscal_year": _fiscal_year,
    "/settings/business_hours": lambda state: [_business_hours(state)],
    "/settings/appointment_preferences": _appointments,
    "/settings/service_preferences": lambda state: [_own(state, job_sheet_enabled=True)],
    "/settings/variable_groups": _variable_groups,
    "/Contacts/roles": _contact_roles,
}
