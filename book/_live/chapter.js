// The cells of a chapter, once somebody pressed Run: editors, outputs, and one interpreter.
import { makeEditor } from "./editor.js";
import { addStyle, button, make } from "./elements.js";
import { Interpreter } from "./engine.js";
import { showOutput } from "./outputs.js";
import { makePanel } from "./panel.js";

// One cell of the page, called `name`; `run` gives what the interpreter gave.
function makeCell(element, name, interpreter, actions) {
  const input = element.querySelector(".cell_input");
  const bar = element.querySelector(".cell-bar");
  const said = bar.querySelector(".cell-said");
  const need = said.textContent; // what is in no browser
  const figures = dress(element);
  const original = input.querySelector("pre").textContent.replace(/\n$/, "");
  input.replaceChildren();
  const editor = makeEditor(input, {
    text: original,
    label: `Code of ${name}`,
    onRun: () => actions.start(cell),
    onChange: () => (reset.hidden = editor.text === original),
  });
  const reset = button("Reset", `Reset ${name} to the code of the page`, () => {
    editor.text = original;
    element.querySelector(".cell_output")?.replaceChildren(...figures.shown);
    said.textContent = "";
    editor.focus();
  });
  reset.hidden = true;
  const above = button("Run all above", `Run all cells above ${name}`, () => actions.above(cell));
  above.hidden = !actions.before({ element }).length;
  bar.querySelector(".cell-run").before(reset, above);

  const cell = {
    element, name, said, ran: false,
    start: () => actions.start(cell),
    focus: () => editor.focus(),
    async run() {
      let box = element.querySelector(".cell_output");
      if (!box) element.append((box = make("div", { className: "cell_output docutils container" })));
      const show = inPlaceOf(box, figures, editor.text === original);
      said.textContent = "waits";
      element.classList.add("waits");
      let result;
      try {
        result = await interpreter.run(editor.text, show, () => (said.textContent = "runs"));
      } finally {
        element.classList.remove("waits");
        said.textContent = "";
      }
      if (!result.stopped) show.end();
      cell.ran = result.passed;
      const time = `${result.passed ? "" : "failed, "}${result.seconds.toFixed(1)} s`;
      said.textContent = result.stopped ? "stopped" : (!result.passed && need) || time;
      return result;
    },
  };
  interpreter.addEventListener("restarted", () => {
    if (cell.ran) said.textContent = "not run since Python started anew";
    cell.ran = false;
  });
  return cell;
}

// What the page shows of itself: outputs, what stands around its figures, and what these say in words.
function dress(element) {
  const box = element.querySelector(".cell_output");
  const pictures = [...(box?.querySelectorAll("img, [role=img]") ?? [])];
  return {
    shown: [...(box?.childNodes ?? [])],
    frames: [...(box?.querySelectorAll("figure") ?? [])].map((frame) => frame.cloneNode(true)),
    wide: pictures.map((picture) => picture.closest(".course-wide")?.getAttribute("style") ?? ""),
    words: pictures.map((picture) => picture.alt ?? picture.getAttribute("aria-label")),
  };
}

// Return what shows new outputs in the place of the old ones, which go when the first comes, or at
// the end. A figure gets the frame of the page's and, unless the code changed, its words.
function inPlaceOf(box, { frames, wide, words }, unchanged) {
  let cleared = false, count = 0;
  const clear = () => {
    if (!cleared) box.replaceChildren();
    cleared = true;
  };
  const isFigure = ({ data = {} }) => Object.keys(data).some((kind) => /^image|html$/.test(kind));
  const show = (output) => {
    clear();
    if (!isFigure(output)) return showOutput(box, output);
    const at = count++;
    const alt = unchanged && words[at] ? words[at] : "Figure that the changed code drew";
    const holder = make("div");
    showOutput(holder, output, alt);
    holder.querySelector(".course-wide")?.setAttribute("style", wide[at] ?? "");
    if (unchanged && words[at]) holder.querySelector("[role=img]")?.setAttribute("aria-label", alt);
    const frame = frames[at]?.cloneNode(true);
    frame?.replaceChildren(...holder.children, ...frame.querySelectorAll("figcaption"));
    box.append(...(frame ? [frame] : holder.children));
  };
  show.end = clear;
  return show;
}

export async function makeChapter(elements, here) {
  addStyle();
  const interpreter = new Interpreter(new URL("_live/", here));
  const runAll = async (some) => {
    let failed;
    try {
      for (const [at, result] of some.map((cell) => cell.run()).entries()) {
        const { passed, stopped } = await result;
        failed ??= passed ? undefined : some[at];
        if (stopped) break;
      }
      if (some.length) panel.say(failed ? `${failed.name}: ${failed.said.textContent}.` : `${some.at(-1).name} has run.`);
    } catch (error) {
      panel.fail(error);
    }
  };
  const actions = {
    // The cells of the page that stand before this one.
    before: ({ element }) => cells.filter((other) =>
      other.element.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
    above: (cell) => runAll(actions.before(cell)),
    async start(cell) {
      await runAll([cell]);
      if (!cell.ran && cell.said.textContent.startsWith("failed") && actions.before(cell).some((other) => !other.ran)) {
        const textContent = "Cells above have not run: press Run all above, then Run.";
        cell.element.querySelector(".cell_output").prepend(make("p", { className: "cell-note", textContent }));
      }
    },
  };
  const cells = [];
  for (const element of elements) {
    cells.push(makeCell(element, `cell ${cells.length + 1}`, interpreter, actions));
  }
  const panel = makePanel(interpreter, { "Run all": () => runAll(cells) });
  const add = (element, name) => makeCell(element, name, interpreter, actions);
  return { cells, add, interpreter };
}
