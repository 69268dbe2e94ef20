"""What comes in: the shipped seed, and files that people bring."""
