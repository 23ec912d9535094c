// What was typed and is not yet on the server, kept on this computer. One item a cell, by person and form, so
// that the next person at this computer neither sees nor sends it. Storage may be full or forbidden: the page
// then works as before, it only cannot remember beyond this tab.

export class Journal {
  constructor(person, submission) {
    this.prefix = `tinhso.form.${person}.${submission}.`;
    this.memory = new Map();
    for (let i = 0; i < this.length(); i += 1) {
      const key = localStorage.key(i);
      if (key.startsWith(this.prefix)) this.memory.set(key.slice(this.prefix.length), this.read(key));
    }
  }

  length() {
    try {
      return localStorage.length;
    } catch {
      return 0;
    }
  }

  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  put(entry, item) {
    this.memory.set(String(entry), item);
    try {
      localStorage.setItem(this.prefix + entry, JSON.stringify(item));
    } catch {
      // Kept in this tab only.
    }
  }

  remove(entry) {
    this.memory.delete(String(entry));
    try {
      localStorage.removeItem(this.prefix + entry);
    } catch {
      // It was never there.
    }
  }

  items() {
    return [...this.memory.entries()].filter(([, item]) => item !== null);
  }
}
