// Puts a Run button under each code cell, and one to answer at each exercise. Nothing else is
// loaded before one is pressed.
const NOT_IN_A_BROWSER = {
  "needs-tensorflow": "needs TensorFlow: runs on your machine, not in a browser",
  "needs-cvxpy": "needs CVXPY: runs on your machine, not in a browser",
  "needs-flags": "no browser tells NumPy of an overflow: here it gives no warning",
};

window.addEventListener("DOMContentLoaded", () => {
  const here = new URL(document.documentElement.dataset.content_root, location);
  const cells = [...document.querySelectorAll("div.cell:has(.cell_input)")];
  let chapter;

  // A line with a button below an element. What the button does waits for the rest to load.
  const addBar = (after, text, label, action) => {
    const bar = document.createElement("div");
    bar.className = "cell-bar d-print-none";
    bar.innerHTML = '<span class="cell-said"></span><button type="button" class="cell-run"></button>';
    const [said, button] = bar.children;
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", async () => {
      try {
        if (location.protocol === "file:") throw new Error("file");
        chapter ??= import(new URL("_static/live/chapter.js", here))
          .then((module) => module.makeChapter(cells, here));
        action(await chapter, bar);
      } catch (error) {
        chapter = undefined;
        said.textContent = error.message === "file"
          ? "A browser runs Python only in a page from a server: start one with make serve, or with python3 -m http.server in the folder of the book."
          : `This could not be loaded: ${error.message}`;
      }
    });
    after.after(bar);
    return said;
  };

  cells.forEach((cell, at) => {
    const input = cell.querySelector(".cell_input");
    const said = addBar(input, "Run", `Run cell ${at + 1}`, (chapter) => chapter.cells[at].start());
    const need = [...cell.classList].find((name) => name in NOT_IN_A_BROWSER);
    if (need) said.textContent = NOT_IN_A_BROWSER[need];
  });

  for (const code of document.querySelectorAll("template.answer")) {
    const name = code.closest(".exercise").querySelector(".admonition-title").textContent.trim().replace(/\s+/g, " ");
    addBar(code, "Answer here", `Answer ${name} here`, (chapter, bar) => {
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.innerHTML = '<div class="cell_input"><pre></pre></div>';
      cell.querySelector("pre").append(code.content);
      bar.replaceWith(cell);
      addBar(cell.firstChild, "Run", `Run your answer to ${name}`, () => answer.start());
      const answer = chapter.add(cell, `your answer to ${name}`);
      answer.focus();
    });
  }
});
