"""Many calls sent as few."""
