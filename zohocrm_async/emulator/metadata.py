"""What an organisation has of itself: modules, fields, layouts, views, lists, pipelines."""

import re
from typing import Any

from zohocrm_async._module_names import KNOWN_MODULES
from zohocrm_async.emulator.fields import needed_field, needed_fields
from zohocrm_async.emulator.links import lists_of
from zohocrm_async.emulator.state import Row, State

_ADDRESS = "Street City State Zip_Code Country"
_SYSTEM = (
    "Owner:ownerlookup Created_By:ownerlookup Modified_By:ownerlookup Created_Time:datetime"
    " Modified_Time:datetime Last_Activity_Time:datetime Tag:text"
)
_PEOPLE = (
    "First_Name Last_Name Email:email Phone:phone Mobile:phone"
    " Lead_Source:picklist=Advertisement|Cold_Call|Partner|Web_Download Email_Opt_Out:boolean"
)
_INVENTORY = (
    "Subject Account_Name:lookup=Accounts Contact_Name:lookup=Contacts Grand_Total:currency"
    " Status:picklist=Created|Approved|Delivered|Cancelled"
)
_LINE = (
    "Product_Name:lookup=Products Quantity:double List_Price:currency Discount:currency"
    " Tax:currency Total:currency Parent_Id:lookup="
)
# Name, type (text where none is said), and the choices or the module that it leads to.
_FIELDS = {
    "Leads": f"{_PEOPLE} Company Annual_Revenue:currency No_of_Employees:integer {_ADDRESS}"
    " Lead_Status:picklist=Contacted|Not_Contacted|Lost_Lead Rating:picklist=Active|Acquired",
    "Contacts": f"{_PEOPLE} Account_Name:lookup=Accounts Date_of_Birth:date",
    "Accounts": "Account_Name Phone:phone Website:website Annual_Revenue:currency"
    " Industry:picklist=Banking|Education|Real_Estate Parent_Account:lookup=Accounts",
    "Deals": "Deal_Name Account_Name:lookup=Accounts Contact_Name:lookup=Contacts"
    " Amount:currency Closing_Date:date Probability:integer Expected_Revenue:currency"
    " Stage:picklist=Qualification|Value_Proposition|Negotiation|Closed_Won|Closed_Lost",
    "Vendors": "Vendor_Name Email:email Phone:phone Website:website",
    "Campaigns": "Campaign_Name Start_Date:date End_Date:date Budgeted_Cost:currency"
    " Status:picklist=Planning|Active|Complete",
    "Tasks": "Subject Due_Date:date Priority:picklist=High|Normal|Low"
    " Status:picklist=Not_Started|In_Progress|Completed Who_Id:lookup=Contacts",
    "Events": "Event_Title Start_DateTime:datetime End_DateTime:datetime Venue",
    "Calls": "Subject Call_Type:picklist=Inbound|Outbound|Missed Call_Start_Time:datetime"
    " Call_Duration",
    "Products": "Product_Name Product_Code Unit_Price:currency Vendor_Name:lookup=Vendors",
    "Quotes": f"{_INVENTORY} Valid_Till:date Quoted_Items:subform=Quoted_Items",
    "Sales_Orders": f"{_INVENTORY} Due_Date:date Ordered_Items:subform=Ordered_Items",
    "Purchase_Orders": f"{_INVENTORY} PO_Date:date Purchase_Items:subform=Purchase_Items",
    "Invoices": f"{_INVENTORY} Invoice_Date:date Invoiced_Items:subform=Invoiced_Items",
    "Notes": "Note_Title Note_Content:textarea Parent_Id:lookup=",
    "Services__s": "Service_Name Duration:integer Price:currency Members:multiuserlookup"
    " Availability_Type:picklist=Every_Business_Days|Specific_Day(s)|Specific_Date(s)"
    " Location:picklist=Business_Address|Client_Address",
    "Appointments__s": "Appointment_Name Appointment_For:lookup= Service_Name:lookup=Services__s"
    " Appointment_Start_Time:datetime Appointment_End_Time:datetime Status Address"
    " Location:picklist=Business_Address|Client_Address Cancellation_Reason",
    "Appointments_Rescheduled_History__s": "Name Appointment_Name:lookup=Appointments__s"
    " Rescheduled_From:datetime Rescheduled_To:datetime Rescheduled_Time:datetime"
    " Rescheduled_By:userlookup Reschedule_Reason Reschedule_Note:textarea",
    "Quoted_Items": f"{_LINE}Quotes",
    "Ordered_Items": f"{_LINE}Sales_Orders",
    "Purchase_Items": f"{_LINE}Purchase_Orders",
    "Invoiced_Items": f"{_LINE}Invoices",
}
_FIELD = re.compile(r"(\w+)(?::(\w+))?(?:=(\S+))?")
_JSON_TYPES = {
    "boolean": "boolean",
    "integer": "integer",
    "currency": "double",
    "double": "double",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "subform": "jsonarray",
}
_LENGTHS = {"textarea": 32_000, "website": 450, "email": 100, "phone": 30, "integer": 9}
_LISTS = ("Attachments", "Notes", "Emails", "Tasks", "Events", "Calls")


def plant_metadata(state: State) -> None:
    """Give the organisation what it says of its modules."""
    plant = state.settings.plant
    plant("/settings/modules", lambda _: _modules(state))
    plant("/settings/fields", lambda module: _fields(state, module))
    plant("/settings/layouts", lambda module: _layouts(state, module))
    plant("/settings/custom_views", lambda module: _views(state, module))
    plant("/settings/related_lists", lambda module: _related_lists(state, module))
    plant("/settings/pipeline", lambda _: _pipelines(state))


def module_row(state: State, name: str, **more: Any) -> Row:
    """Return what is said of a module."""
    label = name.replace("_", " ")
    custom = name not in KNOWN_MODULES
    return {
        "id": state.new_id(),
        "api_name": name,
        "module_name": f"CustomModule{len(state.modules)}" if custom else label,
        "singular_label": label.removesuffix("s"),
        "plural_label": label,
        "generated_type": "custom" if custom else "default",
        "status": "visible",
        "api_supported": True,
        "creatable": True,
        "editable": True,
        "deletable": True,
        "viewable": True,
        "profiles": [],
        "parent_module": {},  # as the service has it for what is no subform
        "modified_time": None,
        **more,
    }


def _modules(state: State) -> list[Row]:
    return [module_row(state, name) for name in state.modules]


def _fields(state: State, module: str) -> list[Row]:
    if not module:
        return []
    known = _FIELDS.get(module, needed_field(module))
    entries = _FIELD.findall(f"{known} Description:textarea {_SYSTEM}")
    return [_field(state, module, entry, number) for number, entry in enumerate(entries, start=1)]


def _field(state: State, module: str, entry: tuple[str, str, str], number: int) -> Row:
    name, kind, of = entry
    kind = kind or "text"
    label = name.replace("_", " ")
    system = name in _SYSTEM
    row: Row = {
        "id": state.new_id(),
        "api_name": name,
        "field_label": label,
        "display_label": label,
        "data_type": kind,
        "json_type": _JSON_TYPES.get(kind, "string"),
        "length": _LENGTHS.get(kind, 255),
        "custom_field": module not in KNOWN_MODULES and not system,
        "system_mandatory": name in needed_fields(module),
        "read_only": system and name not in {"Owner", "Tag"},
        "field_read_only": system and name not in {"Owner", "Tag"},
        "visible": True,
        "type": "used",
        "unique": {},
        "sequence_number": number,
        "view_type": {"view": True, "edit": not system, "create": not system},
        "created_source": "default",
    }
    if kind == "picklist":
        row["pick_list_values"] = [_choice(state, n, c) for n, c in enumerate(of.split("|"), 1)]
    if kind == "lookup":
        row["lookup"] = {"api_name": name, "display_label": label, "module": {"api_name": of}}
    if kind == "subform":
        row["subform"] = {"module": of, "id": state.new_id()}
    return row


def _choice(state: State, number: int, name: str) -> Row:
    label = name.replace("_", " ")
    return {
        "id": state.new_id(),
        "display_value": label,
        "actual_value": label,
        "sequence_number": number,
        "type": "used",
    }


def _layouts(state: State, module: str) -> list[Row]:
    if not module:
        return []
    fields = list(state.settings.rows("/settings/fields", module).values())
    section = {
        "id": state.new_id(),
        "name": f"{module} Information",
        "api_name": f"{module}_Information",
        "display_label": f"{module.replace('_', ' ')} Information",
        "sequence_number": 1,
        "column_count": 2,
        "isSubformSection": False,
        "fields": fields,
    }
    return [
        {
            "id": state.new_id(),
            "name": "Standard",
            "api_name": "Standard__s",
            "display_label": "Standard",
            "status": "active",
            "visible": True,
            "generated_type": "system",
            "profiles": [],
            "sections": [section],
        }
    ]


def _views(state: State, module: str) -> list[Row]:
    if not module:
        return []
    view = {
        "id": state.new_id(),
        "name": f"All {module.replace('_', ' ')}",
        "display_value": f"All {module.replace('_', ' ')}",
        "system_name": "ALLVIEWS",
        "system_defined": True,
        "default": True,
        "category": "public_views",
        "access_type": "public",
        "fields": [{"api_name": needed_field(module), "id": state.new_id()}],
        "criteria": None,
        "favorite": None,
        "created_time": None,
    }
    return [view]


def _related_lists(state: State, module: str) -> list[Row]:
    if not module:
        return []
    return [
        {
            "id": state.new_id(),
            "api_name": name,
            "name": name,
            "display_label": name,
            "module": {"api_name": name},
            "type": "default",
            "href": f"{module}/{{ENTITYID}}/{name}",
            "sequence_number": str(number),
            "visible": True,
            "status": "visible",
        }
        for number, name in enumerate((*_LISTS, *lists_of(module)), start=1)
    ]


def _pipelines(state: State) -> list[Row]:
    fields = state.settings.rows("/settings/fields", "Deals").values()
    stages = next(row for row in fields if row["api_name"] == "Stage")["pick_list_values"]
    return [
        {
            "id": state.new_id(),
            "display_value": "Standard (Standard)",
            "actual_value": "Standard (Standard)",
            "default": True,
            "child_available": False,
            "maps": [{**stage, "forecast_type": "Open"} for stage in stages],
        }
    ]
