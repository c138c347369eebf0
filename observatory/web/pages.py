"""The pages: HTML without data; what they show, their scripts ask for."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

FOLDER = Path(__file__).parent
TEMPLATES = Jinja2Templates(FOLDER / "templates")


async def runs(request: Request) -> Response:
    """All runs."""
    return TEMPLATES.TemplateResponse(request, "runs.html")


async def run(request: Request) -> Response:
    """One run."""
    return TEMPLATES.TemplateResponse(request, "run.html", {"job": request.path_params["job"]})


async def architecture(request: Request) -> Response:
    """Who sends which events to whom."""
    return TEMPLATES.TemplateResponse(request, "architecture.html")


ROUTES: list[BaseRoute] = [
    Route("/", runs, name="runs"),
    Route("/runs/{job}", run, name="run"),
    Route("/architecture", architecture, name="architecture"),
    Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
]
