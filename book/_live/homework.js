// The page "Work here" of a homework, once Start was pressed: cells to write in, checks, and files.
import { makeEditor } from "./editor.js";
import { Interpreter } from "./engine.js";
import { fromNotebook, isAnswer, join, markOf, ownCell, Refused, toNotebook, untouched } from "./notebook.js";
import { showOutput } from "./outputs.js";
import { makePanel } from "./panel.js";
import { Storage } from "./storage.js";

const FORGET = "%reset -s -f"; // all that cells have defined

const time = (iso) => new Date(iso).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function button(text, label, action) {
  const made = make("button", { type: "button", textContent: text, onclick: action });
  if (label) made.setAttribute("aria-label", label);
  return made;
}

// Cells -------------------------------------------------------------------------------------

// Put an editor for code into a cell.
function editCode(cell, text, page) {
  const input = cell.element.querySelector(".cell_input");
  input.replaceChildren();
  const editor = makeEditor(input, {
    text, label: `Code: ${cell.name}`, onChange: () => page.changed(cell), onRun: () => page.run([cell]),
  });
  Object.defineProperty(cell, "text", { get: () => editor.text, set: (text) => (editor.text = text) });
  cell.focus = () => editor.focus();
}

// Put a field for words into a cell. An empty one counts as it was handed out.
function editWords(cell, text, page, given = "") {
  const field = make("textarea", { rows: 8, placeholder: "Your answer", oninput: () => page.changed(cell) });
  field.setAttribute("aria-label", `Your answer in words: ${cell.name}`);
  cell.element.querySelector(".work-words-given, .cell_input").replaceChildren(field);
  Object.defineProperty(cell, "text", {
    get: () => (field.value.trim() ? field.value : given),
    set: (text) => (field.value = text === given ? "" : text),
  });
  cell.text = text;
  cell.focus = () => field.focus();
}

// Put a bar with the state of a cell and its buttons under it.
function addBar(cell, page, ...buttons) {
  cell.said = make("span", { className: "cell-said" });
  const below = button("+ cell", `Add a cell below ${cell.name}`, () => page.addCell(cell));
  cell.element.append(make("div", { className: "cell-bar d-print-none" }, cell.said, ...buttons, below));
}

// A cell that was handed out; `given` is the cell of its notebook.
function givenCell(element, given, page) {
  const { kind, name = given.id } = element.dataset;
  const cell = { element, kind, name, id: given.id, isCode: given.cell_type === "code", text: join(given.source) };
  if (kind === "answer") editCode(cell, cell.text, page);
  if (kind === "words") editWords(cell, cell.text, page, cell.text);
  if (kind === "words") addBar(cell, page);
  if (["answer", "check", "given"].includes(kind)) {
    const word = kind === "check" ? "Check" : "Run";
    addBar(cell, page, button(word, `${word} ${name}`, () => page.run([cell])));
  }
  return cell;
}

// A cell of the student's own; `raw` is as in a notebook.
function makeOwn(raw, page) {
  const input = make("div", { className: "cell_input docutils container" });
  const label = make("p", { className: "work-label", textContent: "A cell of your own" });
  const element = make("div", { className: "cell docutils container work-cell work-own" }, label, input);
  Object.assign(element.dataset, { cell: raw.id, kind: "own" });
  const cell = { element, raw, kind: "own", name: `your cell ${raw.id}`, id: raw.id, isCode: raw.cell_type === "code" };
  if (cell.isCode) editCode(cell, raw.source, page);
  else editWords(cell, raw.source, page);
  const run = cell.isCode ? [button("Run", `Run ${cell.name}`, () => page.run([cell]))] : [];
  addBar(cell, page, ...run, button("Remove", `Remove ${cell.name}`, () => page.removeCell(cell)));
  return cell;
}

// The page ----------------------------------------------------------------------------------

class Page {
  constructor(section, here, release, index) {
    Object.assign(this, { section, release, index, name: section.dataset.name, own: new Map(), showing: false });
    this.storage = new Storage(this.name);
    this.interpreter = new Interpreter(new URL("_live/", here));
    this.elements = new Map([...section.querySelectorAll("[data-cell]")].map((e) => [e.dataset.cell, e]));
    this.given = new Map(release.cells.map((cell) => [cell.id, givenCell(this.elements.get(cell.id), cell, this)]));
    this.files = this.makeFiles();
    this.panel = makePanel(this.interpreter, { "Run all": () => this.runAll() });
    this.counted = make("p", { className: "work-count" });
    this.counted.setAttribute("role", "status");
    document.querySelector(".live-panel").prepend(this.counted);
    this.listen();
  }

  listen() {
    this.interpreter.addEventListener("restarted", () => this.cells.forEach((cell) => delete cell.ran));
    this.storage.addEventListener("elsewhere", () =>
      this.warn("This homework is open in another tab as well. Write in one of them only, and close the other."));
    this.storage.addEventListener("overtaken", () => {
      this.overtaken = true;
      this.warn("Another tab has saved this homework. This one saves no more, so that nothing is written over.",
        button("Show here what is saved", "", () => this.takeOver()));
    });
    addEventListener("beforeunload", (event) => this.unsaved && event.preventDefault());
  }

  // All cells as they stand in the page.
  get cells() {
    const elements = [...this.section.querySelectorAll("[data-cell]")];
    return elements.map(({ dataset: { cell } }) => this.own.get(cell) ?? this.given.get(cell));
  }

  // What is written in the page now.
  get work() {
    const answers = {}, own = [];
    let after = null;
    for (const cell of this.cells) {
      if (cell.kind === "own") own.push({ after, cell: { ...cell.raw, source: cell.text } });
      else after = cell.id;
      const { attachments } = cell;
      if (cell.kind === "answer" || cell.kind === "words") {
        answers[cell.name] = { source: cell.text, ...(attachments && { attachments }) };
      }
    }
    return { answers, own };
  }

  get isUntouched() {
    return same(this.work, untouched(this.release));
  }

  // Put work into the page, in place of what is there.
  show(work) {
    this.showing = true;
    for (const cell of this.own.values()) cell.element.remove();
    this.own.clear();
    for (const cell of this.given.values()) {
      const { source, attachments } = work.answers[cell.name] ?? {};
      if (source !== undefined && source !== cell.text) cell.text = source;
      cell.attachments = attachments;
      cell.element.querySelector(":scope > .cell_output")?.remove();
      this.judge(cell, "", "");
    }
    const last = new Map(); // the cell below which the next own one goes
    for (const { after, cell } of work.own) {
      const above = last.get(after) ?? this.elements.get(after);
      const own = this.insert(cell, above ?? (after === null ? null : [...this.elements.values()].at(-1)));
      last.set(after, own.element);
    }
    this.showing = false;
    this.count();
  }

  insert(raw, above) {
    const cell = makeOwn(raw, this);
    this.own.set(raw.id, cell);
    if (above) above.after(cell.element);
    else this.elements.values().next().value.before(cell.element);
    return cell;
  }

  addCell(above) {
    const taken = new Set([...this.elements.keys(), ...this.own.keys()]);
    const cell = this.insert(ownCell("code", "", taken), above.element);
    cell.focus();
    this.save();
  }

  removeCell(cell) {
    if (cell.text.trim() && !confirm("Remove this cell and what is written in it?")) return;
    const above = this.cells[this.cells.indexOf(cell) - 1];
    cell.element.remove();
    this.own.delete(cell.id);
    above?.element.querySelector(":scope > .cell-bar button:last-child")?.focus();
    this.changed(cell);
  }

  // Checks below a change have to run again.
  changed(cell) {
    if (this.showing) return;
    const cells = this.cells;
    for (const other of cells.slice(Math.max(cells.indexOf(cell), 0))) {
      if (other.kind === "check" && other.state && cell.isCode) this.judge(other, "", "changed since it ran");
    }
    this.count();
    this.save();
  }

  // Running -------------------------------------------------------------------------------

  // What has to run for a cell: what is new or changed above it, and from there on the cells that were
  // handed out, as from top to bottom. Checks above run only when asked.
  upTo(target) {
    const needed = [];
    for (const cell of this.cells) {
      if (cell === target) break;
      const isRun = cell.isCode && ["given", "answer", "own"].includes(cell.kind);
      if (isRun && (cell.ran !== cell.text || (needed.length && cell.kind !== "own"))) needed.push(cell);
    }
    return [...needed, target];
  }

  async run([target]) {
    await this.runEach(this.upTo(target));
  }

  async runAll() {
    this.cells.forEach((cell) => delete cell.ran);
    const forgotten = this.interpreter.run(FORGET, () => {});
    await this.runEach(this.cells.filter((cell) => cell.isCode && cell.kind !== "graded"), forgotten);
  }

  async runEach(cells, first) {
    try {
      await Promise.all([first, ...cells.map((cell) => this.execute(cell))]);
    } catch (error) {
      cells.forEach((cell) => cell.said.textContent === "waits" && this.judge(cell, "", ""));
      this.panel.fail(error);
    }
    this.count();
  }

  async execute(cell) {
    const { text } = cell;
    let box = cell.element.querySelector(":scope > .cell_output"), failure, began = false;
    if (!box) cell.element.append((box = make("div", { className: "cell_output docutils container" })));
    this.judge(cell, "", "waits");
    const result = await this.interpreter.run(text, (output) => {
      if (!began) box.replaceChildren();
      began = true;
      if (output.output_type === "error") failure = output;
      if (output.output_type !== "error" || !toldInWords(cell, output)) showOutput(box, output, `Figure of ${cell.name}`);
    }, () => this.judge(cell, "", "runs"));
    if (!began) box.replaceChildren();
    result.stopped ||= failure?.ename === "KeyboardInterrupt";
    if (!result.stopped) cell.ran = text;
    this.report(cell, box, result, failure);
    if (!box.childElementCount) box.remove();
  }

  // Say how a cell ended: a check in the words of its message.
  report(cell, box, { passed, stopped, seconds }, failure) {
    const words = failure && toldInWords(cell, failure);
    if (stopped) this.judge(cell, "", "stopped");
    else if (failure?.needs) this.judge(cell, "needs", `needs ${failure.needs}: runs on your machine, not in a browser`);
    else if (failure?.ename === "NotImplementedError" && words) this.judge(cell, "waits", words);
    else if (cell.kind === "check") this.judge(cell, passed ? "passed" : "failed", passed ? "✓ passed" : "✗ failed");
    else this.judge(cell, "", `${passed ? "" : "failed, "}${seconds.toFixed(1)} s`);
    if (words && cell.state === "failed") box.prepend(make("pre", { className: "work-message", textContent: words }));
    this.count();
  }

  judge(cell, state, words) {
    cell.state = state;
    cell.element.dataset.state = state;
    if (cell.said) cell.said.textContent = words;
  }

  count() {
    const checks = this.cells.filter((cell) => cell.kind === "check");
    const number = (state) => checks.filter((cell) => cell.state === state).length;
    const needs = number("needs");
    const words = `${number("passed")} of ${checks.length} visible checks pass` +
      (needs ? `, ${needs} need ${this.section.dataset.needs}` : "");
    if (this.counted.textContent !== words) this.counted.textContent = words;
  }

  // Files -----------------------------------------------------------------------------------

  makeFiles() {
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

  say(...lines) {
    this.said.className = "work-said";
    this.said.replaceChildren(...lines.map((line) => (line.nodeType ? line : make("p", { textContent: line }))));
  }

  warn(...lines) {
    this.say(...lines);
    this.said.className = "work-said work-warning";
    this.files.scrollIntoView({ block: "nearest" });
  }

  export(work = this.work) {
    const text = JSON.stringify(toNotebook(this.release, work), null, 1) + "\n";
    const address = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
    make("a", { href: address, download: `${this.name}.ipynb` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  import(text, file) {
    try {
      const { work, notes } = fromNotebook(text, file, this.name, this.release, this.index);
      if (!this.replace(work, `before ${file} was imported`)) return;
      const answers = Object.keys(work.answers).filter((id) => !same(work.answers[id], untouched(this.release).answers[id]));
      const counts = `${answers.length} answers and ${work.own.length} cells of your own`;
      this.say(`${file} is imported: ${counts}.`, ...notes);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.warn(error.message);
    }
  }

  startAgain() {
    if (this.isUntouched) this.say("Nothing is written yet.");
    else if (this.replace(untouched(this.release), "before Start again")) {
      this.say("Everything is as it was handed out. What you had written is kept as a copy.");
    }
  }

  takeOver() {
    const { work } = this.storage.read();
    this.overtaken = false;
    if (this.replace(work, "in a tab that was overtaken", same(work, this.work))) this.say("This is what was saved last.");
  }

  // Show other work, and keep a copy of what is there; returns whether that was possible.
  replace(work, why, isKept = this.isUntouched) {
    try {
      if (!isKept) this.storage.keep(this.work, why);
    } catch {
      this.warn("Nothing is changed: this browser cannot keep a copy of what you have written. Export it, and reload the page.");
      return false;
    }
    this.show(work);
    this.save();
    this.showCopies();
    return true;
  }

  // The list of copies.
  showCopies() {
    const copies = this.storage.copies();
    const items = copies.map((copy) => {
      const when = `${time(copy.saved)}, ${copy.why}`;
      return make("li", {}, `${when} `,
        button("Bring back", `Bring back the copy of ${when}`, () => {
          if (this.replace(copy.work, "before a copy was brought back")) this.say(`The copy of ${when} is back.`);
        }),
        button("Export", `Export the copy of ${when}`, () => this.export(copy.work)));
    });
    const title = `Copies kept in this browser (${copies.length}; the newest five)`;
    const open = this.kept.querySelector("details")?.open ?? false;
    this.kept.replaceChildren();
    if (!copies.length) return;
    this.kept.append(make("details", { className: "fold", open }, make("summary", { textContent: title }), make("ul", {}, ...items)));
  }

  save() {
    if (this.overtaken) return;
    try {
      this.saved.textContent = `Saved in this browser: ${time(this.storage.write(this.work))}`;
      this.unsaved = false;
    } catch {
      this.unsaved = true;
      this.saved.textContent = "Not saved: this browser keeps nothing, or no more. Export your work before you close the page.";
    }
  }

  // Begin with what was saved, or with what is handed out.
  open() {
    let saved;
    try {
      saved = this.storage.read();
      this.showCopies();
    } catch {
      this.unsaved = true;
    }
    this.show(saved?.work ?? untouched(this.release));
    if (saved) this.saved.textContent = `Saved in this browser: ${time(saved.saved)}`;
    else if (!this.unsaved) this.saved.textContent = "Saved in this browser at each change";
    else this.save();
    this.interpreter.start().catch((error) => this.panel.fail(error));
  }
}

// What an error means in words, for a cell that was handed out; "" if its traceback says more.
function toldInWords(cell, { ename, evalue }) {
  if (cell.kind === "own") return "";
  if (ename === "NotImplementedError") {
    return cell.kind === "answer" ? "not written yet" : "waits for an answer that is not written yet";
  }
  return cell.kind === "check" && ["AssertionError", "CheckFailed"].includes(ename) ? evalue : "";
}

async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.pathname}: ${answer.status} ${answer.statusText}`);
  return answer.json();
}

export async function begin(here) {
  const section = document.getElementById("work");
  const homework = new URL("_live/homework/", here);
  const files = [`${section.dataset.name}.ipynb`, "index.json"].map((name) => load(new URL(name, homework)));
  const [release, index] = await Promise.all(files);
  const style = make("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url) });
  document.head.append(style);
  const page = new Page(section, here, release, index);
  page.open();
  document.getElementById("work-start-box").hidden = true;
  page.files.querySelector("button").focus();
  return page;
}
