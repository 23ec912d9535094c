"""axe-core in an open page: what it finds against WCAG 2.2 AA, as lines that a person can act on.

The engine comes out of the wheel of ``axe-playwright-python`` (its own licence is MPL-2.0: used by tests,
shipped by nothing of ours). ``page.evaluate`` puts it into the page past the Content-Security-Policy.
"""

from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async (levels) => {
  const rules = {type: "tag", values: levels};
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
  return found.violations.flatMap(
    (rule) => rule.nodes.map((node) => [rule.id, node.target.join(" "), node.html, why(node)]));
}"""


@cache
def _engine() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, levels: list[str] | None = None) -> list[str]:
    """One line for every element that breaks a rule; about half a second on a page of ours."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_engine())
    found = page.evaluate(_RUN, levels or LEVELS)
    return [f"{rule} at {target}: {html[:160]} ({why[:240]})" for rule, target, html, why in found]
