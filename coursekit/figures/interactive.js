// Steps, plays and scrubs a figure that is already on the page as SVG.
//
// <descent-player data-player='{"name": …, "play": …, "heads": […], "rows": [[…], …]}'> holds
//   .dp-layer   one per frame; the frame's layer is shown
//   .dp-trace   a line that grows: data-n says how many of its points each frame shows;
//               frame k brings its k-th mark, and .dp-ball sits on the last point shown
//   .dp-head, .dp-value   the texts of the frame (heads[i], and rows[r][i] for the r-th value)
// With data-grid='{"names": […, …], "values": [[…], […]]}' there is a slider for each name, and
// the frames are the pairs of values, those with the same first value one after the other.
// Without this script the page shows one finished frame and no dead buttons.

if (!customElements.get("descent-player")) {
  const ICONS = {
    back: "M11.5 2.5v11L4.5 8z M3 2.5h1.6v11H3z",
    play: "M4 2l10 6-10 6z",
    pause: "M3.5 2.5h3.2v11H3.5z M9.3 2.5h3.2v11H9.3z",
    forward: "M4.5 2.5v11l7-5.5z M11.4 2.5H13v11h-1.6z",
  };

  const button = (label, icon, action) => {
    const b = document.createElement("button");
    b.type = "button";
    b.onclick = action;
    b.append(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    b.firstChild.setAttribute("viewBox", "0 0 16 16");
    b.firstChild.setAttribute("aria-hidden", "true");
    b.firstChild.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    face(b, label, icon);
    return b;
  };

  const face = (b, label, icon) => {
    b.title = label;
    b.setAttribute("aria-label", label);
    b.firstChild.firstChild.setAttribute("d", ICONS[icon]);
  };

  class DescentPlayer extends HTMLElement {
    connectedCallback() {
      // While the page is being parsed, the element is here before its children are.
      if (document.readyState === "loading")
        document.addEventListener("DOMContentLoaded", () => this.start(), { once: true });
      else this.start();
    }

    disconnectedCallback() {
      this.pause();
    }

    start() {
      if (this.sliders || !this.isConnected) return; // moved in the page: already running
      this.data = JSON.parse(this.dataset.player);
      this.grid = JSON.parse(this.dataset.grid ?? "null") ?? {
        names: [this.data.name],
        values: [this.data.heads],
      };
      this.last = this.data.heads.length - 1;
      this.head = this.querySelector(".dp-head");
      this.live = this.querySelector(".dp-readout");
      this.values = [...this.querySelectorAll(".dp-value")];
      this.layers = [...this.querySelectorAll(".dp-layer")];
      this.traces = [...this.querySelectorAll(".dp-trace")].map((g) => ({
        line: g.querySelector("polyline"),
        points: g.querySelector("polyline").getAttribute("points").split(" "),
        shown: g.dataset.n.split(" ").map(Number),
        dots: [...g.querySelectorAll(".dp-start, .dp-mark")],
        ball: g.querySelector(".dp-ball"),
      }));
      this.querySelector(".dp-plot").after(this.controls());
      this.show(0);
    }

    controls() {
      const bar = document.createElement("div");
      bar.className = "dp-controls";
      this.sliders = this.grid.names.map((name, n) => {
        const slider = document.createElement("input");
        const max = this.grid.values[n].length - 1;
        Object.assign(slider, { type: "range", min: 0, max, step: 1, value: 0 });
        slider.setAttribute("aria-label", name);
        slider.oninput = () => this.go(this.chosen());
        return slider;
      });
      if (this.data.play) {
        this.toggle = button("play", "play", () => (this.timer ? this.pause() : this.play()));
        bar.append(
          button("step back", "back", () => this.go(this.frame - 1)),
          this.toggle,
          button("step forward", "forward", () => this.go(this.frame + 1)),
        );
      }
      if (this.sliders.length > 1)
        this.sliders.forEach((slider, n) => bar.append(this.grid.names[n], slider));
      else bar.append(...this.sliders);
      for (const control of bar.children)
        control.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take Enter and the arrows
      return bar;
    }

    chosen() {
      const counts = this.grid.values.map((texts) => texts.length);
      return this.sliders.reduce((i, slider, n) => i * counts[n] + Number(slider.value), 0);
    }

    go(i) {
      this.pause();
      this.show(Math.min(Math.max(i, 0), this.last));
    }

    play() {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const delay = calm ? 1000 : Math.min(Math.max(9000 / (this.last + 1), 150), 500);
      this.live.setAttribute("aria-live", "off"); // a screen reader hears the end, not each frame
      this.toggleAttribute("playing", !calm);
      face(this.toggle, "pause", "pause");
      if (this.frame === this.last) this.show(0);
      this.timer = setInterval(() => {
        if (this.frame + 1 >= this.last) this.pause();
        this.show(Math.min(this.frame + 1, this.last));
      }, delay);
    }

    pause() {
      if (!this.timer) return;
      clearInterval(this.timer);
      this.timer = null;
      this.live.setAttribute("aria-live", "polite");
      this.removeAttribute("playing");
      face(this.toggle, "play", "play");
    }

    show(i) {
      this.frame = i;
      this.grid.values.reduceRight((rest, texts, n) => {
        const at = rest % texts.length;
        this.sliders[n].value = at;
        this.sliders[n].setAttribute("aria-valuetext", texts[at]);
        return (rest - at) / texts.length;
      }, i);
      this.head.textContent = this.data.heads[i];
      this.values.forEach((span, r) => (span.textContent = this.data.rows[r][i]));
      this.layers.forEach((layer, k) => (layer.style.display = k === i ? "" : "none"));
      for (const { line, points, shown, dots, ball } of this.traces) {
        const part = points.slice(0, shown[i]);
        line.setAttribute("points", part.join(" "));
        dots.forEach((dot, k) => (dot.style.display = k <= i ? "" : "none"));
        const [x, y] = part.at(-1).split(",");
        ball.style.transform = `translate(${x}px, ${y}px)`;
      }
    }
  }

  customElements.define("descent-player", DescentPlayer);
}
