"""A tagger in a few lines: tags and a category by words in titles and overviews.

`python -m examples.tagger` serves it on http://127.0.0.1:9100; docs/tagger.md says what it is asked and answers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

# By tag, words of which one must be there; by mood, likewise.
TAGS = {
    "space": r"space\w*|astronaut\w*|planet\w*|galax\w+",
    "heist": r"heist|robber\w*|steal\w*|thie(f|ves)",
    "sea": r"sea|ocean\w*|ships?|sailors?|pirates?",
    "christmas": r"christmas|santa",
    "detective": r"detectives?|investigat\w+",
    "zombies": r"zombies?|undead",
}
MOODS = {"dark": r"murder\w*|kill\w*|revenge|war", "light": r"comedy|funny|wedding|friends?|love"}


def found(rules: Mapping[str, str], text: str) -> list[str]:
    return [name for name, words in rules.items() if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)]


def tagged(media: Mapping[str, Any]) -> dict[str, Any]:
    """What one media is to have; it keeps what it has."""
    text = " ".join(media.get(name) or "" for name in ("title", "originalTitle", "series", "overview"))
    moods = [{"category": "mood", "value": mood} for mood in found(MOODS, text)]
    return {"id": media["id"], "tags": found(TAGS, text), "categories": moods}


async def tag(request: Request) -> JSONResponse:
    return JSONResponse({"media": [tagged(media) for media in (await request.json())["media"]]})


app = Starlette(routes=[Route("/tag", tag, methods=["POST"])])

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A tagger by keywords.")
    parser.add_argument("--port", type=int, default=9100)
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port)
