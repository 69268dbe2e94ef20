"""How reports are printed."""

from __future__ import annotations

from pactgraph.shapes.report import Report

FORMATS = ("text", "json", "turtle")


def printed(report: Report, output: str, *, grouped: bool = False) -> str:
    """Write a report in one of FORMATS; ``grouped`` puts warnings of one rule together in the text."""
    if output == "json":
        return report.to_json()
    if output == "turtle":
        return report.to_turtle().rstrip()
    return report.to_text(grouped=grouped)
