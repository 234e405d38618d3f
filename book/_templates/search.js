// Finds sections. sections.js holds, for each page, its address and its sections:
// [anchor, title, terms (bold words, titles of boxes, index), first words, "word word:count …"].

const fold = (text) => text.toLowerCase().replace(/iz(e|i|a)/g, "is$1"); // minimizer, minimiser

function occurrences(query, text) {
  // A query word may begin a longer one: "overflow" finds "overflows".
  let exact = 0, longer = 0;
  for (const entry of text.split(" ")) {
    const [word, count] = entry.split(":");
    if (word === query) exact += Number(count || 1);
    else if (word.startsWith(query)) longer += Number(count || 1);
  }
  return exact + longer / 2;
}

function score(queries, phrase, page, [anchor, title, terms, , words]) {
  const heading = fold(title), strong = fold(terms), name = fold(page.title);
  let total = page.points; // a page that is about it comes before one that mentions it
  for (const query of queries) {
    const starts = new RegExp("(^|[^\\p{L}\\p{N}])" + query.replace(/[^\p{L}\p{N}]/gu, "\\$&"), "u");
    const points =
      40 * starts.test(heading) + 20 * starts.test(strong) + 15 * starts.test(name) +
      4 * Math.min(occurrences(query, words), 6);
    if (!points) return 0;
    total += points / queries.length;
  }
  if (queries.length > 1) total += 60 * heading.includes(phrase) + 40 * strong.includes(phrase);
  if (!anchor) total += 10 * (heading === phrase); // a page of that name, before its sections
  return /^(errata|glossary)/.test(page.url) ? total / 10 : total; // chapters first
}

function find(text) {
  const phrase = fold(text).trim().replace(/\s+/g, " ");
  const queries = phrase.split(/[^\p{L}\p{N}_]+/u).filter(Boolean).map((w) => w.replace(/(?<=\w{3}[^s])s$/, ""));
  const found = [];
  if (!queries.length) return found;
  for (const [url, records] of window.sections) {
    const folded = records.map((record) => [...record.slice(0, 4), fold(record[4])]);
    const count = (query) => folded.reduce((sum, record) => sum + occurrences(query, record[4]), 0);
    const length = folded.reduce((sum, record) => sum + record[4].length, 0);
    const points = Math.min((20_000 * Math.min(...queries.map(count))) / (length + 5_000), 40);
    const page = { url, points, title: records[0]?.[1] ?? url };
    for (const record of folded) {
      const points = score(queries, phrase, page, record);
      if (points) found.push({ points, page, record });
    }
  }
  return found.sort((a, b) => b.points - a.points).slice(0, 50);
}

function show() {
  const text = new URLSearchParams(location.search).get("q") ?? "";
  const field = document.querySelector("main form.bd-search input");
  field.value = text;
  field.focus();
  if (!text.trim()) return;
  const results = find(text), list = document.createElement("ol");
  for (const { page, record } of results) {
    const [anchor, title, , first] = record;
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = page.url + (anchor && "#" + anchor);
    link.textContent = title;
    item.append(link);
    if (anchor) item.append(Object.assign(document.createElement("span"), { textContent: page.title }));
    item.append(Object.assign(document.createElement("p"), { textContent: first }));
    list.append(item);
  }
  const count = results.length || "No";
  const said = `${count} section${results.length === 1 ? "" : "s"} found for “${text}”.`;
  const place = document.getElementById("search-results");
  place.replaceChildren(Object.assign(document.createElement("p"), { textContent: said, role: "status" }), list);
}

show();
