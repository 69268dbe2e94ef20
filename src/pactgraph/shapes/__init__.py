"""The rules of the graph: SHACL shapes, their validator, and reports that say in plain words what is wrong.

rdflib and pySHACL live behind this room: pyoxigraph quads come in, a Report goes out.
"""
