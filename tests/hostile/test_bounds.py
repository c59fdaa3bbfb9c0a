"""Files made to be small and to become large: how much memory reading them takes, beside the file itself."""

from __future__ import annotations

import ast
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from models.documents import BadDocument, check_document
from rules.faults import ProgrammeError
from rules.reading import read_text
from tests.models.test_documents import RULES, office, ole, zipped

ROOT = Path(__file__).parents[2]
KB, MB = 1 << 10, 1 << 20
BOMB = zlib.compress(bytes(50 * MB), 9)


def peak(read: Callable[[], object]) -> int:
    """The most bytes that were held at once beside what was there before."""
    tracemalloc.start()
    try:
        with suppress(BadDocument, ProgrammeError):
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", BOMB) + chunk(b"IEND", b"")


def pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n1 0 obj" + body + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


STREAM = b"<</Type/ObjStm/N 100000/First 9/Filter/FlateDecode/Length 99999999999>>stream\n"
FILES: dict[str, tuple[Callable[[], bytes], int]] = {
    "a PDF's object stream, and a lie about its length": (lambda: pdf(STREAM + BOMB + b"\nendstream"), 256 * KB),
    "a PDF of brackets": (lambda: pdf(b"<<" * 2 * MB + b"[" * 2 * MB), 256 * KB),
    "a PDF that says it is encrypted": (lambda: pdf(b"<</Encrypt 1 0 R/V 5/Length 99999999>>"), 256 * KB),
    "a PDF of garbage": (lambda: pdf(random.Random(1).randbytes(9 * MB)), 256 * KB),
    "garbage": (lambda: random.Random(1).randbytes(10 * MB), 256 * KB),
    "a picture of 17 GB": (lambda: png(65_535, 65_535), 256 * KB),
    "one part that unpacks to 50 MB": (lambda: office(**{"word/a.xml": "0" * 50 * MB}), 256 * KB),
    "a zip in a zip": (lambda: office(**{"a.zip": zipped({"b": "0" * 50 * MB}).decode("latin1")}), 256 * KB),
    "a list of parts that unpacks to 50 MB": (lambda: zipped({"[Content_Types].xml": " " * 50 * MB}), 3 * MB),
    "as many parts as are looked at": (lambda: office(**{f"p{n}": "" for n in range(9_990)}), 8 * MB),
    "more parts": (lambda: b"PK\x03\x04" + b"PK\x01\x02" * 2 * MB, 256 * KB),
    "parts with long names": (lambda: office(**{"n" * 60_000 + str(n): "" for n in range(80)}), 12 * MB),
    "ends of a directory": (lambda: b"PK\x03\x04" + b"PK\x05\x06" * 2 * MB, 256 * KB),
    "an OLE file of names": (lambda: ole(*["x"] * 70_000), 256 * KB),
}


@pytest.mark.parametrize("what", FILES)
def test_no_proof_is_unpacked_or_drawn_however_much_it_would_become(what: str):
    make, most = FILES[what]
    content = make()
    assert peak(lambda: check_document(content, "proof.docx", RULES)) < most


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [laughs(30), "[" * 1_000, "a: " + "9" * 50_000, "a: 0x" + "f" * 50_000, "a: 1" + ":59" * 20_000, "- " * 2_000],
    ids=["laughs", "brackets", "number", "hexadecimal", "base 60", "lists"],
)
def test_no_file_of_staff_grows_beyond_a_few_times_its_size(text: str):
    assert peak(lambda: read_text("file.yaml", text)) < 2 * MB + 5 * len(text)


# What opens files of kinds that can be made hostile; `xml` and `pickle` beside what unpacks.
OPENERS = {
    "PIL",
    "bz2",
    "gzip",
    "lzma",
    "olefile",
    "openpyxl",
    "pickle",
    "pypdf",
    "puremagic",
    "tarfile",
    "xml",
    "zipfile",
}
BACKUPS = {"models/backup.py", "models/restoring.py"}  # they unpack what an administrator made with them


def test_nothing_but_its_checker_opens_a_proof():
    found = set()
    for floor in ("rules", "models", "jobs", "bot"):
        for path in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if {name.split(".")[0] for name in names} & OPENERS:
                    found.add(path.relative_to(ROOT).as_posix())
    assert found - BACKUPS == {"models/documents.py"}
