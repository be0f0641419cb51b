"""Documents that leave the room with an Ed25519 signature (RFC 8032) over their canonical JSON."""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from ondijon.kernel.errors import Refused

_ENCODER = msgspec.json.Encoder(order="sorted")


class Signed(Struct, frozen=True):
    """Content as it was signed; sha256 in hexadecimal, signature and public key in base64."""

    content: dict[str, Any]
    sha256: str
    signature: str
    public_key: str


def canonical(content: Any) -> bytes:
    """JSON with sorted keys and no blanks, in UTF-8: the same bytes for the same content."""
    return _ENCODER.encode(content)


class SealingKey:
    """The post's private key, made at its first use and kept in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: Ed25519PrivateKey | None = None

    def sign(self, content: Any) -> Signed:
        """The content as plain JSON values, with its SHA-256, signature and the key's public half."""
        body = canonical(content)
        signature = self._load().sign(body)
        plain = msgspec.json.decode(body)
        return Signed(plain, hashlib.sha256(body).hexdigest(), _to_text(signature), self.public_key)

    @property
    def public_key(self) -> str:
        return _to_text(self._load().public_key().public_bytes_raw())

    def _load(self) -> Ed25519PrivateKey:
        if self._key is None:
            if not self._path.exists():
                _write_once(self._path, Ed25519PrivateKey.generate().private_bytes_raw())
            self._key = Ed25519PrivateKey.from_private_bytes(self._path.read_bytes())
        return self._key


def fingerprint(public_key: str) -> str:
    """The first half of the SHA-256 of a public key, in groups of four: short enough to be read out."""
    digest = hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def verify(document: bytes, trusted_key: str | None = None) -> Signed:
    """The document, when nothing in it was changed since it was signed; raises Refused with what is wrong.

    trusted_key: the public key (base64) that must have signed; without it the document's own is taken, which proves
    that it is whole, not where it comes from.
    """
    try:
        signed = msgspec.json.decode(document, type=Signed)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signed.public_key, validate=True))
        signature = base64.b64decode(signed.signature, validate=True)
    except (msgspec.DecodeError, ValueError) as error:
        raise Refused("error.signed_unreadable", detail=str(error)[:200]) from error
    if trusted_key is not None and trusted_key.strip() != signed.public_key:
        raise Refused("error.signed_by_another", fingerprint=fingerprint(signed.public_key))
    body = canonical(signed.content)
    if hashlib.sha256(body).hexdigest() != signed.sha256:
        raise Refused("error.signed_changed")
    try:
        key.verify(signature, body)
    except InvalidSignature as error:
        raise Refused("error.signed_changed") from error
    return signed


def _to_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _write_once(path: Path, content: bytes) -> None:
    """Several processes may come at once: the first one's key stays."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
