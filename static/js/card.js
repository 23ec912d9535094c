// The card of a figure, over the page.
const words = document.body.dataset;
let dialog;

function shell() {
  dialog ??= document.body.appendChild(document.createElement("dialog"));
  dialog.className = "card-dialog";
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  return dialog;
}

export async function open(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const card = page.querySelector("article.card");
  const heading = card.querySelector("h1");
  heading.id = "card-heading";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button card-close";
  close.textContent = words.close;
  close.addEventListener("click", () => dialog.close());
  const whole = document.createElement("a");
  whole.href = address;
  whole.className = "small";
  whole.textContent = words.whole;
  const marks = [...page.querySelectorAll(".banner")];
  const box = shell();
  box.setAttribute("aria-labelledby", heading.id);
  box.replaceChildren(close, ...marks, card, whole);
  if (!box.open) box.showModal();
  box.scrollTop = 0;
}
