"""What analysts take away: views and queries as networks, in the formats of the tools they use.

``ask`` is how this package asks one revision; ``views`` and ``projection`` turn solutions into nodes and
edges, ``writers`` write them, ``formats`` is the table of what is written how.
"""
