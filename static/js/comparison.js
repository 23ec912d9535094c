// The comparison's content, swapped by htmx without a full reload.
const { htmx: htmxAddress } = document.querySelector("script[data-htmx]").dataset;
let lastControl = "";

// A bar of the ranking picks its province as the field for it does; one that is picked is taken out.
addEventListener("click", (event) => {
  const link = event.target.closest?.("#ranking-table td.bar")?.parentElement.querySelector("th a");
  if (!link) return;
  const slug = link.pathname.split("/").at(-2);
  const field = document.getElementById("tinh");
  const picked = document.getElementById(`picked-${slug}`);
  if (picked) picked.click();
  else {
    field.value = slug;
    field.form.requestSubmit(document.getElementById("tinh-add"));
  }
});

// After a swap: charts anew, what was text filled in, the focus where it was, the new sentence read out.
export function follow(charts, fill) {
  addEventListener("htmx:beforeRequest", ({ detail }) => {
    const control = detail.elt.closest("details.menu")?.querySelector("summary") ?? detail.elt.querySelector("button") ?? detail.elt;
    lastControl = control.id;
  });
  addEventListener("htmx:beforeSwap", charts.forget);
  const swapped = () => {
    const content = document.getElementById("comparison");
    const status = document.getElementById("status");
    if (!content || !status) return;
    fill();
    charts.watch(content);
    status.textContent = content.dataset.status;
    document.getElementById(lastControl)?.focus({ preventScroll: true });
  };
  addEventListener("htmx:afterSettle", swapped);
  addEventListener("htmx:historyRestore", swapped);
  // What htmx cannot put in place (a page that says what may be asked, no connection) is gone to as by a link.
  for (const failure of ["htmx:responseError", "htmx:sendError"]) {
    addEventListener(failure, ({ detail }) => location.assign(detail.pathInfo.finalRequestPath ?? detail.pathInfo.requestPath));
  }
  // It looks through the whole page. Until it comes its links are plain links.
  const element = Object.assign(document.createElement("script"), { src: htmxAddress });
  element.onload = () => { element.dataset.ready = ""; };
  document.head.append(element);
}
