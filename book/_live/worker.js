// The interpreter of a page: Pyodide with shell.py, in a worker, so that the page stays quick.
//
// In:  {start: {runtime, lock, packages, wheels, shell, local, interrupt}}, then {run: source, id}.
// Out: {progress: bytes}, {ready}; {id, output: JSON}, {id, done: passed}; {failed: text}.

let pyodide, shell, current;
let loaded = 0, told = 0;

// What the browser keeps of a release. Its own cache may forget large files, and where the page
// comes from an address that is not secure there is none of these either.
async function fetchKept(address, options) {
  const kept = await self.caches?.open(address.slice(0, address.lastIndexOf("/") + 1));
  const found = await kept?.match(address);
  if (found) return found;
  const answer = await fetchPlain(address, options);
  if (answer.ok) kept?.put(address, answer.clone()).catch(() => {}); // no room: next time anew
  return answer;
}

// Pyodide fetches by itself: count what passes.
const fetchPlain = self.fetch;
let release;
self.fetch = async (request, options) => {
  const address = String(request.url ?? request);
  const answer = await (address.startsWith(release) ? fetchKept : fetchPlain)(address, options);
  if (!answer.ok || !answer.body) return answer;
  const counted = new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.length;
      if (performance.now() - told > 100) {
        told = performance.now();
        postMessage({ progress: loaded });
      }
      controller.enqueue(chunk);
    },
  });
  return new Response(answer.body.pipeThrough(counted), answer);
};

async function start({ runtime, lock, packages, wheels, shell: shellFile, local, interrupt }) {
  release = runtime;
  const { loadPyodide } = await import(runtime + "pyodide.mjs");
  const wanted = [shellFile, ...wheels].map(async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}: ${url}`);
    return answer.arrayBuffer();
  });
  const env = { MPLBACKEND: "module://matplotlib_inline.backend_inline", HOME: "/home/pyodide" };
  pyodide = await loadPyodide({ indexURL: runtime, lockFileURL: lock, packages, env });
  const [code, ...unpacked] = await Promise.all(wanted);
  for (const wheel of unpacked) pyodide.unpackArchive(wheel, "wheel");
  if (interrupt) pyodide.setInterruptBuffer(interrupt);
  const module = pyodide.toPy({});
  pyodide.runPython(new TextDecoder().decode(code), { globals: module, filename: "shell.py" });
  shell = module.get("make_shell")((output) => postMessage({ id: current, output }), pyodide.toPy(local));
}

async function run(id, source) {
  current = id;
  await pyodide.loadPackagesFromImports(source, { messageCallback() {}, errorCallback() {} });
  return shell.run(source);
}

self.onmessage = async ({ data }) => {
  const memory = () => pyodide._module.HEAPU8.length;
  try {
    if (data.start) {
      await start(data.start);
      postMessage({ progress: loaded, ready: true, memory: memory() });
    } else {
      const done = await run(data.id, data.run);
      postMessage({ id: data.id, done, memory: memory() });
    }
  } catch (error) {  // of Pyodide: what a cell raises is an output
    postMessage({ id: data.id, failed: String(error.message ?? error) });
  }
};
