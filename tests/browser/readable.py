"""What makes a page readable, asked of the browser: widths, contrasts, names for those who can't see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Contrast of text and what lies behind it, by the Web Content Accessibility Guidelines 2.1: text, and large text.
TEXT, LARGE = 4.5, 3.0

#: Each visible text with its contrast: [text, ratio, pixels of its height, bold]. Colours are drawn and read back, so
#: that whatever way of writing one a style uses is understood.
CONTRASTS = """() => {
  const canvas = document.createElement('canvas'), pen = canvas.getContext('2d', {willReadFrequently: true});
  canvas.width = canvas.height = 1;
  const read = colour => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = '#000'; pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under, alpha) => [0, 1, 2].map(i => top[i] * alpha + under[i] * (1 - alpha));
  const behind = element => {
    const above = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      above.push(colour);
      if (colour[3] === 1) break;
    }
    return above.reverse().reduce((under, colour) => over(colour, under, colour[3]), [255, 255, 255]);
  };
  const faded = element => {
    let alpha = 1;
    for (let at = element; at; at = at.parentElement) alpha *= +getComputedStyle(at).opacity;
    return alpha;
  };
  const light = colour => {
    const [r, g, b] = colour.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!node.textContent.trim() || !box.width || !box.height || style.visibility !== 'visible') continue;
    // The colours of code that is set off by its grammar are Streamlit's own.
    if (element.closest('style, script, .token, noscript, svg, [aria-hidden="true"], [disabled]')) continue;
    // It stands above the knob that it is a part of.
    if (element.closest('[data-testid="stSliderThumbValue"]')) continue;
    if (box.width <= 1 || box.height <= 1 || !faded(element)) continue;
    const under = behind(element), ink = read(style.color);
    const [a, b] = [light(over(ink, under, ink[3] * faded(element))), light(under)].sort((x, y) => y - x);
    found.push([node.textContent.trim().slice(0, 60), (a + .05) / (b + .05), parseFloat(style.fontSize),
                +style.fontWeight >= 700]);
  }
  return found;
}"""

#: Elements that reach beyond the window and that nobody can scroll into it: [tag and class, right end, window].
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  const main = document.querySelector('[data-testid="stMain"]');
  for (const at of [document.documentElement, main])
    if (at.scrollWidth > at.clientWidth + 1) found.push([at.tagName, at.scrollWidth, at.clientWidth]);
  // Of those within a box that scrolls or is closed, the box is what counts.
  const boxed = at => {
    for (let box = at.parentElement; box !== main; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== 'visible' || (box.tagName === 'DETAILS' && !box.open)) return true;
    return false;
  };
  if (found.length)
    for (const at of main.querySelectorAll('*')) {
      const box = at.getBoundingClientRect();
      if (box.right > wide + 1 && box.width && !boxed(at))
        found.push([`${at.tagName}.${at.className}`.slice(0, 80), box.right, wide]);
    }
  return found.slice(0, 12);
}"""

#: What needs a name, since somebody who can't see it has nothing else.
NAMED = ("textbox", "searchbox", "combobox", "checkbox", "radio", "button", "slider", "link", "switch", "tab", "img")


def faint(page: Page) -> list[list[Any]]:
    """Texts whose contrast is too small."""
    return [
        [text, round(ratio, 2), pixels]
        for text, ratio, pixels, bold in page.evaluate(CONTRASTS)
        if ratio < (LARGE if pixels >= 24 or (bold and pixels >= 18.5) else TEXT)
    ]


def overflowing(page: Page) -> list[list[Any]]:
    """What reaches beyond the window's width."""
    return page.evaluate(OVERFLOWING)


def nameless(page: Page) -> list[str]:
    """Roles of what a screen reader finds without a name."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        f"{node['role']['value']} {node.get('backendDOMNodeId')}"
        for node in nodes
        if not node.get("ignored")
        and node.get("role", {}).get("value", "").lower() in NAMED
        and not str(node.get("name", {}).get("value", "")).strip()
    ]
