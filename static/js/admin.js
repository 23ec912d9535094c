// What Django's administration leaves unsaid to those who hear a page: headings without a word, marks without a role.
const words = document.currentScript.dataset;

function name() {
  for (const heading of document.querySelectorAll("th:empty")) {
    const hidden = document.createElement("span");
    hidden.className = "visually-hidden";
    hidden.textContent = words.row;
    heading.append(hidden);
  }
  for (const choice of document.querySelectorAll("#changelist-filter a:empty")) choice.textContent = "–";
  const search = document.getElementById("searchbar");
  search?.setAttribute("aria-label", search.labels[0]?.querySelector("img")?.alt || search.form.id);
  for (const mark of document.querySelectorAll("span.help-tooltip[aria-label]")) mark.setAttribute("role", "img");
}

name();
addEventListener("load", () => setTimeout(name)); // boxes for choosing are drawn when the page has loaded
