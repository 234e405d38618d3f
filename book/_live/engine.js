// One interpreter for a page: starts the worker, hands it one cell after another, stops it.

const PATIENCE = 3000; // milliseconds that a cell has to heed an interrupt

export class Interpreter extends EventTarget {
  #base; #worker; #ready; #queue = []; #running = null; #interrupt = null; #asked = false; #timer; #number = 0;

  // `base`: address of the site's folder _live/
  constructor(base) {
    super();
    this.#base = base;
    this.memory = 0; // bytes that the interpreter holds
  }

  // Load the runtime, once; `progress` events say {loaded, total} in bytes, `state` events the state.
  start() {
    this.#ready ??= this.#start(new Worker(new URL("worker.js", import.meta.url), { type: "module" }));
    return this.#ready;
  }

  async #start(worker) {
    this.#worker = worker; // another takes its place when this one is ended, even while it loads
    this.#state("loading");
    try {
      this.memory = await this.#load(worker);
    } catch (error) {
      if (worker === this.#worker) this.#end();
      throw error;
    }
    worker.onmessage = ({ data }) => this.#hear(data);
    worker.onerror = ({ message }) => this.#hear({ id: this.#running?.id, failed: message || "out of memory" });
    this.#state("ready");
  }

  async #load(worker) {
    const answer = await fetch(this.#base + "config.json");
    if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${answer.statusText}`);
    const config = await answer.json();
    const address = (path) => new URL(path, this.#base).href;
    const runtime = address(config.runtime);
    // With shared memory a cell can be interrupted and keeps its variables; the server allows it.
    this.#interrupt = self.crossOriginIsolated ? new Uint8Array(new SharedArrayBuffer(1)) : null;
    return new Promise((resolve, reject) => {
      const fail = (message) => reject(Object.assign(new Error(message), { runtime }));
      worker.onerror = (event) => fail(event.message || "the worker cannot start");
      worker.onmessage = ({ data }) => {
        if (data.progress) this.#say("progress", { loaded: data.progress, total: config.bytes });
        if (data.failed) fail(data.failed);
        if (data.ready) resolve(data.memory);
      };
      worker.postMessage({
        start: {
          runtime,
          lock: address("pyodide-lock.json"),
          packages: config.packages,
          wheels: config.wheels.map(address),
          shell: new URL("shell.py", import.meta.url).href,
          local: config.local,
          interrupt: this.#interrupt,
        },
      });
    });
  }

  // Run a cell when those before it are done; `onOutput` gets nbformat outputs as they come.
  run(code, onOutput, onStart) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ code, onOutput, onStart, resolve, id: ++this.#number });
      this.start().then(() => this.#next(), (error) => {
        this.#queue = [];
        reject(error);
      });
    });
  }

  #next() {
    if (this.#running || !this.#queue.length) return;
    this.#running = this.#queue.shift();
    this.#running.began = performance.now();
    this.#running.onStart?.();
    if (this.#interrupt) this.#interrupt[0] = 0; // one that came too late for the cell before
    this.#asked = false;
    this.#state("running");
    this.#worker.postMessage({ id: this.#running.id, run: this.#running.code });
  }

  #hear({ id, output, done, failed, memory }) {
    if (id !== this.#running?.id) return;
    if (output) this.#running.onOutput(JSON.parse(output));
    if (failed) {
      this.#running.onOutput({ output_type: "error", ename: "", evalue: failed, traceback: [failed] });
      this.#takeBack();
      this.#finish({ passed: false });
      this.#restart("Python broke down and starts anew: what cells had computed is gone.");
    } else if (done !== undefined) {
      this.memory = memory;
      this.#finish({ passed: done, stopped: this.#asked && !done });
    }
  }

  #finish(result) {
    const cell = this.#running;
    this.#running = null;
    clearTimeout(this.#timer);
    cell.resolve({ stopped: false, seconds: (performance.now() - cell.began) / 1000, ...result });
    if (this.#queue.length) this.#next();
    else this.#state("ready");
  }

  // Stop the running cell and those that wait. One that does not heed an interrupt takes the
  // interpreter with it: a `restarted` event says that its variables are gone.
  stop() {
    this.#takeBack();
    const cell = this.#running;
    if (!cell || this.#asked) return;
    const giveUp = () =>
      cell === this.#running && this.#restart("Stopped. What cells had computed is gone: Python starts anew.");
    if (!this.#interrupt) return giveUp();
    this.#asked = true;
    this.#interrupt[0] = 2; // SIGINT
    this.#timer = setTimeout(giveUp, PATIENCE);
  }

  // Forget all variables.
  restart() {
    this.#takeBack();
    this.#restart("What cells had computed is gone: Python starts anew.");
  }

  #takeBack() {
    for (const cell of this.#queue.splice(0)) cell.resolve({ passed: false, stopped: true, seconds: 0 });
  }

  #restart(why) {
    this.#end();
    this.#say("restarted", { why });
    this.start().catch(() => {}); // whoever runs a cell next is told
  }

  #end() {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = this.#ready = undefined;
    this.#running?.resolve({ passed: false, stopped: true, seconds: 0 });
    this.#running = null;
    this.#state("off");
  }

  #state(state) {
    this.state = state;
    this.#say("state", { state });
  }

  #say(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
