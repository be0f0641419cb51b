"""What is printed can be read again, accents, page numbers and mark included."""

import io
import time

from PIL import Image
from pypdf import PdfReader

from ondijon.web.page_setting import print_pdf
from ondijon.web.printing import Facts, Picture, Printed, Prose, Section, Table


def _printed(*sections: Section) -> Printed:
    return Printed(
        title="Incident 2026-000123 : cœur de l’été",
        subtitle="Dijon métropole",
        sections=sections,
        footer="Imprimé par Claire Martin",
        page="Page {page} / {pages}",
        mark="Ville synthétique",
    )


def _texts(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_accents_and_special_letters_of_french_are_written() -> None:
    (text,) = _texts(print_pdf(_printed(Section("Où ?", [Prose("Ça gêne l’œil : été, Noël, « où », 12 €, naïf.")]))))
    assert "Ça gêne l’œil : été, Noël, « où », 12 €, naïf." in text
    assert "Ville synthétique" in text


def test_every_page_says_its_number_and_how_many_there_are() -> None:
    rows = [[str(number), "Une ligne de la main courante"] for number in range(900)]
    texts = _texts(print_pdf(_printed(Section("Lignes", [Table(["N°", "Texte"], rows, [1, 5])]))))
    assert len(texts) > 10
    for number, text in enumerate(texts, 1):
        assert f"Page {number} / {len(texts)}" in text.replace("\n", "")


def test_text_is_never_read_as_markup_and_what_the_font_lacks_is_a_dot() -> None:
    (text,) = _texts(
        print_pdf(_printed(Section("<b>", [Facts([("a & b", "<img src='x'/> \N{CJK UNIFIED IDEOGRAPH-4E2D}")])])))
    )
    assert "<img src='x'/> \N{MIDDLE DOT}" in text


def test_a_cell_longer_than_a_page_goes_on_on_the_next() -> None:
    texts = _texts(print_pdf(_printed(Section("Long", [Table(["a", "b"], [["x", "mot " * 5_000]], [1, 1])]))))
    assert len(texts) >= 2
    assert "".join(texts).count("mot") == 5_000


def test_a_picture_stands_in_the_document() -> None:
    target = io.BytesIO()
    Image.new("RGB", (4000, 300), "red").save(target, "JPEG")
    content = print_pdf(_printed(Section("Photos", [Picture(target.getvalue(), "Prise à 22 h")])))
    (page,) = PdfReader(io.BytesIO(content)).pages
    assert len(page.images) == 1


def test_a_document_of_3000_lines_is_printed_within_seconds() -> None:
    rows = [["22:01", "Une ligne de la main courante, avec un texte de longueur ordinaire", "Dijon"]] * 3_000
    began = time.perf_counter()
    print_pdf(_printed(Section("Lignes", [Table(["Heure", "Texte", "Commune"], rows, [1, 5, 1])])))
    assert time.perf_counter() - began < 20
