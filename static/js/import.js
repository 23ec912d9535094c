// How far a long import is. Without this script the page asks for itself anew every few seconds.
const bar = document.getElementById("rp-progress");
const said = document.getElementById("rp-progress-said");
const PAUSE = 700; // ms between questions; longer after one that found no answer
const LOST = 4000;

async function ask() {
  let pause = PAUSE;
  try {
    const response = await fetch(bar.dataset.progress, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!response.ok) throw new Error(String(response.status));
    const answer = await response.json();
    if (!answer.open) {
      location.reload();
      return;
    }
    if (answer.waiting) bar.removeAttribute("value");
    else bar.value = answer.permille;
    said.textContent = answer.said;
  } catch {
    pause = LOST; // no connection, or the session ended: reloading the page says which
  }
  setTimeout(ask, pause);
}

setTimeout(ask, PAUSE);
