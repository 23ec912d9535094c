// The form under the keyboard, as a sheet: Enter and arrows move, a block pasted from Excel fills cells.

const COLUMNS = ["numerator", "denominator", "text"];

const gridRows = (form) => [...form.querySelectorAll("tr.rp-row")];
const inputAt = (row, column) => row?.querySelector(`input[data-field="${COLUMNS[column]}"]`);
const columnOf = (input) => COLUMNS.indexOf(input.dataset.field);

export function startGrid(form, onPaste) {
  form.addEventListener("keydown", (event) => move(form, event));
  form.addEventListener("paste", (event) => paste(form, event, onPaste));
}

function move(form, event) {
  const input = event.target;
  if (!input.matches("tr.rp-row input[data-field]") || event.isComposing || event.altKey || event.metaKey) return;
  const step = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !event.ctrlKey) {
    event.preventDefault(); // Enter in a sheet goes down; it does not send the form
    go(below(form, input, step));
  } else if (event.key === "ArrowLeft" && input.selectionStart === 0 && input.selectionEnd === 0) {
    beside(event, input, -1);
  } else if (event.key === "ArrowRight" && input.selectionStart === input.value.length) {
    beside(event, input, 1);
  }
}

function below(form, input, step) {
  const rows = gridRows(form);
  const column = columnOf(input);
  for (let i = rows.indexOf(input.closest("tr")) + step; i >= 0 && i < rows.length; i += step) {
    const found = inputAt(rows[i], column);
    if (found) return found;
  }
  return null;
}

function beside(event, input, step) {
  const row = input.closest("tr");
  const found = inputAt(row, columnOf(input) + step);
  if (!found) return;
  event.preventDefault();
  go(found);
}

function go(input) {
  if (!input) return;
  input.focus();
  input.select();
}

function paste(form, event, onPaste) {
  const input = event.target;
  if (!input.matches("tr.rp-row input[data-field]") || input.readOnly) return;
  const block = parseBlock(event.clipboardData.getData("text/plain"));
  if (block.length === 1 && block[0].length === 1) return; // one value: as everywhere
  event.preventDefault();
  const rows = gridRows(form);
  const top = rows.indexOf(input.closest("tr"));
  const left = columnOf(input);
  let leftOut = 0;
  const filled = [];
  block.forEach((values, i) => {
    values.forEach((value, j) => {
      const target = inputAt(rows[top + i], left + j);
      if (target) {
        target.value = value.trim();
        filled.push(target);
      } else if (value.trim()) {
        leftOut += 1;
      }
    });
  });
  onPaste(filled, leftOut);
}

// Rows and columns of a clipboard text as Excel writes it: tabs, line ends, quotes around cells that hold them.
export function parseBlock(text) {
  const rows = [[""]];
  let quoted = false;
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let i = 0; i < clean.length; i += 1) {
    const character = clean[i];
    const row = rows[rows.length - 1];
    if (quoted) {
      if (character !== '"') row[row.length - 1] += character;
      else if (clean[i + 1] === '"') row[row.length - 1] += clean[(i += 1)];
      else quoted = false;
    } else if (character === '"' && row[row.length - 1] === "") quoted = true;
    else if (character === "\t") row.push("");
    else if (character === "\n") rows.push([""]);
    else row[row.length - 1] += character;
  }
  return rows;
}
