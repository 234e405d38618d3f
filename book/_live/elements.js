// What the scripts of a page make of HTML.

export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// `label` is what a screen reader says, where the text alone would not tell one from another.
export function button(text, label, action) {
  const made = make("button", { type: "button", textContent: text, onclick: action });
  if (label) made.setAttribute("aria-label", label);
  return made;
}

export function addStyle() {
  const href = new URL("live.css", import.meta.url);
  document.head.append(make("link", { rel: "stylesheet", href }));
}
