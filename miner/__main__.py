"""`python -m miner` is `faultlore`."""

from miner.cli import main

if __name__ == "__main__":
    main()
