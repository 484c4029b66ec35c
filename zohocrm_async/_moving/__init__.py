"""Any number of records out of the service, or into it, by the cheapest route."""
