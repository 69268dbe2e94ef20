"""One file per format; each writes a network and its description to a binary stream."""
