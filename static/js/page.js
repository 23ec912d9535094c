// What every page does as soon as its first picture stands; until then links are links and forms are forms.
const addresses = document.querySelector("script[data-page]").dataset;
const charts = import(addresses.charts);
charts.then(({ watch }) => watch(document));
if (addresses.comparison) import(addresses.comparison).then(async ({ follow }) => follow(await charts, fill));

const openMenus = () => document.querySelectorAll("details.menu[open]");
// A list that would leave the window on the right hangs from its menu's right end.
function keepInView(menu) {
  const list = menu.querySelector(".menu-list");
  list.classList.remove("leftwards");
  list.classList.toggle("leftwards", list.getBoundingClientRect().right > document.documentElement.clientWidth);
}

// What nobody sees at first (long fields' options, menus' lists) is text in a noscript: a browser need not build
// it before it paints. Readers without scripts have it from the start, all others when they come near or soon after.
function fill() {
  for (const text of document.querySelectorAll("noscript.later")) {
    const { body } = new DOMParser().parseFromString(text.innerHTML, "text/html");
    const field = text.previousElementSibling;
    if (field?.matches("select")) {
      const { value } = field;
      field.replaceChildren(...body.querySelector("select").children);
      field.value = value;
      field.name = field.id;
      text.remove();
    } else {
      const list = text.parentElement;
      text.replaceWith(...body.childNodes);
      window.htmx?.process(list);
    }
  }
  openMenus().forEach(keepInView);
}
const cameBefore = document.querySelector("details.menu[open]") ?? document.querySelector(":focus");
if (cameBefore) fill();
addEventListener("focusin", fill, { once: true });
addEventListener("pointerover", fill, { once: true });
setTimeout(fill, 1500);

// A figure's card opens over the page. Without scripts, or when it cannot be fetched, the link leads to its page.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a.to-card");
  if (!link || !addresses.card || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  import(addresses.card).then(({ open }) => open(link.href)).catch(() => location.assign(link.href));
});

// An open menu closes when another opens, on Escape, and on a click beside it.
addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Choosing looks or language comes back to what the address says by now.
addEventListener("submit", (event) => {
  const next = event.target.querySelector("input[name=next]");
  if (next) next.value = location.pathname + location.search;
});

// The address may have changed since the page came (a comparison swaps its content): leaving the day or the kind of
// figures starts from what the address says by now.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-drop], a[data-set]");
  if (!link) return;
  const address = new URL(location.href);
  if (link.dataset.drop) address.searchParams.delete(link.dataset.drop);
  if (link.dataset.set) address.searchParams.set(...link.dataset.set.split("="));
  link.href = address.href;
});

// A day is typed as text without scripts; with them in the browser's own calendar.
addEventListener(
  "toggle",
  ({ target }) => {
    for (const field of target.querySelectorAll("input[data-type]")) field.type = field.dataset.type;
    if (target.matches("details.menu[open]")) keepInView(target);
  },
  true,
);

// Sending.
addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy], [data-print]");
  if (!button) return;
  if (button.matches("[data-print]")) {
    button.closest("details").open = false;
    charts.then(({ printWhole }) => printWhole(), () => print());
    return;
  }
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = button.dataset.done;
  } catch {
    prompt(button.textContent, location.href);
  }
});

addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.day-form")) return;
  for (const field of form.querySelectorAll("input[type=hidden]")) field.remove();
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name === "ngay") continue;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }
});
