"""Write everything that is made from the declarations."""

from tools.made import MADE, stale


def main() -> None:
    """Write each file, and remove those of what is there no more."""
    for path, text in MADE.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")
    for path in stale():
        path.unlink()


if __name__ == "__main__":
    main()
