"""The key that signs bundles (Ed25519, RFC 8032), and the public half by which the public side knows them.

The private half is HOME/publication/signing.key, mode 0600, and never leaves the internal side; the public half lies beside
it as signing.pub and is given to the public side once, by hand or on a stick.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from layers.publication.errors import BundleRefusedError, KeyFileError
from layers.store.server_files import write_private

PRIVATE_NAME = "signing.key"
PUBLIC_NAME = "signing.pub"
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class TrustedKey:
    """The public half, as the public side holds it."""

    key: Ed25519PublicKey

    @property
    def name(self) -> str:
        """A short name to compare by eye: the first 16 hexadecimal digits of the key's SHA-256."""
        raw = self.key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return sha256(raw).hexdigest()[:16]

    def pem(self) -> str:
        """The key as a text file holds it."""
        return self.key.public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def verify(self, signature: bytes, content: bytes) -> None:
        """Raises BundleRefusedError unless the holder of the private half signed exactly this."""
        try:
            self.key.verify(signature, content)
        except InvalidSignature as error:
            raise BundleRefusedError(
                "束の署名が合いません。この町の庁内で作られたものではないか、途中で書き換えられています。取り込みません。"
            ) from error


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The private half in `folder`, made on first use. Raises KeyFileError when it is damaged or others may read it."""
    file = folder / PRIVATE_NAME
    if not file.exists():
        _make(folder)
    if file.stat().st_mode & 0o077:
        raise KeyFileError(f"{file} をほかの利用者が読めます。`chmod 600` で本人だけにしてください。")
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, OSError) as error:
        raise KeyFileError(f"署名の鍵 {file} が読めません。バックアップから戻してください。") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"署名の鍵 {file} は Ed25519 の鍵ではありません。")
    return key


def public_half(key: Ed25519PrivateKey) -> TrustedKey:
    """What the public side is given."""
    return TrustedKey(key.public_key())


def trusted_key(file: Path) -> TrustedKey:
    """The public half that the public side was given. Raises KeyFileError when there is none: nothing is then trusted."""
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except FileNotFoundError as error:
        raise KeyFileError(
            f"庁内の公開鍵 {file} がありません。庁内側の publication/{PUBLIC_NAME} をこの場所に置いてください。"
        ) from error
    except (ValueError, OSError) as error:
        raise KeyFileError(f"庁内の公開鍵 {file} が読めません。置き直してください。") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(f"庁内の公開鍵 {file} は Ed25519 の鍵ではありません。")
    return TrustedKey(key)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    write_private(folder / PRIVATE_NAME, text)
    (folder / PUBLIC_NAME).write_text(public_half(key).pem(), encoding="utf-8")
