"""Notes and locks of records."""

from typing import Any

import pytest
from companions import leads, one

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator
from zohocrm_async.models import LockSource, ModuleReference, NewNote, NoteParent


class TestNotes:
    """Each belongs to a record."""

    async def test_a_note_lives(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead, other] = leads(org, {}, {})
        [made] = await crm.notes.add("Leads", lead, [NewNote(content="Called", title="Call")])
        await crm.notes.add("Leads", other, [NewNote(content="Asked")])
        assert made.id is not None
        [note] = await crm.notes.of("Leads", lead)
        assert (note.id, note.title, note.content) == (made.id, "Call", "Called")
        assert note.parent == NoteParent(ModuleReference("Leads"), lead)
        assert note.created_time is not None
        await crm.notes.update([{"id": made.id, "Note_Content": "Called twice"}])
        assert (await crm.notes.get(made.id)).content == "Called twice"
        [gone] = await crm.notes.delete([made.id])
        assert gone.ok
        assert [each.content async for each in crm.notes.list()] == ["Asked"]

    async def test_notes_of_several_records_are_made_at_once(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [lead] = leads(org, {})
        deal = one(org, "Deals", Deal_Name="D")
        parents = [
            NoteParent(ModuleReference("Leads"), lead),
            NoteParent(ModuleReference("Deals"), deal),
            NoteParent(ModuleReference("Deals"), "9"),
        ]
        outcomes = await crm.notes.create([NewNote(content="x", parent=each) for each in parents])
        assert [outcome.ok for outcome in outcomes] == [True, True, False]
        assert len(await crm.notes.of("Deals", deal)) == 1

    async def test_a_note_without_a_record_is_not_sent(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest, match="note 0 has no parent"):
            await crm.notes.create([NewNote(content="x")])
        assert not org.calls

    async def test_each_note_has_its_outcome(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        notes = [NewNote(content="x" * 32_001), NewNote(content="x")]
        outcomes = await crm.notes.add("Leads", lead, notes)
        assert [outcome.ok for outcome in outcomes] == [False, True]

    async def test_a_related_list_of_notes_is_theirs(self, org: Emulator, crm: ZohoCRM) -> None:
        """Through it notes are changed and deleted, too."""
        [lead] = leads(org, {})
        [made] = await crm.notes.add("Leads", lead, [NewNote(content="x")])
        assert made.id is not None
        row = {"id": made.id, "Note_Title": "Call"}
        [changed] = await crm.related_records.link("Leads", lead, "Notes", [row])
        assert changed.ok
        assert (await crm.notes.get(made.id)).title == "Call"
        await crm.related_records.unlink_one("Leads", lead, "Notes", made.id)
        assert not org.records("Notes")

    async def test_notes_of_an_unknown_record(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.notes.add("Leads", "9", [NewNote(content="x")])


class TestLocks:
    """A locked record stays as it is."""

    async def test_a_locked_record_can_be_neither_changed_nor_deleted(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        [lead] = leads(org, {})
        lock = await crm.record_locks.lock("Leads", lead, "In talks")
        assert lock.id is not None
        [changed] = await crm.records.update("Leads", [{"id": lead, "City": "Cork"}])
        [deleted] = await crm.records.delete("Leads", [lead])
        assert isinstance(changed.error, errors.RecordLocked)
        assert isinstance(deleted.error, errors.RecordLocked)
        await crm.record_locks.unlock("Leads", lead, lock.id)
        [changed] = await crm.records.update("Leads", [{"id": lead, "City": "Cork"}])
        assert changed.ok
        assert len(await crm.record_locks.list("Leads", lead)) == 0

    async def test_a_lock_says_who_and_why(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        made = await crm.record_locks.lock("Leads", lead, "In talks")
        assert made.id is not None
        await crm.record_locks.update("Leads", lead, made.id, "Signed")
        [lock] = await crm.record_locks.list("Leads", lead)
        assert lock == await crm.record_locks.get("Leads", lead, made.id)
        assert (lock.reason, lock.source) == ("Signed", LockSource.MANUAL)
        assert lock.locked_by is not None
        assert lock.locked_by.id == org.state.owner["id"]
        assert lock.locked_for is not None
        assert (lock.locked_for.id, lock.locked_for.name) == (lead, "Stone")

    async def test_a_record_is_locked_once(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        await crm.record_locks.lock("Leads", lead, "In talks")
        with pytest.raises(errors.NotAllowed):
            await crm.record_locks.lock("Leads", lead, "Again")

    async def test_a_lock_that_is_not_there(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        with pytest.raises(errors.RecordNotFound):
            await crm.record_locks.unlock("Leads", lead, "9")
        with pytest.raises(errors.RecordNotFound):
            await crm.record_locks.update("Leads", lead, "9", "Why")
        with pytest.raises(errors.RecordNotFound):
            await crm.record_locks.get("Leads", lead, "9")


class TestServices:
    """Services and appointments are records of modules of their own."""

    async def test_a_service_and_its_appointment_live(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = leads(org, {})
        user = org.state.owner["id"]
        row: dict[str, Any] = {
            "Service_Name": "Repair",
            "Duration": 30,
            "Price": 20,
            "Availability_Type": "Every Business Days",
            "Location": "Business Address",
            "Members": [{"Members": {"id": user}}],
        }
        [made] = await crm.services.create([row])
        assert made.id is not None
        [service] = await crm.services.list(fields=["Service_Name"])
        assert (service.id, service["Service_Name"]) == (made.id, "Repair")
        assert (await crm.services.get(made.id))["Duration"] == 30
        booking = {
            "Appointment_Name": "Repair at noon",
            "Service_Name": {"id": made.id},
            "Appointment_For": {"id": lead, "module": {"api_name": "Leads"}},
            "Appointment_Start_Time": "2026-03-02T12:00:00+00:00",
        }
        [booked, _] = await crm.appointments.create([booking, {"Appointment_Name": "Repair"}])
        assert booked.id is not None
        await crm.appointments.update_one(booked.id, {"Status": "Completed"})
        assert (await crm.appointments.get(booked.id))["Status"] == "Completed"
        [gone] = await crm.appointments.delete([booked.id])
        assert gone.ok
        assert org.record("Services__s", made.id) is not None

    async def test_when_appointments_were_put_off(self, org: Emulator, crm: ZohoCRM) -> None:
        booked = one(org, "Appointments__s", Appointment_Name="Repair at noon")
        row = {"Name": "Later", "Appointment_Name": {"id": booked}}
        [made] = await crm.rescheduled_appointments.create([row])
        assert made.id is not None
        record = await crm.rescheduled_appointments.get(made.id)
        assert record["Appointment_Name"] == {"id": booked, "name": "Repair at noon"}
        page = await crm.rescheduled_appointments.list(fields=["Name"])
        assert [record["Name"] for record in page] == ["Later"]
        await crm.rescheduled_appointments.delete_one(made.id)
        assert len(await crm.rescheduled_appointments.list(fields=["Name"])) == 0
