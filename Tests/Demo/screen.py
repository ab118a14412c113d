"""Text of a terminal, with its colours, as an SVG picture that is the same wherever it is made."""

import re
from xml.sax.saxutils import escape

FONT_SIZE, LINE, COLUMN, MARGIN = 13, 18, 7.8, 14
INK, PAPER, EDGE = "#24292f", "#f6f8fa", "#d0d7de"
# The colours that the program uses, dark enough for a light background.
COLOURS = {"31": "#b31d28", "32": "#116329", "33": "#8a5a00"}
SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m")


def runs(line):
    """The stretches of a line that look alike: column, text, colour, boldness."""
    column, colour, bold, found = 0, INK, False, []
    pieces = SEQUENCE.split(line)
    for number, piece in enumerate(pieces):
        if number % 2:
            for code in piece.split(";"):
                if code in ("", "0"):
                    colour, bold = INK, False
                elif code == "1":
                    bold = True
                elif code in COLOURS:
                    colour = COLOURS[code]
        elif piece:
            found.append((column, piece, colour, bold))
            column += len(piece)
    return found


def text(line, y):
    """One line. Each stretch has its place and length, so that columns align in every monospaced font."""
    spans = []
    for column, piece, colour, bold in runs(line):
        shown = piece.rstrip(" ")
        start = column + len(shown) - len(shown.lstrip(" "))
        shown = shown.lstrip(" ")
        if not shown:
            continue
        look = ("" if colour == INK else f' fill="{colour}"') + (' font-weight="bold"' if bold else "")
        spans.append(
            f'<tspan x="{MARGIN + start * COLUMN:.1f}" textLength="{len(shown) * COLUMN:.1f}"'
            f' lengthAdjust="spacingAndGlyphs"{look}>{escape(shown)}</tspan>'
        )
    return f'<text y="{y}" xml:space="preserve">{"".join(spans)}</text>' if spans else ""


def picture(title, lines):
    """A picture of these lines; `title` is read out by screen readers."""
    columns = max(len(SEQUENCE.sub("", line)) for line in lines)
    width, height = round(columns * COLUMN + 2 * MARGIN), len(lines) * LINE + 2 * MARGIN
    body = [text(line, MARGIN + FONT_SIZE + number * LINE) for number, line in enumerate(lines)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
            f'<title id="title">{escape(title)}</title>',
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6" fill="{PAPER}" stroke="{EDGE}"/>',
            f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'Liberation Mono\', monospace"'
            f' font-size="{FONT_SIZE}" fill="{INK}">',
            *filter(None, body),
            "</g>",
            "</svg>",
            "",
        ]
    )
