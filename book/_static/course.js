// What is wider than its column scrolls inside its own box, and the keyboard must reach that box.
// (The theme does the same for code, tables and outputs.) A formula in a line may break if it must.
function fitColumn() {
  for (const box of document.querySelectorAll(".katex-display, .course-wide")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
  const inline = [...document.querySelectorAll("span.math")];
  for (const formula of inline) formula.classList.remove("breaks");
  const wide = inline.filter((formula) => {
    const line = formula.closest("p, li, dd, td, th, h1, h2, h3, summary, figcaption");
    return line && formula.getBoundingClientRect().right > line.getBoundingClientRect().right + 1;
  });
  for (const formula of wide) formula.classList.add("breaks");
}
window.addEventListener("load", fitColumn);
window.addEventListener("resize", fitColumn);
document.addEventListener("toggle", fitColumn, true);

// On paper everything is open.
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const box of opened) box.open = true;
});
window.addEventListener("afterprint", () => opened.forEach((box) => (box.open = false)));
