// The cells of a chapter, once somebody pressed Run: editors, outputs, and one interpreter.
import { makeEditor } from "./editor.js";
import { Interpreter } from "./engine.js";
import { showOutput } from "./outputs.js";
import { makePanel } from "./panel.js";

function button(text, label, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", action);
  return made;
}

// One cell of the page; `run` gives what the interpreter gave.
function makeCell(element, number, interpreter, actions) {
  const input = element.querySelector(".cell_input");
  const bar = element.querySelector(".cell-bar");
  const said = bar.querySelector(".cell-said");
  const original = input.querySelector("pre").textContent.replace(/\n$/, "");
  const shown = [...input.children];
  input.replaceChildren();
  const editor = makeEditor(input, {
    text: original,
    label: `Code of cell ${number}`,
    onRun: () => actions.run(cell),
    onChange: () => (reset.hidden = editor.text === original),
  });
  const reset = button("Reset", `Reset cell ${number} to the code of the page`, () => {
    editor.text = original;
    editor.focus();
  });
  reset.hidden = true;
  const above = button("Run all above", `Run all cells above cell ${number}`, () => actions.above(cell));
  above.hidden = number === 1;
  bar.querySelector(".cell-run").before(reset, above);

  const cell = {
    element, said, ran: false,
    async run() {
      let box = element.querySelector(".cell_output");
      if (!box) {
        box = document.createElement("div");
        box.className = "cell_output docutils container";
        element.append(box);
      }
      const show = inPlaceOf(box, editor.text === original);
      said.textContent = "waits";
      element.classList.add("waits");
      const result = await interpreter.run(editor.text, show, () => (said.textContent = "runs"));
      show.end();
      element.classList.remove("waits");
      this.ran = result.passed;
      said.textContent = result.stopped ? "stopped" : `${result.passed ? "" : "failed, "}${result.seconds.toFixed(1)} s`;
      return result;
    },
    dispose() {
      input.replaceChildren(...shown);
    },
  };
  return cell;
}

// Return what shows new outputs in the place of the old ones: these go when the first new one
// comes, or at the end. A figure keeps its frame, its caption and, unless the code changed, its words.
function inPlaceOf(box, unchanged) {
  const frames = [...box.querySelectorAll("figure")];
  const pictures = [...box.querySelectorAll("img, [role=img]")];
  let cleared = false;
  const clear = () => {
    if (!cleared) box.replaceChildren();
    cleared = true;
  };
  const show = (output) => {
    clear();
    const drawn = output.data && (output.data["text/html"] || Object.keys(output.data).some((kind) => kind.startsWith("image/")));
    const old = drawn ? pictures.shift() : undefined;
    const words = old?.alt || old?.getAttribute("aria-label");
    const alt = unchanged && words ? words : "Figure that the changed code drew";
    const frame = drawn ? frames.shift() : undefined;
    if (!frame) return showOutput(box, output, alt);
    frame.replaceChildren(...frame.querySelectorAll("figcaption"));
    const holder = document.createElement("div");
    showOutput(holder, output, alt);
    const wide = old?.closest(".course-wide");
    if (wide) holder.querySelector(".course-wide")?.setAttribute("style", wide.getAttribute("style") ?? "");
    frame.prepend(...holder.children);
    box.append(frame);
  };
  show.end = clear;
  return show;
}

export async function makeChapter(elements, here) {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = new URL("live.css", import.meta.url);
  document.head.append(style);
  const interpreter = new Interpreter(new URL("_live/", here));
  const runAll = async (some) => {
    for (const result of some.map((cell) => cell.run())) {
      if ((await result).stopped) break;
    }
  };
  const actions = {
    run: (cell) => cell.run().then((result) => {
      if (!result.passed && cells.slice(0, cells.indexOf(cell)).some((other) => !other.ran)) {
        cell.said.textContent += "; cells above have not run";
      }
    }, (error) => panel.fail(error)),
    above: (cell) => runAll(cells.slice(0, cells.indexOf(cell))).catch((error) => panel.fail(error)),
  };
  const cells = elements.map((element, at) => makeCell(element, at + 1, interpreter, actions));
  const panel = makePanel(interpreter, { "Run all": () => runAll(cells).catch((error) => panel.fail(error)) });
  interpreter.addEventListener("restarted", () => cells.forEach((cell) => (cell.ran = false)));
  return { run: (at) => actions.run(cells[at]), cells, interpreter };
}
