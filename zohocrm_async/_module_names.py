"""The modules that the service itself has, by their API names."""

STANDARD_MODULES = (
    "Leads",
    "Contacts",
    "Accounts",
    "Deals",
    "Vendors",
    "Cases",
    "Quotes",
    "Sales_Orders",
    "Purchase_Orders",
    "Invoices",
    "Campaigns",
    "Tasks",
    "Events",
    "Calls",
    "Products",
    "Price_Books",
    "Solutions",
)
SYSTEM_MODULES = (
    "Notes",
    "Services__s",
    "Appointments__s",
    "Appointments_Rescheduled_History__s",
)
KNOWN_MODULES = frozenset({*STANDARD_MODULES, *SYSTEM_MODULES})
"""Those that every organisation has; the others are custom."""
