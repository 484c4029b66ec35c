"""Channels of notifications: kept open, and what arrives by them."""
