"""Pictures as files: SVG that says by itself what the page's style sheet says."""

from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_run_page import open_view
from tests.e2e.runs import Run

SVG = "{http://www.w3.org/2000/svg}"
DONE = "rgb(29, 115, 65)"
# The view that each picture is in, and some of what is written in it.
PICTURES = {
    "workflow": ("Workflow", {"GetMultiple", "PostProcessAll", "Success"}),
    "events": ("Workflow", {"processSingle", "StepFinisher"}),
    "timeline": ("Timeline", {"processSingle", "critical path"}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_saved_as_a_file_of_its_own(page: Page, url: str, run: Run, name: str) -> None:
    view, texts = PICTURES[name]
    open_view(page, url, run.job, view)
    place = "flow" if name == "events" else name
    expect(page.locator(f"#{place}-picture :is(svg, canvas)").first).to_be_attached()
    with page.expect_download() as download:
        page.locator(f"#save-{name}").click()
    assert download.value.suggested_filename == f"{name}-{run.job[:8]}.svg"
    drawing = ET.parse(download.value.path()).getroot()  # noqa: S314 - of our own page
    assert drawing.tag == f"{SVG}svg"
    assert texts <= {"".join(text.itertext()).strip() for text in drawing.iter(f"{SVG}text")}
    if name == "workflow":
        assert any(DONE in shape.get("style", "") for shape in drawing.iter(f"{SVG}rect"))
