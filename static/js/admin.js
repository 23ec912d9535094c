// What Django's administration leaves unsaid to those who hear a page: headings without a word, marks without a role.
const words = document.currentScript.dataset;

function name() {
  for (const heading of document.querySelectorAll("th:empty")) {
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = words.row;
    heading.append(hidden);
  }
  for (const mark of document.querySelectorAll("span.help-tooltip[aria-label]")) mark.setAttribute("role", "img");
}

name();
addEventListener("load", () => setTimeout(name)); // boxes for choosing are drawn when the page has loaded
