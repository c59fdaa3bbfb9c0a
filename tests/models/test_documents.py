"""Proofs of execution: what is taken and what is not, and a store that gives back what it was given."""

from __future__ import annotations

import hashlib
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.documents import (
    BadDocument,
    DocumentMissing,
    DocumentStore,
    WebPageInstead,
    check_document,
    clean_name,
)
from rules.loading import load_programme

RULES = load_programme().limits.documents
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = f"{OFFICE}wordprocessingml.document"
XLSX = f"{OFFICE}spreadsheetml.sheet"
PPTX = f"{OFFICE}presentationml.presentation"


def pdf() -> bytes:
    """A PDF of one empty page, with a cross-reference table that is right."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(written)
    written += b"xref\n0 4\n0000000000 65535 f \n" + table
    return written + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def zipped(parts: dict[str, str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", packing) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return target.getvalue()


def part_list(main: str, path: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{space}">'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{path}" ContentType="{main}"/></Types>'
    )


def office(media_type: str = DOCX, path: str = "word/document.xml", **more: str) -> bytes:
    parts = {"[Content_Types].xml": part_list(f"{media_type}.main+xml", path), path: "<root/>"}
    return zipped(parts | more)


def ole(*streams: str) -> bytes:
    """The header of an OLE file, and a directory that names a root and these streams."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return header + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
TIFF = b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"
MSG = ole("__nameid_version1.0", "__properties_version1.0")
SIGN_IN = b'\n<!DOCTYPE html><html lang="en"><head><title>Sign in</title></head><body></body></html>'


def problem(content: bytes, name: str = "proof.pdf") -> str:
    with pytest.raises(BadDocument) as caught:
        check_document(content, name, RULES)
    return caught.value.problem


# --- what is taken ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (pdf(), "proof.pdf", "application/pdf"),
        (office(), "proof.docx", DOCX),
        (office(XLSX, "xl/workbook.xml"), "proof.xlsx", XLSX),
        (office(PPTX, "ppt/presentation.xml"), "proof.pptx", PPTX),
        (PNG, "proof.png", "image/png"),
        (JPEG, "proof.jpg", "image/jpeg"),
        (TIFF, "proof.tif", "image/tiff"),
        (MSG, "proof.msg", "application/vnd.ms-outlook"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value and "/" not in value else "",
)
def test_every_kind_of_file_in_the_limits_is_known_by_its_content(content: bytes, name: str, media_type: str):
    assert check_document(content, name, RULES) == media_type
    assert check_document(content, "no ending", RULES) == media_type


def test_every_kind_of_file_in_the_limits_has_been_tried():
    tried = {DOCX, XLSX, PPTX, "application/pdf", "image/png", "image/jpeg", "image/tiff", "application/vnd.ms-outlook"}
    assert {kind.media_type for kind in RULES.file_types} == tried


def test_the_content_counts_and_not_the_name():
    assert check_document(PNG, "proof.pdf", RULES) == "image/png"
    assert "not what its name says" in problem(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "proof.pdf")
    assert "not what its name says" in problem(b"plain words", "PROOF.PDF")


def test_a_kind_that_is_not_taken_is_answered_with_those_that_are():
    said = problem(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "proof.gif")
    assert said.startswith("This kind of file is not taken.")
    assert "JPEG image (jpg, jpeg)" in said


def test_an_empty_file_is_refused():
    assert problem(b"") == "The file is empty."


def test_the_largest_file_is_taken_and_one_byte_more_is_not():
    largest = pdf().ljust(RULES.max_file_bytes, b"\n")
    assert check_document(largest, "proof.pdf", RULES) == "application/pdf"
    assert problem(largest + b"\n") == "The file is larger than 10 MB."


@pytest.mark.parametrize("page", [SIGN_IN, b"\xef\xbb\xbf<html><body>", b"<!-- hello --><HTML>"])
def test_a_web_page_instead_of_the_file_is_told_apart(page: bytes):
    with pytest.raises(WebPageInstead) as caught:
        check_document(page, "proof.pdf", RULES)
    assert caught.value.problem.startswith("A web page arrived instead of the file")


def test_a_web_page_that_calls_itself_one_is_simply_of_the_wrong_kind():
    assert problem(SIGN_IN, "page.html").startswith("This kind of file is not taken.")


@pytest.mark.parametrize("start", [b"MZ\x90\x00", b"\x7fELF\x02\x01", b"#!/bin/sh\n", b"\xcf\xfa\xed\xfe\x07"])
def test_a_program_is_refused_whatever_its_name(start: bytes):
    assert problem(start + bytes(100)) == "The file is a program or a script, and those are never taken."


def test_a_zip_is_no_office_file_however_it_is_named():
    assert "not what its name says" in problem(zipped({"word/document.xml": "<root/>"}), "proof.docx")
    assert "not what its name says" in problem(zipped({"[Content_Types].xml": "<Types/>"}), "proof.docx")


def test_an_office_file_with_macros_is_refused():
    macros = zipped({"[Content_Types].xml": part_list("application/vnd.ms-word.document.macroEnabled.main+xml", "w")})
    assert "not what its name says" in problem(macros, "proof.docx")
    assert "macros" in problem(office(**{"word/vbaProject.bin": "Sub"}), "proof.docx")


def test_a_file_locked_with_a_password_is_refused_and_says_so():
    locked = bytearray(office())
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1  # the flag that says "encrypted", in the directory
    assert "password" in problem(bytes(locked), "proof.docx")
    assert "password" in problem(ole("EncryptionInfo", "EncryptedPackage"), "proof.docx")


def test_an_old_office_file_is_not_taken_for_an_outlook_message():
    assert "This kind of file is not taken." in problem(ole("WordDocument"), "proof.doc")
    quoted = ole("WordDocument") + b"\0\0" + "__properties_version1.0\0".encode("utf-16-le")
    assert "This kind of file is not taken." in problem(quoted, "proof.doc")


def test_half_an_office_file_is_damaged():
    whole = office()
    assert "damaged or incomplete" in problem(whole[: len(whole) // 2], "proof.docx")


def test_an_office_file_with_countless_parts_is_not_even_opened():
    assert "too many parts" in problem(b"PK\x03\x04" + b"PK\x01\x02" * 10_001, "proof.docx")


def test_a_list_of_parts_that_unpacks_to_very_much_is_read_only_up_to_a_cap():
    late = part_list(f"{DOCX}.main+xml", "word/document.xml").replace("<Default", " " * 2_000_000 + "<Default")
    assert "not what its name says" in problem(zipped({"[Content_Types].xml": late}), "proof.docx")


def test_a_list_of_parts_packed_in_a_way_without_bound_is_not_unpacked():
    types = part_list(f"{DOCX}.main+xml", "word/document.xml")
    assert "not what its name says" in problem(zipped({"[Content_Types].xml": types}, zipfile.ZIP_BZIP2), "proof.docx")


@given(st.data())
def test_a_file_bent_anywhere_is_taken_or_refused_but_breaks_nothing(data: st.DataObject):
    content = bytearray(data.draw(st.sampled_from([office(), MSG, pdf(), PNG])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(BadDocument):
        assert check_document(bytes(content), "proof.docx", RULES) in {kind.media_type for kind in RULES.file_types}


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Proof of execution.pdf", "Proof of execution.pdf"),
        ("Müller & Söhne – Übergabe.docx", "Müller & Söhne – Übergabe.docx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Users\\ana\\proof.pdf", "C:_Users_ana_proof.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("one\ntwo\t three\x00.pdf", "one two three.pdf"),
        ("...", "document"),
        ("", "document"),
        (".pdf", "pdf"),
    ],
)
def test_a_name_is_made_safe_to_show(name: str, clean: str):
    assert clean_name(name) == clean


def test_a_long_name_is_cut_before_its_ending():
    clean = clean_name("a" * 300 + ".docx")
    assert len(clean) == 120
    assert clean.endswith("aaa.docx")


@given(st.text(max_size=300))
def test_a_cleaned_name_is_clean(name: str):
    clean = clean_name(name)
    assert 0 < len(clean) <= 120
    assert clean.isprintable()
    assert not set(clean) & set("/\\\n\u202e")
    assert clean_name(clean) == clean


# --- the store --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    return DocumentStore(str(tmp_path / "documents") if request.param == "folder" else f"memory://{uuid4().hex}")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_was_put_comes_back_under_its_hash(store: DocumentStore):
    sha256 = store.put(b"proof")
    assert sha256 == hashlib.sha256(b"proof").hexdigest()
    assert store.get(sha256) == b"proof"
    assert store.put(b"proof") == sha256
    assert store.get(sha256) == b"proof"


def test_what_was_never_put_is_missing(store: DocumentStore):
    with pytest.raises(DocumentMissing, match="is not in the store"):
        store.get("0" * 64)


@pytest.mark.parametrize("wrong", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "٠" * 64])
def test_only_a_hash_is_ever_looked_up(store: DocumentStore, wrong: str):
    with pytest.raises(ValueError, match="64 small hexadecimal digits"):
        store.get(wrong)


def test_a_folder_holds_each_content_once_and_nothing_half_done(tmp_path: Path):
    sha256 = DocumentStore(str(tmp_path)).put(b"proof")
    place = f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
    written = (tmp_path / place).stat()
    DocumentStore(tmp_path.as_uri()).put(b"proof")
    assert files(tmp_path) == [place]
    assert (tmp_path / place).stat() == written


def test_a_damaged_content_is_noticed_and_half_of_one_replaced(tmp_path: Path):
    store = DocumentStore(str(tmp_path))
    sha256 = store.put(b"proof")
    path = tmp_path / sha256[:2] / sha256[2:4] / sha256
    path.write_bytes(b"pro")
    with pytest.raises(DocumentMissing, match="is damaged"):
        store.get(sha256)
    store.put(b"proof")
    assert store.get(sha256) == b"proof"


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = DocumentStore(str(tmp_path))

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("shutil.move", full)
    with pytest.raises(OSError, match="no space left"):
        store.put(b"proof")
    assert files(tmp_path) == []
