// Between what a student wrote and the .ipynb that an instructor grades.
//
// The work on a homework is {answers: {name: {source, attachments}}, own: [{after, cell}]}: what
// stands in the cells to write in, and the cells of the student's own, each with the id of the
// handed-out cell above it. Everything else is always as it was handed out.

export class Refused extends Error {}

export const join = (text) => [text ?? ""].flat().join("").replaceAll("\r\n", "\n");
const split = (text) => text.match(/[^\n]*\n|[^\n]+/g) ?? []; // as Jupyter writes it

export const markOf = (cell) => (cell.metadata?.nbgrader?.grade_id ? cell.metadata.nbgrader : {});
export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
export const isAnswer = (cell) => Boolean(markOf(cell).solution);

const answer = ({ source, attachments }) => ({ source: join(source), ...(attachments && { attachments }) });

// The work of someone who has not begun.
export function untouched(release) {
  const cells = release.cells.filter(isAnswer);
  return { answers: Object.fromEntries(cells.map((cell) => [markOf(cell).grade_id, answer(cell)])), own: [] };
}

// The notebook to hand in: the one handed out, with the work in it.
export function toNotebook(release, work) {
  const written = ({ source, ...rest }) => ({ ...rest, source: split(source) });
  const left = new Set(work.own);
  const ownAfter = (id) =>
    work.own.filter((own) => own.after === id && left.delete(own)).map(({ cell }) => written(cell));
  const cells = ownAfter(null);
  for (const cell of release.cells) {
    const given = isAnswer(cell) ? { ...cell, ...work.answers[markOf(cell).grade_id] } : cell;
    cells.push(written({ ...given, source: join(given.source) }), ...ownAfter(cell.id));
  }
  cells.push(...[...left].map(({ cell }) => written(cell))); // below a cell that is no more
  return { ...release, cells };
}

// A new cell of the student's own; `taken` are the ids that there are.
export function ownCell(type, source, taken, more = {}) {
  let id = more.id;
  for (let k = 1; !/^[\w-]{1,64}$/.test(id ?? "") || taken.has(id); k++) id = `own-${k}`;
  taken.add(id);
  const code = type === "code" ? { execution_count: null, outputs: [] } : {};
  return { cell_type: type, id, metadata: {}, ...more, ...code, id, source };
}

// Work that was saved when the homework had other parts: what belongs to those goes to the end.
export function fitted(work, release) {
  const { answers } = untouched(release);
  const gone = Object.keys(work.answers).filter((name) => !(name in answers));
  const taken = new Set([...release.cells, ...work.own.map(({ cell }) => cell)].map(({ id }) => id));
  const cells = gone.map((name) => ownCell("raw", `${name}\n${work.answers[name].source}`, taken));
  const ids = release.cells.map(({ id }) => id);
  const own = [...work.own, ...cells.map((cell) => ({ after: "", cell }))].map(({ after, cell }) =>
    ({ after: after === null || ids.includes(after) ? after : ids.at(-1), cell }));
  return { ...work, own };
}

// Read the text of a file that a student chose. Returns the work in it and notes on what was put
// right; throws Refused, with what the file is and what to do.
export function fromNotebook(text, file, name, release, index) {
  const notebook = parse(text, file, name);
  refuseOthers(notebook, file, name, index);
  const work = untouched(release);
  const taken = new Set(release.cells.map((cell) => cell.id));
  const marked = new Map(release.cells.map((cell) => [markOf(cell).grade_id, cell]));
  const plain = new Set(release.cells.filter((cell) => !markOf(cell).grade_id));
  const last = new Map(notebook.cells.map((cell) => [markOf(cell).grade_id, cell]));
  const count = { changed: 0, older: 0, twice: 0 };
  const found = new Set();
  let after = null;

  const keep = (cell) => {
    const { nbgrader, deletable, editable, ...metadata } = cell.metadata ?? {};
    const { attachments, id } = cell;
    const more = { id, metadata, ...(attachments && { attachments }) };
    work.own.push({ after, cell: ownCell(cell.cell_type, join(cell.source), taken, more) });
  };
  for (const cell of notebook.cells) {
    const id = markOf(cell).grade_id;
    const source = join(cell.source);
    const given = marked.get(id);
    if (id && (!given || last.get(id) !== cell)) {
      count[given ? "twice" : "older"]++; // of two with one name, the lower one is graded
      keep(cell);
    } else if (id) {
      found.add(id);
      after = given.id;
      if (isAnswer(given)) work.answers[id] = answer(cell);
      else count.changed += source !== join(given.source);
    } else {
      const itself = [...plain].find((one) => one.id === cell.id);
      const isSame = (one) => one?.cell_type === cell.cell_type && join(one.source) === source;
      const match = isSame(itself) ? itself : ([...plain].find(isSame) ?? itself);
      if (match) after = match.id;
      plain.delete(match);
      if (!isSame(match) && source.trim()) keep(cell); // a text that was changed stays below its original
    }
  }
  return { work, notes: notesOn(count, [...marked.keys()].filter((id) => id && !found.has(id))) };
}

function parse(text, file, name) {
  const instead = `Choose ${name}.ipynb: the file that you exported here, or your copy of JupyterLab.`;
  let notebook;
  try {
    notebook = JSON.parse(text);
  } catch {
    throw new Refused(`${file} is not a notebook. ${instead}`);
  }
  if (!Array.isArray(notebook?.cells)) {
    const old = Array.isArray(notebook?.worksheets);
    const what = old ? "is a notebook of an old format. Open and save it in JupyterLab, and import it then." : "";
    throw new Refused(`${file} ${what || `is not a notebook. ${instead}`}`);
  }
  return notebook;
}

// Refuse what is not this homework, and say what it is.
function refuseOthers(notebook, file, name, index) {
  const ids = new Set(notebook.cells.map((cell) => markOf(cell).grade_id).filter(Boolean));
  if (notebook.metadata?.coursekit?.paper) {
    throw new Refused(`${file} is the paper of an exam, which is written in JupyterLab, not here.`);
  }
  const heading = (cell) => (cell.cell_type === "markdown" && join(cell.source).match(/^# (.*)/)?.[1]) || "";
  const title = notebook.cells.map(heading).find(Boolean);
  if (!ids.size) {
    const itself = title === `Homework: ${index[name].title}`;
    throw new Refused(itself
      ? `${file} is this homework, but its cells have lost the hidden names by which grading finds them, as happens ` +
        "when a notebook is converted. Copy your answers one by one into the cells of this page."
      : `${file}${title ? `, “${title}”,` : ""} is a notebook, but no homework. Choose ${name}.ipynb: the file that ` +
        "you exported here, or your copy of JupyterLab.");
  }
  const shared = ({ cells }) => {
    const common = cells.filter((id) => ids.has(id)).length;
    return common / (cells.length + ids.size - common);
  };
  const best = Object.keys(index).reduce((a, b) => (shared(index[b]) > shared(index[a]) ? b : a), name);
  if (best !== name) {
    throw new Refused(`${file} is the homework “${index[best].title}”, not “${index[name].title}”. Import it on the ` +
      `page “Work here: ${index[best].title}”.`);
  }
  if (shared(index[name]) < 0.2) {
    throw new Refused(`${file}${title ? `, “${title}”,` : ""} is a homework, but none of this course as it is now. ` +
      `Choose ${name}.ipynb: the file that you exported here, or your copy of JupyterLab.`);
  }
}

function notesOn({ changed, older, twice }, missing) {
  const cells = (n) => (n === 1 ? "1 cell" : `${n} cells`);
  const notes = [];
  if (changed) notes.push(`${cells(changed)} that you cannot change differed: here they are as handed out.`);
  if (missing.length) notes.push(`Missing were ${missing.join(", ")}: here they are as handed out.`);
  if (twice) notes.push(`${cells(twice)} had the name of another: only the lower one is graded, the upper is kept as a cell of your own.`);
  if (older) notes.push(`${cells(older)} of another version of this homework: kept as cells of your own.`);
  return notes;
}
