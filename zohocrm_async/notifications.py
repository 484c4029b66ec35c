"""Notifications on the side that receives them: callbacks are checked and read.

See https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html.
"""

from zohocrm_async._notifying.callbacks import new_token, parse
from zohocrm_async._notifying.kept_channels import KeptChannels

__all__ = ["KeptChannels", "new_token", "parse"]
