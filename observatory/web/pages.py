"""The pages: HTML without data; what they show, their scripts ask for."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from observatory.web.answers import answer_http_error

FOLDER = Path(__file__).parent
TEMPLATES = Jinja2Templates(FOLDER / "templates")


async def runs(request: Request) -> Response:
    """All runs."""
    return TEMPLATES.TemplateResponse(request, "runs.html")


async def run(request: Request) -> Response:
    """One run."""
    return TEMPLATES.TemplateResponse(request, "run.html", {"job": request.path_params["job"]})


async def compare(request: Request) -> Response:
    """Two runs beside each other."""
    return TEMPLATES.TemplateResponse(request, "compare.html")


async def architecture(request: Request) -> Response:
    """Who sends which events to whom."""
    return TEMPLATES.TemplateResponse(request, "architecture.html")


async def missing(request: Request, error: Exception) -> Response:
    """Say that there is nothing at an address: to a reader as a page, to a program as JSON."""
    if request.url.path.startswith("/api/"):
        return await answer_http_error(request, error)
    return TEMPLATES.TemplateResponse(request, "missing.html", {"path": request.url.path}, status_code=404)


ROUTES: list[BaseRoute] = [
    Route("/", runs, name="runs"),
    Route("/runs/{job}", run, name="run"),
    Route("/compare", compare, name="compare"),
    Route("/architecture", architecture, name="architecture"),
    Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
]
