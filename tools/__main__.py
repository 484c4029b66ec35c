"""Write everything that is made from the declarations."""

from tools.made import MADE


def main() -> None:
    """Write each file whose text has changed."""
    for path, text in MADE.items():
        path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
