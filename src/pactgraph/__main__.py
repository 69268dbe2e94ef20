"""``python -m pactgraph`` is the ``pactgraph`` command."""

from pactgraph.cli import main

if __name__ == "__main__":
    main()
