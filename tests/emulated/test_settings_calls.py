"""The price list, unsubscribe links and the organisation."""

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import ApiFilter, NewUnsubscribeLink, UnsubscribeLinkChange


class TestApis:
    """The organisation lists its own prices."""

    async def test_without_filter_everything_is_listed(self, crm: ZohoCRM) -> None:
        listed = {api.path: api for api in await crm.apis.list()}
        (send,) = [
            kind
            for kind in listed["/crm/v7/Leads/{{id}}/actions/send_mail"].operation_types
            if kind.method == "POST"
        ]
        assert (send.min_credits, send.max_credits) == (20, 20)
        assert send.oauth_scope == "ZohoCRM.send_mail.leads.CREATE"
        assert any(path.startswith("/crm/v7/{{module}}/") for path in listed)

    async def test_by_scope(self, crm: ZohoCRM) -> None:
        listed = await crm.apis.list(ApiFilter.oauth_scope("send_mail"))
        assert listed
        assert all(api.path.endswith("/actions/send_mail") for api in listed)

    async def test_by_method(self, crm: ZohoCRM) -> None:
        listed = await crm.apis.list(ApiFilter.method("POST"))
        assert {kind.method for api in listed for kind in api.operation_types} == {"POST"}

    async def test_by_module(self, crm: ZohoCRM) -> None:
        listed = await crm.apis.list(ApiFilter.module("Leads"))
        assert listed
        assert all(api.path.startswith("/crm/v7/Leads") for api in listed)
        custom = await crm.apis.list(ApiFilter.module("custom"))
        assert custom
        assert all("{{module}}" in api.path for api in custom)

    @pytest.mark.parametrize(
        "wrong",
        [ApiFilter.method("post"), ApiFilter.module("My_Own"), ApiFilter("color", "red")],
        ids=["method in small letters", "custom module by name", "unknown attribute"],
    )
    async def test_wrong_values_are_refused(self, crm: ZohoCRM, wrong: ApiFilter) -> None:
        with pytest.raises(errors.InvalidData):
            await crm.apis.list(wrong)

    @pytest.mark.parametrize("version", ["v3", "v8"])
    async def test_paths_carry_the_version(self, org: Emulator, version: str) -> None:
        async with org.client(version=version) as crm:
            listed = await crm.apis.list()
        starts = (f"/crm/{version}/", f"/crm/bulk/{version}/")
        assert all(api.path.startswith(starts) for api in listed)


class TestUnsubscribeLinks:
    """Links are listed, made, changed, and deleted, all but the default one."""

    async def test_the_life_of_a_link(self, crm: ZohoCRM) -> None:
        made = await crm.unsubscribe_links.create(
            NewUnsubscribeLink(name="News", submission_message="Bye.")
        )
        assert made.ok
        assert made.id is not None
        link = await crm.unsubscribe_links.get(made.id)
        assert (link.name, link.page_type, link.submission_message) == ("News", "standard", "Bye.")
        await crm.unsubscribe_links.update(made.id, UnsubscribeLinkChange(name="Letters"))
        assert "Letters" in {link.name for link in await crm.unsubscribe_links.list()}
        await crm.unsubscribe_links.delete(made.id)
        assert made.id not in {link.id for link in await crm.unsubscribe_links.list()}

    async def test_several_are_changed_in_one_call(self, crm: ZohoCRM) -> None:
        first = (await crm.unsubscribe_links.create(NewUnsubscribeLink(name="A"))).id
        outcomes = await crm.unsubscribe_links.update_many(
            [
                UnsubscribeLinkChange(id=first, name="B"),
                UnsubscribeLinkChange(id="999", name="C"),
            ]
        )
        assert [outcome.ok for outcome in outcomes] == [True, False]
        assert isinstance(outcomes[1].error, errors.RecordNotFound)

    async def test_a_change_without_id_is_refused_before_it_is_sent(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest, match="change 0 has no id"):
            await crm.unsubscribe_links.update_many([UnsubscribeLinkChange(name="x")])

    async def test_keys_that_do_not_go_together_are_told(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest) as caught:
            await crm.unsubscribe_links.create(
                NewUnsubscribeLink(name="", page_type="custom", submission_action_type="redirect")
            )
        assert len(caught.value.problems) == 3

    async def test_a_name_twice(self, crm: ZohoCRM) -> None:
        await crm.unsubscribe_links.create(NewUnsubscribeLink(name="A"))
        with pytest.raises(errors.DuplicateData):
            await crm.unsubscribe_links.create(NewUnsubscribeLink(name="A"))

    async def test_an_unknown_link(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.unsubscribe_links.delete("999")

    async def test_the_default_link_stays(self, crm: ZohoCRM) -> None:
        (default,) = [x for x in await crm.unsubscribe_links.list() if x.name == "Default"]
        with pytest.raises(errors.NotAllowed):
            await crm.unsubscribe_links.delete(default.id)

    async def test_an_id_with_a_slash_is_refused(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest, match="id is '1/2'"):
            await crm.unsubscribe_links.delete("1/2")
        assert not org.calls

    async def test_associations_tell_where_links_are_used(self, crm: ZohoCRM) -> None:
        found = await crm.unsubscribe_links.associations()
        ids = {link.id for link in await crm.unsubscribe_links.list()}
        assert {item.id for item in found} <= ids


async def test_the_organisation(org: Emulator, crm: ZohoCRM) -> None:
    """Edition and users are what the limits come from."""
    details = await crm.organization.get()
    assert (details.edition, details.users) == ("enterprise", 25)
    assert details.time_zone
