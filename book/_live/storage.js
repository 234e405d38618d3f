// Where the work on a homework is kept: in this browser (localStorage), and nowhere else.
//
// HOMEWORK is what the page shows, {saved, work}; HOMEWORK:copies are earlier states, newest first.

const MOST_COPIES = 5;

export class Storage extends EventTarget {
  #key; #written; #channel;

  // `overtaken` events: another tab has saved; `elsewhere` events: another tab has it open.
  constructor(name) {
    super();
    this.#key = `homework:${name}`;
    addEventListener("storage", ({ key, newValue }) => {
      if (key === this.#key && newValue && newValue !== this.#written) this.#tell("overtaken");
    });
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.onmessage = ({ data }) => {
      if (data === "opened") this.#channel.postMessage("here");
      this.#tell("elsewhere");
    };
    this.#channel.postMessage("opened");
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }

  // What was saved last, or null.
  read() {
    this.#written = localStorage.getItem(this.#key);
    return JSON.parse(this.#written);
  }

  // Save; throws where the browser keeps nothing, or not so much.
  write(work) {
    const saved = new Date().toISOString();
    const text = JSON.stringify({ saved, work });
    localStorage.setItem(this.#key, text);
    this.#written = text;
    return saved;
  }

  copies() {
    return JSON.parse(localStorage.getItem(`${this.#key}:copies`)) ?? [];
  }

  // Keep a state beside the current one; `why` says in words what came after it.
  keep(work, why) {
    const copy = { saved: new Date().toISOString(), why, work };
    const others = this.copies().filter((one) => JSON.stringify(one.work) !== JSON.stringify(work));
    localStorage.setItem(`${this.#key}:copies`, JSON.stringify([copy, ...others].slice(0, MOST_COPIES)));
  }
}
