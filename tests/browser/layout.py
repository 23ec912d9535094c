"""Text that cannot be read as it stands: cut off by a box, lying over other text, or beyond the screen.

Every line of text that is painted is taken as the browser laid it out (``Range.getClientRects``), in charts
too. What a reader can scroll to within a box of its own is not cut. Text turned by an odd angle has no
upright box and is left out.
"""

from playwright.sync_api import Page

_FAULTS = r"""() => {
  const faults = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} px wider than the screen`);
  const lines = [];
  const said = (text) => text.trim().replace(/\s+/g, " ").slice(0, 40);
  const turned = (element) => {
    for (let at = element; at instanceof SVGElement; at = at.parentNode) {
      const matrix = at.transform?.baseVal?.consolidate?.()?.matrix;
      if (matrix && Math.abs(matrix.a) > 0.01 && Math.abs(matrix.b) > 0.01) return true;
    }
    return false;
  };
  const hiddenOnPurpose = (element) => element.closest(
    ".visually-hidden, .skip, noscript, script, style, option, dialog:not([open])");
  const clips = (style) => /hidden|clip/.test(style.overflowX + style.overflowY);
  const scrolls = (style) => /auto|scroll/.test(style.overflowX + style.overflowY);
  const beyond = (boxes, frame) => boxes.some((box) => box.right > frame.right + 2
    || box.left < frame.left - 2 || box.bottom > frame.bottom + 2 || box.top < frame.top - 2);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || hiddenOnPurpose(element)) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    if (!boxes.length) continue;
    let inScroll = false;
    let gone = false;
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.clipPath !== "none" && style.position === "absolute") gone = true;
      if (scrolls(style)) inScroll = true;
      if (inScroll || !clips(style) || at.matches("svg, svg *")) continue;
      const frame = at.getBoundingClientRect();
      if (frame.width < 2 || frame.height < 2) gone = true;
      else if (beyond(boxes, frame)) faults.push(`cut: ${said(node.data)}`);
    }
    if (gone) continue;
    if (element.matches("svg text, svg text *")) {
      const frame = element.closest("svg.main-svg")?.getBoundingClientRect();
      if (frame && beyond(boxes, frame)) faults.push(`cut in a chart: ${said(node.data)}`);
      if (turned(element)) continue;
    }
    for (const box of boxes) lines.push({ box, element, text: said(node.data) });
  }
  lines.sort((one, other) => one.box.top - other.box.top);
  lines.forEach((one, place) => {
    for (let next = place + 1; next < lines.length && lines[next].box.top < one.box.bottom; next++) {
      const other = lines[next];
      const label = one.element.closest("text");
      if (label && label === other.element.closest("text")) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      const least = Math.min(one.box.height, other.box.height);
      if (across > 2 && down > 0.4 * least) faults.push(`over each other: ${one.text} | ${other.text}`);
    }
  });
  return [...new Set(faults)];
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the text of the page as it stands in the window; empty where all can be read."""
    return page.evaluate(_FAULTS)
