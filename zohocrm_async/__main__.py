"""``python -m zohocrm_async`` is the command ``zohocrm``."""

from zohocrm_async.cli import main

main()
