// The page "Work here" of a homework, once Start was pressed: its cells, and how they run.
import { givenCell, makeOwn, toldInWords } from "./cells.js";
import { addStyle, make } from "./elements.js";
import { Interpreter } from "./engine.js";
import { Files } from "./files.js";
import { fitted, ownCell } from "./notebook.js";
import { showOutput } from "./outputs.js";
import { makePanel } from "./panel.js";

const FORGET = "%reset -s -f"; // all that cells have defined

class Page {
  constructor(section, here, release, index) {
    Object.assign(this, { section, release, name: section.dataset.name, own: new Map(), showing: false });
    this.interpreter = new Interpreter(new URL("_live/", here));
    this.elements = new Map([...section.querySelectorAll("[data-cell]")].map((e) => [e.dataset.cell, e]));
    this.given = new Map(release.cells.map((cell) => [cell.id, givenCell(this.elements.get(cell.id), cell, this)]));
    this.files = new Files(this, index);
    this.panel = makePanel(this.interpreter, { "Run all": () => this.runAll() });
    this.counted = make("p", { className: "work-count" });
    this.counted.setAttribute("role", "status");
    document.querySelector(".live-panel").prepend(this.counted);
    this.interpreter.addEventListener("restarted", () => this.cells.forEach((cell) => delete cell.ran));
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

  // Put work into the page, in place of what is there.
  show(saved) {
    const work = fitted(saved, this.release);
    this.showing = true;
    for (const cell of this.own.values()) cell.element.remove();
    this.own.clear();
    for (const cell of this.given.values()) {
      const { source = cell.given, attachments } = work.answers[cell.name] ?? {};
      if (source !== cell.text) cell.text = source;
      cell.attachments = attachments;
      cell.element.querySelector(":scope > .cell_output")?.remove();
      this.judge(cell, "", "");
    }
    const last = new Map(this.elements); // the element below which the next one goes; null: on top
    for (const { after, cell } of work.own) {
      last.set(after, this.insert(cell, last.get(after)).element);
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
    this.files.save();
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
    this.files.save();
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

  async run(target) {
    await this.runEach(this.upTo(target));
    this.panel.say(`${target.name}: ${target.said.textContent}`);
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
  addStyle();
  const page = new Page(section, here, release, index);
  page.files.open();
  page.interpreter.start().catch((error) => page.panel.fail(error));
  document.getElementById("work-start-box").hidden = true;
  page.files.box.querySelector("button").focus();
  return page;
}
