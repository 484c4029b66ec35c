"""``python -m zohocrm_async.emulator``."""

from zohocrm_async.emulator.process import main

if __name__ == "__main__":
    main()
