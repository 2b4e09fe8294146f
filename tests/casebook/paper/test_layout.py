from casebook.paper.layout import Block, Grid, Paragraph, Placed, Row, paginate
from casebook.paper.zh_paragraph import Run

WIDTH = 300.0


def paragraph(text: str, *, keep: bool = False) -> Paragraph:
    return Paragraph(runs=(Run(text=text),), keep_with_next=keep)


def row(text: str, *, keep: bool = False) -> Row:
    return Row(cells=((paragraph(text),),), keep_with_next=keep)


def grid(count: int, *, start: int = 0) -> Grid:
    rows = tuple(row(f"row {number}") for number in range(start, start + count))
    return Grid(columns=(WIDTH,), rows=(row("heading", keep=True), *rows), running=(row("continued"),))


def texts(page: list[Placed]) -> list[str]:
    found: list[str] = []
    for placed in page:
        block: Block = placed.block
        if isinstance(block, Paragraph):
            found += ["".join(run.text for run in line) for line in block.lines(WIDTH)]
        elif isinstance(block, Grid):
            rows = (*(block.running if block.begun else ()), *block.rows)
            cells = [one for each in rows for cell in each.cells for one in cell]
            found += [run.text for one in cells if isinstance(one, Paragraph) for run in one.runs]
    return found


def pages_of(*blocks: Block, height: float = 100.0) -> list[list[str]]:
    return [texts(page) for page in paginate(blocks, WIDTH, 800.0, height)]


def test_grid_is_continued_under_its_name() -> None:
    pages = pages_of(grid(9), height=102.0)
    assert pages[0][0] == "continued"  # a group that begins a page stands under its form's name
    assert all(page[0] == "continued" for page in pages)
    assert [text for page in pages for text in page if text.startswith("row")] == [f"row {n}" for n in range(9)]


def test_heading_is_never_last_on_a_page() -> None:
    for lines in range(1, 8):
        pages = pages_of(paragraph("\n".join(["text"] * lines)), paragraph("title", keep=True), grid(2), height=90.0)
        assert all(page[-1] not in {"title", "heading"} for page in pages)


def test_row_taller_than_a_page_is_cut_and_nothing_is_lost() -> None:
    tall = Grid(columns=(WIDTH,), rows=(row("\n".join(f"line {number}" for number in range(40))), row("after")))
    pages = paginate([tall], WIDTH, 800.0, 100.0)
    seen: list[str] = []
    for page in pages:
        for placed in page:
            assert isinstance(placed.block, Grid)
            assert placed.block.height(WIDTH) <= 100.0
            for each in placed.block.rows:
                for one in each.cells[0]:
                    assert isinstance(one, Paragraph)
                    seen += ["".join(run.text for run in line) for line in one.lines(WIDTH - 8)]
    assert seen == [*(f"line {number}" for number in range(40)), "after"]


def test_pages_are_never_overfull() -> None:
    blocks: list[Block] = [paragraph("word " * 300), grid(7), paragraph("title", keep=True), grid(12)]
    for page in paginate(blocks, WIDTH, 800.0, 120.0):
        last = page[-1]
        assert last.top - last.block.height(WIDTH) >= 800.0 - 120.0 - 0.001


def test_paragraph_leaves_no_single_line_behind() -> None:
    pages = pages_of(paragraph("\n".join(f"line {number}" for number in range(9))), height=8 * 8.5 * 1.42 + 1)
    assert [len(page) for page in pages] == [7, 2]
