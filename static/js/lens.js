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

// Typed as text without scripts; with them the browser's own calendar.
addEventListener(
  "toggle",
  ({ target }) => {
    for (const field of target.querySelectorAll("input[data-type]")) field.type = field.dataset.type;
  },
  true,
);

// Sending.
addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy], [data-print]");
  if (!button) return;
  if (button.matches("[data-print]")) {
    button.closest("details").open = false;
    dispatchEvent(new Event("draw-everything"));
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
