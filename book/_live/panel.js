// What stands at the foot of the window while a page runs Python: its state, and Stop.
import { button } from "./elements.js";

export function makePanel(interpreter, actions) {
  const panel = document.createElement("section");
  panel.className = "live-panel d-print-none";
  panel.setAttribute("aria-label", "Python in this page");
  panel.innerHTML = `<p role="status"></p><p class="live-load" hidden><progress aria-label="loaded"></progress>
    <span></span></p><div><button type="button" class="live-stop">Stop</button></div>`;
  const [said, load, buttons] = panel.children;
  const [progress, megabytes] = load.children;
  const stop = buttons.firstElementChild;
  stop.addEventListener("click", () => {
    if (interpreter.state === "running") said.textContent = "Stopping.";
    interpreter.stop();
  });
  actions = { ...actions, Restart: () => interpreter.restart() };
  buttons.append(...Object.entries(actions).map(([text, action]) => button(text, "", action)));
  document.body.append(panel);

  const words = {
    loading: "Python is loading.", ready: "Python is ready.", running: "Python runs.", off: "",
  };
  let note = "";
  interpreter.addEventListener("state", ({ detail: { state } }) => {
    panel.dataset.state = state;
    stop.disabled = !["loading", "running"].includes(state);
    load.hidden = state !== "loading";
    if (state === "running") note = "";
    said.textContent = note || words[state];
  });
  interpreter.addEventListener("progress", ({ detail: { loaded, total } }) => {
    const [some, all] = [loaded, total].map((bytes) => (bytes / 1e6).toFixed(0));
    progress.max = total;
    progress.value = Math.min(loaded, total);
    megabytes.textContent = `${some} of ${all} MB`;
  });
  interpreter.addEventListener("restarted", ({ detail: { why } }) => (said.textContent = note = why));
  return {
    // Say how a run ended; it stands until the next begins.
    say(text) {
      if (interpreter.state === "ready") said.textContent = note = text;
    },
    fail(error) {
      panel.dataset.state = "off";
      load.hidden = true;
      const away = error.runtime && new URL(error.runtime).origin !== location.origin;
      said.textContent = away
        ? `Python could not be loaded from ${error.runtime} (${error.message}). Without a network, build the book with the interpreter beside it: make book LIVE=1.`
        : `Python could not be loaded: ${error.message}`;
    },
  };
}
