// The quarterly form: every change is kept on this computer at once and sent as a draft within a second.
// Without this script the page is an ordinary form; nothing here knows a rule, the server says all sentences.

import { startGrid } from "./form-grid.js";
import { Journal } from "./form-journal.js";

const FIELDS = ["text", "numerator", "denominator", "qualifier", "status", "missing_reason", "note", "explanation"];
const PAUSE = 800; // ms without typing after which is saved
const LOGGED_OUT = [401, 403]; // 403: logged in anew elsewhere, this page's token is of the session before
const RETRY = 5000; // ms between tries while there is no connection
const form = document.getElementById("rp-form");
const say = form.dataset;
const status = document.getElementById("rp-status");
const journal = new Journal(say.person, say.submission);
const state = { sending: null, timer: 0, checkTimer: 0, blocked: new Set(), refused: new Set(), loggedOut: false };

const rowOf = (entry) => document.getElementById(`c${entry}`);
const moreOf = (entry) => document.getElementById(`c${entry}-more`);
const fieldOf = (entry, field) => form.elements.namedItem(`c${entry}-${field}`);
const baseOf = (entry) => form.elements.namedItem(`c${entry}-base`);
const versionOf = (entry) => Number(baseOf(entry).value.split(":")[0]);
const entryOf = (element) => element.name?.match(/^c(\d+)-/)?.[1];

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function cellOf(entry) {
  const cell = {};
  for (const field of FIELDS) cell[field] = fieldOf(entry, field)?.value ?? "";
  return cell;
}

function showStatus(text, kind) {
  status.textContent = text;
  status.className = `rp-status-${kind}`;
}

// ---- keeping and sending

function changed(entry) {
  journal.put(entry, { version: versionOf(entry), cell: cellOf(entry) });
  state.refused.delete(String(entry));
  rowOf(entry).classList.add("rp-unsaved");
  if (!state.loggedOut && navigator.onLine) showStatus(say.saySaving, "busy");
  schedule(PAUSE);
}

function schedule(delay) {
  clearTimeout(state.timer);
  state.timer = setTimeout(send, delay);
}

function pending() {
  return journal.items().filter(([entry]) => rowOf(entry) && !state.blocked.has(entry) && !state.refused.has(entry));
}

async function send() {
  clearTimeout(state.timer);
  // One message at a time: two of them with one version of a cell would contradict each other.
  while (state.sending) await state.sending;
  const items = pending();
  if (items.length === 0 || state.loggedOut) return;
  showStatus(say.saySaving, "busy");
  state.sending = post(items);
  let arrived = false;
  try {
    arrived = await state.sending;
  } finally {
    state.sending = null;
  }
  // What was typed while these were under way goes next; what did not arrive is tried again later.
  if (pending().length > 0 && !state.loggedOut) schedule(arrived ? PAUSE : RETRY);
}

// Whether the server answered.
async function post(items) {
  const cells = items.map(([entry, item]) => ({ entry: Number(entry), version: item.version, ...item.cell }));
  let response;
  let answer;
  try {
    response = await fetch(say.cells, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": form.elements.namedItem("csrfmiddlewaretoken").value,
      },
      body: JSON.stringify({ cells }),
      keepalive: cells.length < 50,
      redirect: "error",
    });
    answer = LOGGED_OUT.includes(response.status) || response.status >= 500 ? null : await response.json();
  } catch {
    showStatus(say.sayOffline, "off"); // no connection, or half an answer
    return false;
  }
  if (LOGGED_OUT.includes(response.status)) {
    askToLogIn();
  } else if (response.ok) {
    take(answer, new Map(items));
  } else if (response.status >= 500) {
    showStatus(say.sayOffline, "off");
    return false;
  } else {
    refuse(answer, items);
  }
  return true;
}

function take(answer, sent) {
  for (const saved of answer.saved) {
    const entry = String(saved.entry);
    baseOf(entry).value = saved.base;
    const now = JSON.stringify(cellOf(entry));
    if (now === JSON.stringify(sent.get(entry).cell)) {
      journal.remove(entry);
      rowOf(entry).classList.remove("rp-unsaved");
    } else {
      journal.put(entry, { version: saved.version, cell: cellOf(entry) }); // typed on meanwhile
    }
    rowOf(entry).querySelector(".rp-understood").textContent = saved.understood;
    showFindings(entry, saved.findings);
  }
  for (const conflict of answer.conflicts) showConflict(conflict);
  settled();
  if (answer.saved.length > 0) {
    clearTimeout(state.checkTimer);
    state.checkTimer = setTimeout(check, 1500);
  }
}

// "Saved" is said only when nothing is under way and nothing waits for the person's decision.
function settled() {
  if (pending().length > 0) return;
  if (state.blocked.size > 0) showStatus(say.sayClash, "off");
  else showStatus(say.saySaved, "good");
}

function refuse(answer, items) {
  for (const [entry] of items) state.refused.add(entry); // until it is changed again
  showStatus(`${say.sayRefused} ${answer.error ?? ""}`, "off");
}

function askToLogIn() {
  state.loggedOut = true;
  const link = element("a", "rp-button", say.sayLoginLink);
  link.href = location.pathname; // the page itself leads to the login where one is needed, and back
  showStatus(`${say.sayLogin} `, "off");
  status.append(link);
}

// ---- what the server says

async function check() {
  let response;
  try {
    response = await fetch(say.check, { headers: { Accept: "application/json" }, redirect: "error" });
  } catch {
    return; // the next save says that there is no connection
  }
  if (!response.ok) return;
  const answer = await response.json();
  document.getElementById("rp-filled").textContent = answer.filled;
  for (const row of form.querySelectorAll("tr.rp-row")) {
    // A cell that nobody has touched keeps what the page said of it (after a refused submission).
    const findings = answer.findings[row.dataset.entry];
    if (findings) showFindings(row.dataset.entry, findings);
  }
}

function showFindings(entry, findings) {
  const box = document.getElementById(`c${entry}-said`);
  box.replaceChildren(...findings.map((finding) => sentenceOf(entry, finding)));
  const errors = findings.filter((finding) => finding.severity === "error");
  const warned = findings.length > errors.length;
  const row = rowOf(entry);
  row.classList.toggle("rp-wrong", errors.length > 0);
  row.classList.toggle("rp-odd", errors.length === 0 && warned);
  fieldOf(entry, "text").setAttribute("aria-invalid", String(errors.length > 0));
  const more = moreOf(entry);
  more.querySelector(".rp-explain").hidden = !warned && !fieldOf(entry, "explanation").value;
  showMore(entry);
}

function showMore(entry) {
  const more = moreOf(entry);
  const parts = ".rp-findings > *, .rp-clash > *, .rp-comment, .rp-explain:not([hidden])";
  more.hidden = more.querySelector(parts) === null;
}

function sentenceOf(entry, finding) {
  const line = element("p", `rp-${finding.severity}`, finding.sentence);
  for (const choice of finding.choices) {
    const button = element("button", "rp-button rp-small", `${say.sayChoose} ${choice}`);
    button.type = "button";
    button.addEventListener("click", () => {
      const input = fieldOf(entry, finding.part);
      input.value = choice;
      input.focus();
      changed(entry);
    });
    line.append(" ", button);
  }
  return line;
}

function showConflict(conflict) {
  const entry = String(conflict.entry);
  state.blocked.add(entry);
  const line = element("p", "rp-error", conflict.sentence);
  const mine = element("button", "rp-button rp-small", say.sayMine);
  const theirs = element("button", "rp-button rp-small", say.sayTheirs);
  const settle = () => {
    state.blocked.delete(entry);
    baseOf(entry).value = conflict.base;
    line.remove();
    showMore(entry);
  };
  for (const button of [mine, theirs]) button.type = "button";
  mine.addEventListener("click", () => {
    settle();
    changed(entry);
  });
  theirs.addEventListener("click", () => {
    settle();
    for (const field of FIELDS) {
      const input = fieldOf(entry, field);
      if (input) input.value = conflict.cell[field];
    }
    journal.remove(entry);
    rowOf(entry).classList.remove("rp-unsaved");
    settled();
    check();
  });
  line.append(" ", mine, " ", theirs);
  moreOf(entry).querySelector(".rp-clash").replaceChildren(line);
  showMore(entry);
}

// ---- starting

function restore() {
  const items = journal.items();
  for (const [entry, item] of items) {
    if (!rowOf(entry)) {
      journal.remove(entry);
      continue;
    }
    for (const field of FIELDS) {
      const input = fieldOf(entry, field);
      if (input) input.value = item.cell[field] ?? "";
    }
    rowOf(entry).classList.add("rp-unsaved");
  }
  if (items.length > 0) {
    showStatus(say.sayRestored, "busy");
    schedule(0);
  }
}

form.addEventListener("input", (event) => {
  const entry = entryOf(event.target);
  if (entry) changed(entry);
});
form.addEventListener("change", (event) => {
  if (entryOf(event.target)) schedule(0);
});
form.addEventListener("submit", (event) => {
  if (pending().length === 0 || state.loggedOut) return;
  event.preventDefault();
  const button = event.submitter;
  send().then(() => {
    if (pending().length === 0) form.requestSubmit(button);
  });
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    send();
  }
});
addEventListener("online", () => schedule(0));
addEventListener("pagehide", () => {
  if (pending().length > 0) send();
});
startGrid(form, (filled, leftOut) => {
  for (const input of filled) changed(entryOf(input));
  showStatus(`${say.sayPasted} ${filled.length}${leftOut ? `, ${say.sayLeftOut} ${leftOut}` : ""}`, "busy");
});
restore();
if (form.querySelector(".rp-findings > *")) check(); // for the choices that need a script
form.dataset.ready = ""; // from here on keys are the grid's; before, the page is an ordinary form
