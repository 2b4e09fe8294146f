"""Our pre-flight of the archivable shape (PDF/A-2b), with an independent library.

No substitute for a certified validator: it checks the rules that our writer could break.
"""

import io
from collections.abc import Iterator

import pikepdf

_FORBIDDEN_ACTIONS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData"}
_PRINT = 4
_HIDDEN = 2 | 1 | 32


def preflight(pdf: bytes) -> list[str]:
    """Return what speaks against PDF/A-2b; empty when nothing was found."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [*_file(document), *_metadata(document), *_objects(document), *_pages(document)]


def _file(document: pikepdf.Pdf) -> Iterator[str]:
    if document.pdf_version > "1.7" or "/Version" in document.Root:
        yield f"version {document.pdf_version}"
    if document.is_encrypted:
        yield "encrypted"
    if "/ID" not in document.trailer:
        yield "no file identifier"
    if "/Lang" not in document.Root:
        yield "no language"
    if "/OpenAction" in document.Root or "/AA" in document.Root:
        yield "an action on opening"
    if "/Names" in document.Root and "/EmbeddedFiles" in document.Root.Names:
        yield "embedded files"
    intents = list(document.Root.OutputIntents) if "/OutputIntents" in document.Root else []
    if len(intents) != 1 or intents[0].S != "/GTS_PDFA1":
        yield "no output intent"
    elif int(intents[0].DestOutputProfile.N) != 3:
        yield "output intent without RGB profile"
    if "/AcroForm" in document.Root:
        form = document.Root.AcroForm
        if "/XFA" in form or bool(form.get("/NeedAppearances", False)):
            yield "a form that viewers would redraw"


def _metadata(document: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in document.Root:
        yield "no XMP"
        return
    if "/Filter" in document.Root.Metadata:
        yield "XMP is compressed"
    with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        if (xmp.get("pdfaid:part"), xmp.get("pdfaid:conformance")) != ("2", "B"):
            yield "XMP does not claim PDF/A-2b"
        pairs = {
            "/Producer": "pdf:Producer",
            "/Creator": "xmp:CreatorTool",
            "/Title": "dc:title",
            "/Keywords": "pdf:Keywords",
        }
        for info, name in pairs.items():
            if str(document.docinfo.get(info)) != xmp.get(name):
                yield f"{info} is not what XMP says"
        created = str(document.docinfo["/CreationDate"])
        said = str(xmp.get("xmp:CreateDate"))
        if created[2:16] != "".join(char for char in said[:19] if char.isdigit()):
            yield "the creation date is not what XMP says"


def _objects(document: pikepdf.Pdf) -> Iterator[str]:
    for one in document.objects:
        if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            continue
        if one.get("/Type") == "/Font":
            yield from _font(one)
        if one.get("/S") in _FORBIDDEN_ACTIONS:
            yield f"action {one.get('/S')}"
        if "/SMask" in one and one.get("/SMask") != "/None":
            yield "a soft mask"
        if isinstance(one, pikepdf.Stream) and "/LZWDecode" in str(one.get("/Filter", "")):
            yield "LZW"
        if isinstance(one, pikepdf.Stream) and "/F" in one:
            yield "a stream kept in another file"
        for alpha in ("/CA", "/ca"):
            if one.get("/Type") == "/ExtGState" and float(one.get(alpha, 1)) != 1.0:
                yield "transparency"


def _font(font: pikepdf.Object) -> Iterator[str]:
    if font.Subtype != "/TrueType":
        yield f"font type {font.Subtype}"
        return
    descriptor = font.get("/FontDescriptor")
    if descriptor is None or "/FontFile2" not in descriptor:
        yield f"{font.BaseFont} is not embedded"
    if len(font.Widths) != int(font.LastChar) - int(font.FirstChar) + 1:
        yield f"{font.BaseFont} has other widths"
    if "/ToUnicode" not in font:
        yield f"{font.BaseFont} has no way back to text"


def _pages(document: pikepdf.Pdf) -> Iterator[str]:
    for page in document.pages:
        for annotation in page.get("/Annots", []):
            flags = int(annotation.get("/F", 0))
            if not flags & _PRINT or flags & _HIDDEN:
                yield "an annotation that is not printed"
            if "/AP" not in annotation or "/N" not in annotation.AP:
                yield "an annotation without appearance"
        if "/Group" in page and "/CS" not in page.Group:
            yield "a transparency group without colour space"
