"""How much chance a run takes: little in the normal run, more in a soak."""

import os

# ZOHOCRM_SOAK_SEEDS=200 tells 200 further stories, and gives each property more examples.
SOAK_SEEDS = int(os.environ.get("ZOHOCRM_SOAK_SEEDS", "0"))


def examples(normal: int) -> int:
    """Return how many examples a property gets: ten times *normal* in a soak."""
    return normal * 10 if SOAK_SEEDS else normal
