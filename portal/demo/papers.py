"""Evidence for the demo: small PDF files that open."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile

from projects.obligations.states import EvidenceKind

TITLES = {
    EvidenceKind.CONTRACT: "Employment contract (sample)",
    EvidenceKind.INSURANCE: "Insurance register (sample)",
}
NAMES = {EvidenceKind.CONTRACT: "근로계약서.pdf", EvidenceKind.INSURANCE: "4대보험 가입자 명부.pdf"}


def pdf(*lines: str) -> bytes:
    """One page with lines of ASCII text, as a whole PDF file."""
    text = "BT /F1 16 Tf 72 760 Td 24 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n".encode("ascii")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode("ascii")


def hiring_papers(hired_on: date) -> dict[str, list[SimpleUploadedFile]]:
    """What a company hands in to prove a hire."""
    return {
        kind.value: [
            SimpleUploadedFile(
                NAMES[kind], pdf(title, f"Hired on {hired_on}", "Made for the demo; names nobody.")
            )
        ]
        for kind, title in TITLES.items()
    }
