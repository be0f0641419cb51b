"""A log in readable lines or in objects, and a supervisor that passes on both as they are."""

import json
import logging

import pytest

from ondijon.cli.logs import VARIABLE, JsonLines, pass_line


def record(template: str, *values: object, error: BaseException | None = None) -> logging.LogRecord:
    exc_info = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("ondijon.runtime.effects", logging.WARNING, "", 1, template, values, exc_info)


def test_a_record_is_one_object_a_line_with_its_template_and_fields() -> None:
    line = JsonLines("gateway").format(record("retry in %.2f s\nafter %s", 0.5, TimeoutError("no answer")))
    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("at").endswith("+00:00")
    assert found == {
        "level": "WARNING",
        "role": "gateway",
        "logger": "ondijon.runtime.effects",
        "message": "retry in 0.50 s\nafter no answer",
        "template": "retry in %.2f s\nafter %s",
        "fields": [0.5, "TimeoutError"],
    }


def test_an_error_is_told_by_its_class_with_its_trace() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        found = json.loads(JsonLines("core").format(record("job failed", error=error)))
    assert found["error"] == "ValueError"
    assert found["trace"].startswith("Traceback")
    assert "fields" not in found


def test_objects_pass_unharmed_and_other_words_become_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, "json")
    whole = JsonLines("web").format(record("é %d", 3))
    pass_line("web", whole)
    pass_line("web", 'Fatal Python error: "Segmentation fault"')
    first, second = capsys.readouterr().err.splitlines()
    assert first == whole
    assert json.loads(second)["message"] == 'Fatal Python error: "Segmentation fault"'
    assert json.loads(second)["role"] == "web"


def test_readable_lines_get_the_role_s_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    pass_line("core", "INFO here")
    assert capsys.readouterr().err == "core: INFO here\n"
