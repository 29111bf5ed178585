"""A comparison as a picture: horizontal bars on a logarithmic scale, one panel a measure, in SVG."""

import math

ROW, LABEL, BAR, NUMBER, GAP = 22, 130, 420, 110, 34
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.note { fill: #59636e; font-size: 12px }
.bar { fill: #8c959f }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #9198a1 } .bar { fill: #656c76 } .ours { fill: #4493f8 }
}
"""


def escape(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;")


def panel(top, title, note, rows):
    """`rows`: (name, value or None, text, whether it is ours). Returns SVG and the height."""
    values = [value for _, value, _, _ in rows if value]
    low = 10 ** math.floor(math.log10(min(values))) / 2
    scale = BAR / math.log10(max(values) / low)
    parts = [f'<text class="title" x="0" y="{top + 14}">{escape(title)}</text>',
             f'<text class="note" x="0" y="{top + 32}">{escape(note)}</text>']
    y = top + 44
    for name, value, text, ours in rows:
        width = math.log10(value / low) * scale if value else 0
        parts.append(f'<text x="0" y="{y + 14}">{escape(name)}</text>'
                     f'<rect class="{"ours" if ours else "bar"}" x="{LABEL}" y="{y + 2}" '
                     f'width="{width:.1f}" height="{ROW - 6}" rx="2"/>'
                     f'<text x="{LABEL + width + 8:.1f}" y="{y + 14}">{escape(text)}</text>')
        y += ROW
    return "\n".join(parts), y - top


def write(path, panels):
    """`panels`: (title, note, rows) each; a panel without a value is left out."""
    parts, y = [], 0
    for title, note, rows in panels:
        if any(value for _, value, _, _ in rows):
            text, height = panel(y, title, note, rows)
            parts.append(text)
            y += height + GAP
    width = LABEL + BAR + NUMBER
    with open(path, "w") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 {width + 20} {y}" '
                  f'role="img" aria-label="dcalc and other queues, measured in one run">\n'
                  f'<style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n")
