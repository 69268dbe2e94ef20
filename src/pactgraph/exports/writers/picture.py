"""A static drawing as SVG or PNG, through matplotlib, with names that do not collide."""

from __future__ import annotations

import io
import math
import warnings
from typing import IO, Any

from pactgraph.exports.about import About
from pactgraph.exports.chronicle import Chronicle, chronicle
from pactgraph.exports.drawing import HEIGHT, WIDTH, Box, Dot, Drawing, draw, place_labels
from pactgraph.exports.names import local_name
from pactgraph.exports.network import Network
from pactgraph.exports.writers.xml import NOT_XML_TEXT

MOST_NODES = 120
_LABEL_SIZE = 8.5
_LONGEST, _LONGEST_LINE = 44, 72
_FAR = 12.0  # a name this far from its node gets a line to it
_TOP, _BOTTOM, _SIDE = 90.0, 80.0, 20.0
_DPI = 100
_WIDE = 0x1100  # from Hangul on, letters are as wide as they are high
_FONT = "DejaVu Sans"  # comes with matplotlib
# Fonts that have Hangul, where one of them is installed.
_KOREAN = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
)


def write_svg(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the drawing as SVG; its text is text, in the reader's fonts."""
    _write(network, about, stream, "svg")


def write_png(network: Network, about: About, stream: IO[bytes]) -> None:
    """Write the drawing as PNG; a name whose letters no font has is the end of its IRI instead."""
    _write(network, about, stream, "png")


def _write(network: Network, about: About, stream: IO[bytes], kind: str) -> None:
    import matplotlib as mpl  # noqa: PLC0415 — half a second that only drawings need
    from matplotlib import font_manager  # noqa: PLC0415 — as above

    width, height = WIDTH - 2 * _SIDE, HEIGHT - _TOP - _BOTTOM
    listed = chronicle(network, width=width, height=height)
    drawing = listed.drawing if listed else draw(network, most=MOST_NODES, width=width, height=height)
    # What is installed has a say only where it must, so that the bytes are the same on other computers.
    fonts = [_FONT]
    names = [*(dot.label for dot in drawing.dots.values()), *(name for name, _ in drawing.legend)]
    if kind == "png" and not all(_has_glyphs(name, fonts) for name in names):
        installed = set(font_manager.get_font_names())
        fonts += [name for name in _KOREAN if name in installed]
    settings = {
        "font.family": fonts,
        "svg.fonttype": "none",
        "svg.hashsalt": "pactgraph",
        "path.simplify": False,
    }
    with mpl.rc_context(settings), warnings.catch_warnings():  # type: ignore[arg-type]  # its keys are a closed list of literals
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # SVG is drawn with the reader's fonts
        figure = _figure(drawing, about, fonts, listed, is_svg=kind == "svg")
        scratch = io.BytesIO()
        plain = {"Date": None, "Creator": "pactgraph"} if kind == "svg" else {"Software": "pactgraph"}
        notes = {"Title": about.title, "Description": about.citation} if kind == "svg" else _notes(about)
        figure.savefig(scratch, format=kind, dpi=_DPI, metadata={**plain, **notes})
    stream.write(scratch.getvalue())


def _notes(about: About) -> dict[str, str]:
    return {f"pactgraph {name}": text for name, text in about.xml_entries().items() if name != "query"}


def _figure(
    drawing: Drawing, about: About, fonts: list[str], listed: Chronicle | None, *, is_svg: bool
) -> Any:  # noqa: ANN401 — matplotlib is imported late
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 — as above
    from matplotlib.figure import Figure  # noqa: PLC0415 — as above

    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(HEIGHT, 0)
    axes.axis("off")
    for dot in drawing.dots.values():
        dot.x, dot.y = dot.x + _SIDE, dot.y + _TOP
        has_glyphs = is_svg or _has_glyphs(dot.label, fonts)
        dot.label = shortened(
            dot.label if has_glyphs else local_name(dot.identifier), _LONGEST_LINE if listed else _LONGEST
        )
    for number, (name, colour) in enumerate(drawing.legend, 1):
        if not is_svg and not _has_glyphs(name, fonts):
            drawing.legend[number - 1] = (f"group {number}", colour)
    if listed is not None:
        _draw_list(axes, listed)
        shown = f"{len(drawing.dots)} events by date, as precise as the source"
        fewer = f" (the latest; {drawing.left_out} earlier ones have no room)" if drawing.left_out else ""
        _draw_frame(axes, drawing, about, f"{shown}{fewer}.")
        return figure
    without = place_labels(
        drawing, _measure(canvas), _LABEL_SIZE, (_SIDE, _TOP, WIDTH - _SIDE, HEIGHT - _BOTTOM)
    )
    _draw_network(axes, drawing)
    _draw_frame(axes, drawing, about, _told(drawing, without))
    return figure


def _draw_list(axes: Any, listed: Chronicle) -> None:  # noqa: ANN401 — as above
    for x, y, year in listed.years:
        axes.text(x + _SIDE, y + _TOP, year, fontsize=_LABEL_SIZE, fontweight="bold", va="center")
    for dot in listed.drawing.dots.values():
        axes.plot([dot.x], [dot.y], marker="o", color=dot.colour, markersize=5, linestyle="none")
        axes.text(dot.x + 12, dot.y, dot.label, fontsize=_LABEL_SIZE, va="center", parse_math=False)


def _measure(canvas: Any) -> Any:  # noqa: ANN401 — as above
    """Return a function that measures text in pixels; wide letters that no font has count as wide."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 — as above

    renderer = canvas.get_renderer()

    def measure(text: str, size: float) -> tuple[float, float]:
        width, height, _ = renderer.get_text_width_height_descent(
            text.replace("$", "S"), FontProperties(size=size), False
        )
        wide = sum(1 for character in text if ord(character) > _WIDE)
        return width * _DPI / 72 * 0.72 + wide * size * 0.6 + 4, max(height, size) + 3

    return measure


def _draw_network(axes: Any, drawing: Drawing) -> None:  # noqa: ANN401 — as above
    from matplotlib.patches import Circle  # noqa: PLC0415 — as above

    weights = [line.weight for line in drawing.lines] or [1.0]
    lightest, spread = min(weights), (max(weights) - min(weights)) or 1.0
    for line in drawing.lines:
        one, other = drawing.dots[line.source], drawing.dots[line.target]
        axes.plot(
            [one.x, other.x],
            [one.y, other.y],
            color="#8A8A8A",
            zorder=1,
            linewidth=0.9 + 3.0 * math.sqrt((line.weight - lightest) / spread),
            alpha=0.5,
            linestyle=(0, (4, 3)) if line.inferred else "solid",
        )
    for dot in drawing.dots.values():
        axes.add_patch(
            Circle(
                (dot.x, dot.y), dot.radius, facecolor=dot.colour, edgecolor="white", linewidth=0.8, zorder=2
            )
        )
        if dot.label_box is not None:
            _draw_label(axes, dot, dot.label_box)


def _draw_label(axes: Any, dot: Dot, box: Box) -> None:  # noqa: ANN401 — as above
    left, top, right, bottom = box
    x, y = min(max(dot.x, left), right), min(max(dot.y, top), bottom)
    if math.hypot(dot.x - x, dot.y - y) > dot.radius + _FAR:
        axes.plot([dot.x, x], [dot.y, y], color="#1A1A1A", linewidth=0.5, zorder=2.5)
    behind = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.4}
    is_before = right <= dot.x  # then the name ends at its node
    axes.text(
        right - 2 if is_before else left + 2,
        (top + bottom) / 2,
        dot.label,
        fontsize=_LABEL_SIZE,
        ha="right" if is_before else "left",
        va="center",
        color="#1A1A1A",
        zorder=3,
        parse_math=False,
        bbox=behind,
    )


def _told(drawing: Drawing, without: int) -> str:
    shown = f"{len(drawing.dots)} nodes, {len(drawing.lines)} lines"
    if drawing.left_out:
        shown += f" (the strongest; {drawing.left_out} more nodes are not drawn)"
    if without:
        shown += f"; {without} {'name has' if without == 1 else 'names have'} no room"
    return f"{shown}. Larger: greater weighted degree; thicker: greater weight; dashed: inferred."


def _draw_frame(axes: Any, drawing: Drawing, about: About, told: str) -> None:  # noqa: ANN401 — as above
    def text(x: float, y: float, words: str, size: float, **more: Any) -> None:  # noqa: ANN401 — passed on
        axes.text(x, y, NOT_XML_TEXT.sub("�", words), fontsize=size, va="center", parse_math=False, **more)

    dated = f", newest source of {about.newest_source}" if about.newest_source else ""
    text(_SIDE, 28, shortened(f"{about.title}", 90), 17, fontweight="bold")
    text(_SIDE, 58, told, 9.5, color="#444444")
    x = _SIDE + 6
    for name, colour in drawing.legend:
        axes.plot([x], [HEIGHT - 56], marker="o", color=colour, markersize=8, linestyle="none")
        text(x + 12, HEIGHT - 56, shortened(name, 30), 9.5)
        x += 40 + sum(13 if ord(letter) > _WIDE else 7.6 for letter in shortened(name, 30))
    text(_SIDE, HEIGHT - 24, f"Source: {about.citation}{dated}. {about.checksum[:23]}…", 8.5, color="#444444")


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return a label that fits on one line of a drawing."""
    line = " ".join(NOT_XML_TEXT.sub("�", text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _has_glyphs(text: str, fonts: list[str]) -> bool:
    """Whether the installed fonts have every letter."""
    from matplotlib import font_manager  # noqa: PLC0415 — as above

    faces = [font_manager.get_font(font_manager.findfont(name)) for name in fonts]
    return all(
        any(face.get_char_index(ord(character)) for face in faces)
        for character in text
        if not character.isspace()
    )
