"""One line of the table, and how it is kept between runs."""

from dataclasses import asdict, dataclass


@dataclass
class Result:
    """What was compared with what, and what came out."""

    row: str  # the section it belongs to, as ROWS= names it
    what: str
    ours: str
    peer: str = "–"
    ratio: str = "–"
    target: str = ""
    met: bool | None = None  # None: for the record, no target
    note: str = ""  # appended to the explanation, with measured figures
    series: dict | None = None  # points of a picture

    def as_json(self):
        return asdict(self)
