// Asks how far the grading is, every second until it has ended.
const at = (name) => document.getElementById(name);

function fill(name, rows) {
  at(name).hidden = rows.length === 0;
  const lines = rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...row.map((value) => {
      const cell = document.createElement("td");
      cell.textContent = value;
      return cell;
    }));
    return line;
  });
  at(name).querySelector("tbody").replaceChildren(...lines);
}

function show(state) {
  at("bar").max = Math.max(1, state.total);
  at("bar").value = state.done;
  const parts = [`${state.done} of ${state.total} done`];
  if (state.running.length) parts.push(`${state.running.length} running`);
  if (state.failures.length) parts.push(`${state.failures.length} without a score`);
  at("counts").textContent = parts.join(", ");
  at("time").textContent = `${Math.floor(state.seconds / 60)} min ${state.seconds % 60} s`;
  at("running").textContent = state.running.length ? `Running: ${state.running.join(", ")}` : "";
  fill("notes", state.notes.map((note) => [note]));
  fill("failures", state.failures);
  fill("messages", state.messages);
  at("none").hidden = state.messages.length > 0;
}

async function look() {
  try {
    const answer = await fetch("state");
    show(await answer.json());
    setTimeout(look, 1000);
  } catch {
    at("ended").hidden = false;
  }
}

look();
