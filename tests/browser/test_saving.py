"""Pictures as files: SVG that says by itself what the page's style sheet says."""

from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.runs import Run

SVG = "{http://www.w3.org/2000/svg}"
DONE = "rgb(29, 115, 65)"
# Where each picture is: its page and its place there; what its file is called, and some of what is written in it.
PICTURES = {
    "workflow": ("runs/{job}", "workflow", "workflow-{short}", {"GetMultiple", "PostProcessAll", "Success"}),
    "events": ("runs/{job}", "flow", "events-{short}", {"processSingle", "StepFinisher"}),
    "timeline": ("runs/{job}?view=timeline", "timeline", "timeline-{short}", {"processSingle", "critical path"}),
    "architecture": ("architecture", "architecture", "architecture", {"processSingle", "StepFinisher"}),
    "timelines": ("compare?after={job}&before={job}", None, "compare-{short}-{short}", {"processSingle"}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_saved_as_a_file_of_its_own(page: Page, url: str, run: Run, name: str) -> None:
    path, place, file, texts = PICTURES[name]
    page.goto(url + path.format(job=run.job))
    expect(page.locator(f"#{place}-picture :is(svg, canvas)" if place else "#heads section").first).to_be_visible()
    with page.expect_download() as download:
        page.locator(f"#save-{name}").click()
    assert download.value.suggested_filename == f"{file.format(short=run.job[:8])}.svg"
    drawing = ET.parse(download.value.path()).getroot()  # noqa: S314 - of our own page
    assert drawing.tag == f"{SVG}svg"
    assert texts <= {"".join(text.itertext()).strip() for text in drawing.iter(f"{SVG}text")}
    assert not [one for one in drawing.iter() if one.get("tabindex")]
    if name == "workflow":
        assert any(DONE in shape.get("style", "") for shape in drawing.iter(f"{SVG}rect"))
