// A formula wider than its column scrolls inside its own box; the keyboard must reach that box too.
// (The theme does the same for code, tables and outputs.)
function reachWideFormulas() {
  for (const box of document.querySelectorAll(".katex-display")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
window.addEventListener("load", reachWideFormulas);
window.addEventListener("resize", reachWideFormulas);
document.addEventListener("toggle", reachWideFormulas, true);
document.addEventListener("click", () => requestAnimationFrame(reachWideFormulas));
