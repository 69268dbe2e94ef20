"""What comes in: documents of users, read in a process of their own, and the shipped graph."""
