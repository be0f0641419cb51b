"""The bill of materials says of each locked thing what CycloneDX 1.6 asks for, and nothing more than is known."""

import re
from typing import Any

import pytest

from scripts.licences import ROOT
from scripts.sbom import make_document

# https://cyclonedx.org/docs/1.6/json/: lengths in hex of the hash algorithms, the scopes, what a document must have.
HEX_LENGTHS = {"SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
DOCUMENT = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return make_document()


def test_the_document_has_what_the_schema_requires(document: dict[str, Any]) -> None:
    assert {key: document[key] for key in DOCUMENT} == DOCUMENT
    assert document["$schema"] == "http://cyclonedx.org/schema/bom-1.6.schema.json"
    for one in [document["metadata"]["component"], *document["components"]]:
        assert one["type"] in ("application", "library")
        assert one["name"] and one["version"]
        assert one["scope"] in ("required", "optional", "excluded")
        assert re.fullmatch(r"pkg:(pypi|npm)/(%40[\w.-]+/)?[\w.-]+@[\w.+-]+", one["purl"]), one["purl"]
        for hashed in one.get("hashes", []):
            assert re.fullmatch(rf"[0-9a-f]{{{HEX_LENGTHS[hashed['alg']]}}}", hashed["content"])
        for licence in one.get("licenses", []):
            assert set(licence) == {"expression"} and licence["expression"]


def test_references_are_unique_and_every_component_has_its_hash(document: dict[str, Any]) -> None:
    references = [one["bom-ref"] for one in document["components"]]
    assert len(set(references)) == len(references)
    assert [one["name"] for one in document["components"] if not one["hashes"]] == []


def test_every_line_of_the_locks_is_there(document: dict[str, Any]) -> None:
    text = "".join((ROOT / "requirements" / f"{lock}.txt").read_text("utf-8") for lock in ("run", "dev", "build"))
    locked = set(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))
    there = {(one["name"], one["version"]) for one in document["components"] if one["purl"].startswith("pkg:pypi/")}
    assert locked <= there
    assert {"prometheus-client", "litestar"} <= {one["name"] for one in document["components"]}


def test_it_says_that_nothing_was_audited(document: dict[str, Any]) -> None:
    assert document["metadata"]["properties"] == [{"name": "ondijon:vulnerabilities", "value": "NOT AUDITED"}]
    assert make_document() == document
