"""The loader reads each folder's manifest and catalogues, and refuses what is not declared whole."""

import json
import pkgutil
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from ondijon.kernel.errors import Refused
from ondijon.kernel.i18n import LANGUAGES
from ondijon.kernel.manifest import Manifest, TwinTypeSpec
from ondijon.kernel.privacy import Privacy
from ondijon.kernel.room import RoomManifest

Catalogues = dict[str, dict[str, str]]
MOST_RETENTION_DAYS = 50 * 366


def _folders(parent: ModuleType) -> Iterator[tuple[str, Path]]:
    for module in sorted(pkgutil.iter_modules(parent.__path__), key=lambda found: found.name):
        if module.ispkg:
            name = f"{parent.__name__}.{module.name}"
            package_file = import_module(name).__file__
            if package_file is not None:
                yield name, Path(package_file).parent


def read_catalogues(folders: Sequence[Path]) -> Catalogues:
    """Merge the folders' fr/en catalogues; raises Refused when a key is said twice or in one language only."""
    merged: Catalogues = {language: {} for language in LANGUAGES}
    for folder in folders:
        words = {
            language: json.loads((folder / f"strings.{language}.json").read_text(encoding="utf-8"))
            for language in LANGUAGES
        }
        if set(words["fr"]) != set(words["en"]):
            odd = sorted(set(words["fr"]) ^ set(words["en"]))
            raise Refused("error.bad_manifest", folder=folder.name, problem=f"words in one language: {odd[:3]}")
        for language in LANGUAGES:
            twice = set(words[language]) & set(merged[language])
            if twice:
                raise Refused("error.bad_manifest", folder=folder.name, problem=f"words said twice: {sorted(twice)}")
            merged[language].update(words[language])
    return merged


def load_trades() -> tuple[tuple[Manifest, ...], Catalogues]:
    """Every trade's manifest, checked, in order of its folder's name, and the merged catalogues."""
    house = Path(__file__).parent.parent
    folders = {found.parent for found in house.rglob("strings.fr.json")}
    manifests = []
    for name, folder in _folders(import_module("ondijon.domains")):
        manifests.append(import_module(f"{name}.manifest").MANIFEST)
        folders.add(folder)
    catalogues = read_catalogues(sorted(folders))
    for manifest in manifests:
        check_manifest(manifest, catalogues["fr"])
    return tuple(manifests), catalogues


def load_room(words: dict[str, str]) -> tuple[RoomManifest, ...]:
    """Every part of the control room, then what trades bring to it (`ROOM` of their manifest), checked, by folder.

    `words` is one language's catalogue.
    """
    own = [import_module(f"{name}.manifest").ROOM for name, _ in _folders(import_module("ondijon.control_room"))]
    trades = [import_module(f"{name}.manifest") for name, _ in _folders(import_module("ondijon.domains"))]
    parts: tuple[RoomManifest, ...] = (*own, *(trade.ROOM for trade in trades if hasattr(trade, "ROOM")))
    for part in parts:
        check_room(part, words)
    return parts


def check_room(room: RoomManifest, words: dict[str, str]) -> None:
    """Raise Refused when a part declares personal data without purpose and retention, or acts under another's name."""
    problems = [f"{spec.key} is not of {room.part}" for spec in room.acts if not spec.key.startswith(f"{room.part}.")]
    problems += [f"no word for {trade}.trade" for trade in room.trades if f"{trade}.trade" not in words]
    declared = [(holding.key, holding.privacy) for holding in room.holdings]
    problems += _undeclared(declared, words)
    if problems:
        raise Refused("error.bad_manifest", folder=room.part, problem="; ".join(problems[:5]))


def _undeclared(declared: list[tuple[str, Privacy]], words: dict[str, str]) -> Iterator[str]:
    for key, privacy in declared:
        if privacy.purpose not in words:
            yield f"{key} declares no data class and purpose"
        elif not 0 < privacy.retention_days <= MOST_RETENTION_DAYS:
            yield f"{key} declares no retention"


def check_manifest(manifest: Manifest, words: dict[str, str]) -> None:
    """Raise Refused when a declaration is missing: privacy, a word, a type that something refers to."""
    problems = [*_privacy_problems(manifest, words), *_reference_problems(manifest)]
    problems += [f"no word for {key}" for key in _word_keys(manifest) if key not in words]
    if problems:
        raise Refused("error.bad_manifest", folder=manifest.trade, problem="; ".join(problems[:5]))


def _privacy_problems(manifest: Manifest, words: dict[str, str]) -> Iterator[str]:
    for spec in manifest.twin_types:
        declarations: list[tuple[str, Privacy]] = [(one.key, one.privacy) for one in spec.properties]
        declarations += [(declared.key, declared.privacy) for declared in spec.attributes]
        yield from _undeclared([(f"{spec.key}.{key}", privacy) for key, privacy in declarations], words)


def _reference_problems(manifest: Manifest) -> Iterator[str]:
    types = {spec.key: spec for spec in manifest.twin_types}
    for command in manifest.commands:
        if not command.key.startswith(f"{manifest.trade}."):
            yield f"{command.key} is not of {manifest.trade}"
        for twin_type in command.twin_types:
            groups = {group.key for group in types[twin_type].hold_groups} if twin_type in types else set()
            if command.hold_group not in groups:
                yield f"{command.key} holds {command.hold_group}, which {twin_type} has not"
    for alarm in manifest.alarms:
        if alarm.twin_type not in types or alarm.response_s <= 0:
            yield f"{alarm.key} has no twin type or no time to respond"


def _type_words(trade: str, spec: TwinTypeSpec) -> Iterator[str]:
    yield f"{trade}.type.{spec.key}"
    for declared in spec.properties:
        yield f"{trade}.property.{spec.key}.{declared.key}"
        yield from (f"{trade}.choice.{declared.key}.{choice}" for choice in declared.choices)
    for attribute in spec.attributes:
        yield f"{trade}.attribute.{spec.key}.{attribute.key}"
        yield from (f"{trade}.choice.{attribute.key}.{choice}" for choice in attribute.choices)


def _word_keys(manifest: Manifest) -> Iterator[str]:
    yield f"{manifest.trade}.trade"
    for spec in manifest.twin_types:
        yield from _type_words(manifest.trade, spec)
    for command in manifest.commands:
        yield f"{manifest.trade}.command.{command.key.split('.', 1)[1]}"
        for field in command.fields:
            yield f"{manifest.trade}.field.{field.key}"
            yield from (f"{manifest.trade}.choice.{field.key}.{choice}" for choice in field.choices)
    for alarm in manifest.alarms:
        name = alarm.key.split(".", 1)[1]
        for part in ("", ".cause", ".consequence", ".response"):
            yield f"{manifest.trade}.alarm.{name}{part}"
        if alarm.clears is not None:
            yield f"{manifest.trade}.alarm.{name}.deadband"
