// Outputs of cells as the built page shows them.

const COLOURS = /\x1b\[[0-9;]*m/g;

const joined = (value) => (Array.isArray(value) ? value.join("") : value);

function textBox(kind, text) {
  const box = document.createElement("div");
  box.className = `output ${kind} highlight-none notranslate`;
  box.innerHTML = '<div class="highlight"><pre></pre></div>';
  box.querySelector("pre").textContent = text;
  return box;
}

// What is long scrolls in its own box, which the keyboard must reach.
function fold(pre) {
  if (pre.textContent.length < 10_000) return;
  pre.classList.add("long");
  pre.tabIndex = 0;
}

// Scripts that are set as HTML do not run: put copies in their places.
function htmlBox(html) {
  const box = document.createElement("div");
  box.className = "output text_html";
  box.innerHTML = html;
  for (const old of box.querySelectorAll("script")) {
    const script = document.createElement("script");
    for (const { name, value } of old.attributes) script.setAttribute(name, value);
    script.textContent = old.textContent;
    old.replaceWith(script);
  }
  return box;
}

// book/_ext/pictures.py: pixels keep their colours by night, line drawings are turned.
function pictureBox(kind, data, alt) {
  const box = document.createElement("div");
  const image = document.createElement("img");
  const isSvg = kind === "image/svg+xml";
  box.className = "output course-wide";
  image.alt = alt;
  if (!isSvg || /<image\b|id="QuadMesh/.test(data)) image.className = "bitmap";
  const address = isSvg ? `charset=utf-8,${encodeURIComponent(data)}` : `base64,${data}`;
  image.src = `data:${kind};${address}`;
  box.append(image);
  return box;
}

// Append one output to a box. `alt` says what a picture shows.
export function showOutput(box, output, alt = "Figure that this cell drew") {
  const last = box.lastElementChild;
  switch (output.output_type) {
    case "clear_output":
      box.replaceChildren();
      break;
    case "stream": {
      const kind = output.name === "stderr" ? "stderr" : "stream";
      const text = joined(output.text);
      if (last?.classList.contains(kind)) last.querySelector("pre").append(text);
      else box.append(textBox(kind, text));
      fold(box.lastElementChild.querySelector("pre"));
      break;
    }
    case "error": {
      box.append(textBox("traceback", output.traceback.join("\n").replace(COLOURS, "").replace(/^-{20,}\n/, "")));
      break;
    }
    default: {
      const data = output.data;
      const picture = ["image/svg+xml", "image/png", "image/jpeg"].find((kind) => data[kind]);
      if (data["text/html"]) box.append(htmlBox(joined(data["text/html"])));
      else if (picture) box.append(pictureBox(picture, joined(data[picture]), alt));
      else box.append(textBox("text_plain", joined(data["text/plain"] ?? "")));
    }
  }
}
