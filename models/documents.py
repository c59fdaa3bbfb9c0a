"""Proofs of execution: is a file what the programme takes, and where its content is kept.

Whether a file is taken is judged by its content alone; names come from people and are never trusted, least of all as
paths. What may be taken, and how large, stands in limits.yaml.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import unicodedata
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from uuid import uuid4

import fsspec
import puremagic
from fsspec.implementations.local import LocalFileSystem

from rules.limits import DocumentLimits

OUTLOOK_MESSAGE = "application/vnd.ms-outlook"
LONGEST_NAME = 120

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of Outlook messages, and of Office files before 2007
_ZIP = b"PK\x03\x04"
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
# An Office file of many hundred pages has some hundred parts, and a list of them of some kilobytes.
_MOST_PARTS = 10_000
_LONGEST_PART_LIST = 1024 * 1024


class BadDocument(Exception):
    """A file that is not taken; `problem` is a sentence for the person who handed it in."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class WebPageInstead(BadDocument):
    """A web page came where something else was promised: mostly the sign-in page of wherever the file was fetched."""


class DocumentMissing(Exception):
    """The store does not have the content, or no longer has it unharmed."""


def check_document(content: bytes, name: str, rules: DocumentLimits) -> str:
    """The media type of a file, by its content.

    Args:
        content: all of the file.
        name: as the person gave it; it only helps to say what is wrong.
        rules: the kinds and the size that the programme takes.

    Raises:
        BadDocument: the file is empty, too large, damaged, locked with a password, a program, or of no kind that is
            taken; WebPageInstead when it is a web page that calls itself something else.
    """
    if not content:
        raise BadDocument("The file is empty.")
    if len(content) > rules.max_file_bytes:
        raise BadDocument(f"The file is larger than {rules.max_file_megabytes} MB.")
    if _is_web_page(content) and not name.lower().endswith((".htm", ".html")):
        raise WebPageInstead("A web page arrived instead of the file, so it has to be handed in again.")
    if content.startswith(_PROGRAMS):
        raise BadDocument("The file is a program or a script, and those are never taken.")
    media_type = _media_type(content, rules)
    if media_type not in {kind.media_type for kind in rules.file_types}:
        raise BadDocument(_not_taken(name, rules))
    return media_type


def _is_web_page(content: bytes) -> bool:
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(b"<") and (b"<!doctype html" in start or b"<html" in start)


def _not_taken(name: str, rules: DocumentLimits) -> str:
    taken = ", ".join(f"{kind.name} ({', '.join(kind.extensions)})" for kind in rules.file_types)
    if _parted(name)[1][1:].lower() in rules.extensions:
        return f"The file's content is not what its name says. These kinds of file are taken: {taken}."
    return f"This kind of file is not taken. These are: {taken}."


def _media_type(content: bytes, rules: DocumentLimits) -> str | None:
    # puremagic 1.30 takes every zip for Word's, and every OLE file for old Word's.
    if content.startswith(_ZIP):
        return _office_type(content, rules)
    if content.startswith(_OLE):
        return _ole_type(content)
    try:
        # Without the name, which it would believe where the content says nothing.
        return str(puremagic.from_string(content, mime=True))
    except puremagic.PureError:
        return None


def _office_type(content: bytes, rules: DocumentLimits) -> str | None:
    """Which of the Office kinds (ECMA-376) a zip is, by its directory and, up to a cap, its list of content types."""
    # Every entry of the directory begins with this, so that it cannot have more of them.
    if content.count(b"PK\x01\x02") > _MOST_PARTS:
        raise BadDocument("The file has too many parts to be checked.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 0x1 for part in parts):
                raise BadDocument("The file is locked with a password. Take the password off and hand it in again.")
            if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
                raise BadDocument("The file has macros, and those are never taken.")
            types = next((part for part in parts if part.filename == "[Content_Types].xml"), None)
            # The two ways of packing that Office uses; Python unpacks the others without a bound.
            if types is None or types.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return None
            with archive.open(types) as part_list:
                listed = part_list.read(_LONGEST_PART_LIST).replace(b"'", b'"')
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError):
        raise BadDocument("The file is damaged or incomplete. Please hand it in again.") from None
    # Searched, not parsed: a hostile XML file can make a parser work without end.
    for kind in rules.file_types:
        if f'"{kind.media_type}.main+xml"'.encode() in listed:
            return kind.media_type
    return None


def _ole_type(content: bytes) -> str | None:
    if _has_stream(content, "__properties_version1.0"):
        return OUTLOOK_MESSAGE
    if _has_stream(content, "EncryptedPackage"):
        raise BadDocument("The file is locked with a password. Take the password off and hand it in again.")
    return None


def _has_stream(content: bytes, name: str) -> bool:
    """Whether the directory of an OLE file ([MS-CFB] 2.6) has that name: its entries have 128 bytes, the name first."""
    entry = f"{name}\0".encode("utf-16-le")
    at = content.find(entry)
    while at >= 0 and at % 128:
        at = content.find(entry, at + 1)
    return at >= 0


def clean_name(name: str) -> str:
    """A file name that is safe to show and to offer for saving: one line, no path, at most 120 characters.

    Control, direction and other invisible characters go, slashes become underscores, the ending stays.
    """
    flat = name.translate({ord("/"): "_", ord("\\"): "_"})
    shown = (" " if one.isspace() else one for one in flat if one.isspace() or unicodedata.category(one)[0] != "C")
    tidy = " ".join(unicodedata.normalize("NFC", "".join(shown)).split()).strip(" .") or "document"
    stem, ending = _parted(tidy)
    return stem[: LONGEST_NAME - len(ending)].rstrip(" .") + ending


def _parted(name: str) -> tuple[str, str]:
    """A name without its ending, and the ending with its dot; empty where the name has none that looks like one."""
    found = re.search(r"(?<=.)\.[A-Za-z0-9]{1,10}$", name)
    return (name[: found.start()], found[0]) if found else (name, "")


def sha256_of(content: bytes) -> str:
    """Under which name a content is stored."""
    return hashlib.sha256(content).hexdigest()


class DocumentStore:
    """Contents by their SHA-256, each kept once, in a folder or in any other store that fsspec knows.

    Args:
        url: a folder, or an fsspec URL such as `s3://bucket/documents` or `memory://documents`.

    Raises:
        ValueError: no store of that protocol is known.
        ImportError: the protocol needs a package that is not installed.
    """

    def __init__(self, url: str) -> None:
        self._fs, root = fsspec.core.url_to_fs(url)
        self._root = root.rstrip("/")

    def put(self, content: bytes) -> str:
        """Keep the content and return its SHA-256. When this returns it is there as a whole; before, not at all."""
        sha256 = sha256_of(content)
        path = self._path(sha256)
        if self._size(path) == len(content):
            return sha256
        incoming = f"{self._root}/incoming/{uuid4().hex}"
        for place in (incoming, path):
            self._fs.makedirs(place.rpartition("/")[0], exist_ok=True)
        try:
            with self._fs.open(incoming, "wb") as file:
                file.write(content)
                if isinstance(self._fs, LocalFileSystem):
                    # The database will say that the proof is there, so a power cut must not say otherwise.
                    file.flush()
                    os.fsync(file.fileno())
            self._fs.mv(incoming, path)
        except BaseException:
            if self._fs.exists(incoming):
                self._fs.rm(incoming)
            raise
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content with that SHA-256.

        Raises:
            ValueError: that is no SHA-256 (64 small hexadecimal digits).
            DocumentMissing: the store does not have it, or what it has is damaged.
        """
        try:
            content: bytes = self._fs.cat_file(self._path(sha256))
        except FileNotFoundError:
            raise DocumentMissing(f"The document {sha256} is not in the store.") from None
        if sha256_of(content) != sha256:
            raise DocumentMissing(f"The document {sha256} is damaged in the store.")
        return content

    def remove(self, sha256: str) -> None:
        """Have the content no longer; nothing happens where there is none. Raises ValueError as ``get``."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._path(sha256))

    def _path(self, sha256: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise ValueError("a SHA-256 has 64 small hexadecimal digits")
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _size(self, path: str) -> int | None:
        try:
            size: int | None = self._fs.info(path)["size"]
        except FileNotFoundError:
            return None
        return size
