// The box of files on the page of a homework: what is saved, copies of it, export and import.
import { button, make } from "./elements.js";
import { fromNotebook, Refused, same, toNotebook, untouched } from "./notebook.js";
import { Storage } from "./storage.js";

const time = (iso) => new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });

// `page` has the name and the release of the homework, its `work`, and `show(work)`.
export class Files {
  constructor(page, index) {
    Object.assign(this, { page, index, storage: new Storage(page.name) });
    this.box = this.makeBox();
    this.storage.addEventListener("elsewhere", () =>
      this.warn("This homework is open in another tab as well. Write in one of them only, and close the other."));
    this.storage.addEventListener("overtaken", () => {
      this.overtaken = true;
      this.warn("Another tab has saved this homework. This one saves no more, so that nothing is written over.",
        button("Show here what is saved", "", () => this.takeOver()));
    });
    addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault());
  }

  makeBox() {
    const box = document.getElementById("work-files");
    const chosen = make("input", { type: "file", accept: ".ipynb", hidden: true });
    chosen.addEventListener("change", async () => {
      const [file] = chosen.files;
      if (file) this.import(await file.text(), file.name);
      chosen.value = "";
    });
    this.saved = make("span", { className: "work-saved" });
    this.said = make("div", { className: "work-said" });
    this.said.setAttribute("role", "status");
    this.kept = make("div");
    const row = make("div", { className: "work-row" },
      button("Export", "", () => this.export()),
      button("Import", "", () => chosen.click()), chosen,
      button("Start again", "", () => this.startAgain()), this.saved);
    box.replaceChildren(row, this.said, this.kept);
    box.hidden = false;
    document.getElementById("work-export").replaceChildren(button("Export", "", () => this.export()));
    return box;
  }

  get untouched() {
    return untouched(this.page.release);
  }

  get isUntouched() {
    return same(this.page.work, this.untouched);
  }

  say(...lines) {
    this.said.className = "work-said";
    this.said.replaceChildren(...lines.map((line) => (line.nodeType ? line : make("p", { textContent: line }))));
  }

  warn(...lines) {
    this.say(...lines);
    this.said.className = "work-said work-warning";
    this.box.scrollIntoView({ block: "nearest" });
  }

  export(work = this.page.work) {
    const text = JSON.stringify(toNotebook(this.page.release, work), null, 1) + "\n";
    const address = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
    make("a", { href: address, download: `${this.page.name}.ipynb` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  import(text, file) {
    try {
      const { work, notes } = fromNotebook(text, file, this.page.name, this.page.release, this.index);
      if (!this.replace(work, `before ${file} was imported`)) return;
      const { answers } = this.untouched;
      const written = Object.keys(answers).filter((name) => !same(work.answers[name], answers[name]));
      this.say(`${file} is imported. Answers: ${written.length}. Cells of your own: ${work.own.length}.`, ...notes);
    } catch (error) {
      this.warn(error instanceof Refused ? error.message : `${file} cannot be read as a notebook.`);
    }
  }

  startAgain() {
    if (this.isUntouched) this.say("Nothing is written yet.");
    else if (this.replace(this.untouched, "before Start again")) {
      this.say("Everything is as it was handed out. What you had written is kept as a copy.");
    }
  }

  takeOver() {
    const { work } = this.storage.read();
    this.overtaken = false;
    if (this.replace(work, "in a tab that was overtaken", same(work, this.page.work))) this.say("This is what was saved last.");
  }

  // Show other work, and keep a copy of what is there; returns whether that was possible.
  replace(work, why, isKept = this.isUntouched) {
    try {
      if (!isKept) this.storage.keep(this.page.work, why);
    } catch {
      this.warn("Nothing is changed: this browser cannot keep a copy of what you have written. Export it, and reload the page.");
      return false;
    }
    this.page.show(work);
    this.save();
    this.showCopies();
    return true;
  }

  showCopies() {
    let copies = [];
    try {
      copies = this.storage.copies();
    } catch {} // a browser that keeps nothing
    const open = this.kept.querySelector("details")?.open ?? false;
    this.kept.replaceChildren();
    if (!copies.length) return;
    const title = `Copies kept in this browser (${copies.length}; the newest five)`;
    const list = make("ul", {}, ...copies.map((copy) => this.copyItem(copy)));
    this.kept.append(make("details", { className: "fold", open }, make("summary", { textContent: title }), list));
  }

  copyItem(copy) {
    const when = `${time(copy.saved)}, ${copy.why}`;
    const back = button("Bring back", `Bring back the copy of ${when}`, () => {
      if (this.replace(copy.work, "before a copy was brought back")) this.say(`The copy of ${when} is back.`);
    });
    return make("li", {}, `${when} `, back, button("Export", `Export the copy of ${when}`, () => this.export(copy.work)));
  }

  save() {
    if (this.overtaken) return;
    try {
      this.saved.textContent = `Saved in this browser: ${time(this.storage.write(this.page.work))}`;
      this.unsaved = false;
    } catch {
      this.unsaved = true;
      this.saved.textContent = "Not saved: this browser keeps nothing, or no more. Export your work before you close the page.";
    }
  }

  // Show what was saved, or what is handed out.
  open() {
    let saved = null, blocked = false;
    try {
      saved = this.storage.read();
    } catch {
      blocked = true;
    }
    this.page.show(saved?.work ?? this.untouched);
    this.showCopies();
    if (blocked) this.save(); // which says so
    else this.saved.textContent = saved ? `Saved in this browser: ${time(saved.saved)}` : "Saved in this browser at each change";
  }
}
