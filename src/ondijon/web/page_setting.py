"""Sets titles, facts, tables and paragraphs on pages with their numbers, in a font that writes French."""

# Apart from what a document is made of: its libraries take a fifth of a second, which consoles do without.

import io
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Image, LongTable, SimpleDocTemplate, Spacer
from reportlab.platypus import Paragraph as Flowed
from reportlab.platypus import Table as Grid

from ondijon.web.printing import Block, Facts, Picture, Printed, Prose, Table

_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_INK, _GREY, _RULE, _SHADE = HexColor("#1b1f24"), HexColor("#5b6470"), HexColor("#c9d0d8"), HexColor("#eef1f4")
_TOTAL = "pages-in-all"
_ROWS_A_PIECE = 400  # reportlab measures a table as a whole: one of 10,000 rows would take its square in time
_UNKNOWN = "\N{MIDDLE DOT}"

Flow = list[Any]


def print_pdf(document: Printed) -> bytes:
    """The document as PDF (A4); slow for many pages: `print_aside` does it beside the consoles' own process."""
    _load_fonts()
    target = io.BytesIO()
    template = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN + 4 * mm,
        title=_writable(document.title),
        author="OnDijon",
        subject=_writable(document.subtitle),
        lang=document.language,
        invariant=1,
    )
    flow: Flow = [
        Flowed(_marked_up(document.title), _STYLES["title"]),
        Flowed(_marked_up(document.subtitle), _STYLES["subtitle"]),
    ]
    for section in document.sections:
        flow.append(Flowed(_marked_up(section.title), _STYLES["heading"]))
        for block in section.blocks:
            flow += _FLOWS[type(block)](block)

    def draw_edge(canvas: Any, template: Any) -> None:
        _draw_edge(canvas, document, template.page)

    template.build(flow, onFirstPage=draw_edge, onLaterPages=draw_edge, canvasmaker=_canvas_maker(document))
    return target.getvalue()


@cache
def _load_fonts() -> frozenset[int]:
    """Register the fonts once; returns the characters that both can write."""
    text, bold = TTFont("Ondijon", "Vera.ttf"), TTFont("OndijonBold", "VeraBd.ttf")
    for font in (text, bold):
        pdfmetrics.registerFont(font)
    return frozenset(text.face.charToGlyph) & frozenset(bold.face.charToGlyph)


def _writable(text: str) -> str:
    """The text with a middle dot for what the font lacks, so that nothing disappears unseen."""
    known = _load_fonts()
    composed = unicodedata.normalize("NFC", text)
    return "".join(letter if ord(letter) in known or letter == "\n" else _UNKNOWN for letter in composed)


def _marked_up(text: str) -> str:
    return escape(_writable(text)).replace("\n", "<br/>")


def _style(name: str, size: float, *, bold: bool = False, colour: Any = _INK, after: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName="OndijonBold" if bold else "Ondijon",
        fontSize=size,
        leading=size * 1.35,
        textColor=colour,
        spaceBefore=10 if name == "heading" else 0,
        spaceAfter=after,
        keepWithNext=1 if name == "heading" else 0,
    )


_STYLES = {
    "title": _style("title", 16, bold=True, after=2),
    "subtitle": _style("subtitle", 9, colour=_GREY, after=6),
    "heading": _style("heading", 11, bold=True, after=4),
    "text": _style("text", 8.5, after=4),
    "cell": _style("cell", 7.5),
    "head": _style("head", 7.5, bold=True),
    "name": _style("name", 8, colour=_GREY),
    "caption": _style("caption", 7.5, colour=_GREY, after=6),
}


def _flow_facts(block: Facts) -> Flow:
    if not block.pairs:
        return []
    cells = [[Flowed(_marked_up(name), _STYLES["name"]), Flowed(_marked_up(text), _STYLES["text"])]
             for name, text in block.pairs]  # fmt: skip
    layout = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 1),
              ("BOTTOMPADDING", (0, 0), (-1, -1), 0), ("LEFTPADDING", (0, 0), (0, -1), 0)]  # fmt: skip
    return [Grid(cells, colWidths=[_WIDTH * 0.28, _WIDTH * 0.72], style=layout, splitInRow=1)]


def _flow_table(block: Table) -> Flow:
    widths = [_WIDTH * share / sum(block.shares) for share in block.shares]
    head = [Flowed(_marked_up(text), _STYLES["head"]) for text in block.head]
    layout = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BACKGROUND", (0, 0), (-1, 0), _SHADE),
              ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE), ("TOPPADDING", (0, 0), (-1, -1), 2),
              ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]  # fmt: skip
    flow: Flow = []
    for first in range(0, len(block.rows), _ROWS_A_PIECE):
        piece = block.rows[first : first + _ROWS_A_PIECE]
        cells = [[Flowed(_marked_up(text), _STYLES["cell"]) for text in row] for row in piece]
        flow.append(LongTable([head, *cells], colWidths=widths, style=layout, repeatRows=1, splitInRow=1))
    return [*flow, Spacer(1, 4)] if flow else []


def _flow_prose(block: Prose) -> Flow:
    return [Flowed(_marked_up(block.text), _STYLES["text"])]


def _flow_picture(block: Picture) -> Flow:
    image = Image(io.BytesIO(block.content))
    scale = min(_WIDTH / image.imageWidth, A4[1] / 3 / image.imageHeight, 1.0)
    image.drawWidth, image.drawHeight, image.hAlign = image.imageWidth * scale, image.imageHeight * scale, "LEFT"
    return [image, Flowed(_marked_up(block.caption), _STYLES["caption"])]


_FLOWS: dict[type[Block], Callable[[Any], Flow]] = {
    Facts: _flow_facts,
    Table: _flow_table,
    Prose: _flow_prose,
    Picture: _flow_picture,
}


def _canvas_maker(document: Printed) -> Callable[..., Any]:
    """Canvases that write, when they are saved, the number of pages into the form that every page refers to."""

    def make(*arguments: Any, **options: Any) -> Any:
        canvas = Canvas(*arguments, **options)
        save = canvas.save

        def save_with_total() -> None:
            canvas.beginForm(_TOTAL)
            canvas.setFont("Ondijon", 7)
            canvas.setFillColor(_GREY)
            canvas.drawString(0, 0, _writable(_after_page(document, canvas.getPageNumber() - 1)))
            canvas.endForm()
            save()

        canvas.save = save_with_total
        return canvas

    return make


def _after_page(document: Printed, pages: int) -> str:
    """The end of the page's sentence, from `{pages}` on: known only at the end."""
    return document.page.partition("{pages}")[0].partition("{page}")[2] + str(pages)


def _draw_edge(canvas: Any, document: Printed, page: int) -> None:
    canvas.saveState()
    canvas.setFont("Ondijon", 7)
    canvas.setFillColor(_GREY)
    canvas.drawString(_MARGIN, 11 * mm, _writable(document.footer))
    canvas.drawString(_MARGIN, 7 * mm, _writable(document.mark))
    start = A4[0] - _MARGIN - 24 * mm
    before = _writable(document.page.partition("{page}")[0] + str(page))
    canvas.drawString(start, 11 * mm, before)
    canvas.translate(start + pdfmetrics.stringWidth(before, "Ondijon", 7), 11 * mm)
    canvas.doForm(_TOTAL)
    canvas.restoreState()
