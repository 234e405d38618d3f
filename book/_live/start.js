// Puts a Run button under each code cell. Nothing else is loaded before one is pressed.
const NOT_IN_A_BROWSER = {
  "needs-tensorflow": "needs TensorFlow: runs on your machine, not in a browser",
  "needs-cvxpy": "needs CVXPY: runs on your machine, not in a browser",
  "needs-flags": "no browser tells NumPy of an overflow: here it gives no warning",
};

window.addEventListener("DOMContentLoaded", () => {
  const here = new URL(document.documentElement.dataset.content_root, location);
  const cells = [...document.querySelectorAll("div.cell:has(.cell_input)")];
  let chapter;
  const load = () =>
    import(new URL("_static/live/chapter.js", here)).then((module) => module.makeChapter(cells, here));

  cells.forEach((cell, at) => {
    const bar = document.createElement("div");
    bar.className = "cell-bar d-print-none";
    bar.innerHTML = '<span class="cell-said"></span><button type="button" class="cell-run">Run</button>';
    const [said, button] = bar.children;
    button.setAttribute("aria-label", `Run cell ${at + 1}`);
    const need = [...cell.classList].find((name) => name in NOT_IN_A_BROWSER);
    if (need) said.textContent = NOT_IN_A_BROWSER[need];
    button.addEventListener("click", async () => {
      try {
        if (location.protocol === "file:") throw new Error("file");
        (await (chapter ??= load())).run(at);
      } catch (error) {
        chapter = undefined;
        said.textContent = error.message === "file"
          ? "A browser runs Python only in a page from a server: start one with make serve."
          : `This could not be loaded: ${error.message}`;
      }
    });
    cell.querySelector(".cell_input").after(bar);
  });
});
