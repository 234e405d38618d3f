// The cells of a homework in its page: to write in, to run, to check.
import { makeEditor } from "./editor.js";
import { button, make } from "./elements.js";
import { join } from "./notebook.js";

// Put an editor for code into a cell.
function editCode(cell, text, page) {
  const input = cell.element.querySelector(".cell_input");
  input.replaceChildren();
  const editor = makeEditor(input, {
    text, label: `Code: ${cell.name}`, onChange: () => page.changed(cell), onRun: () => page.run(cell),
  });
  Object.defineProperty(cell, "text", { get: () => editor.text, set: (text) => (editor.text = text) });
  cell.focus = () => editor.focus();
}

// Put a field for words into a cell. An empty one counts as it was handed out.
function editWords(cell, text, page) {
  const { given = "" } = cell;
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
export function givenCell(element, given, page) {
  const { kind, name = given.id } = element.dataset;
  const text = join(given.source);
  const cell = { element, kind, name, id: given.id, isCode: given.cell_type === "code", given: text, text };
  if (kind === "answer") editCode(cell, text, page);
  if (kind === "words") editWords(cell, text, page);
  if (kind === "words") addBar(cell, page);
  if (["answer", "check", "given"].includes(kind)) {
    const word = kind === "check" ? "Check" : "Run";
    addBar(cell, page, button(word, `${word} ${name}`, () => page.run(cell)));
  }
  return cell;
}

// A cell of the student's own; `raw` is as in a notebook.
export function makeOwn(raw, page) {
  const input = make("div", { className: "cell_input docutils container" });
  const label = make("p", { className: "work-label", textContent: "A cell of your own" });
  const element = make("div", { className: "cell docutils container work-cell work-own" }, label, input);
  Object.assign(element.dataset, { cell: raw.id, kind: "own" });
  const cell = { element, raw, kind: "own", name: `your cell ${raw.id}`, id: raw.id, isCode: raw.cell_type === "code" };
  if (cell.isCode) editCode(cell, raw.source, page);
  else editWords(cell, raw.source, page);
  const run = cell.isCode ? [button("Run", `Run ${cell.name}`, () => page.run(cell))] : [];
  addBar(cell, page, ...run, button("Remove", `Remove ${cell.name}`, () => page.removeCell(cell)));
  return cell;
}

// What an error means in words, for a cell that was handed out; "" if its traceback says more.
export function toldInWords(cell, { ename, evalue }) {
  if (cell.kind === "own") return "";
  if (ename === "NotImplementedError") {
    return cell.kind === "answer" ? "not written yet" : "waits for an answer that is not written yet";
  }
  return cell.kind === "check" && ["AssertionError", "CheckFailed"].includes(ename) ? evalue : "";
}
