// Finds a pasted error among the signatures of a static site: words weigh by how rare they are.
const words = (text) => new Set((text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_]+|[1-5]\d\d/gu) || []).slice(0, 50000));
// Words far apart in a log are no message: it is read three lines at a time.
const passages = (text) => {
  const lines = text.split("\n").filter((line) => line.trim()).slice(0, 20000);
  return lines.length < 4 ? [words(text)] : lines.map((_, i) => words(lines.slice(i, i + 3).join("\n")));
};
const PLACE = / \((?:[^()]* in )?[\w.-]+\/[\w.-]+(?:#\d+)?\)$/;
const form = document.querySelector("form[data-index]");
const list = document.querySelector("#found");
let index;
async function load() {
  if (index) return index;
  const entries = await (await fetch(form.dataset.index)).json();
  const seen = new Map();
  for (const entry of entries) {
    // the place that a title names is not printed with the message
    entry.words = words(`${entry.signature} ${entry.title.replace(PLACE, "")}`);
    for (const word of entry.words) seen.set(word, (seen.get(word) || 0) + 1);
  }
  const weight = (word) => Math.log(1 + entries.length / (seen.get(word) || entries.length));
  index = { entries, weight };
  return index;
}
const MOST = 0.85, SOME = 0.5;
async function find(text) {
  const { entries, weight } = await load();
  const asked = words(text);
  let parts;
  const share = (entry, some) => {
    let all = 0, hit = 0;
    for (const word of entry.words) { all += weight(word); if (some.has(word)) hit += weight(word); }
    return all ? hit / all : 0;
  };
  const scored = [];
  for (const entry of entries) {
    if (share(entry, asked) < SOME) continue;
    parts ??= passages(text);
    const best = Math.max(...parts.map((part) => share(entry, part)));
    if (best >= SOME) scored.push([best, entry]);
  }
  scored.sort((a, b) => b[0] - a[0] || b[1].threads - a[1].threads);
  const most = scored.filter(([score]) => score >= MOST);
  return [most.slice(0, 10), scored.slice(most.length, most.length + 5)];
}
function show(title, found) {
  const heading = document.createElement("h2");
  heading.textContent = title;
  heading.tabIndex = -1;
  const lines = document.createElement("ul");
  lines.className = "plain";
  for (const [, entry] of found) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    link.href = entry.url;
    link.textContent = entry.title;
    const count = document.createElement("span");
    count.className = "count";
    count.textContent = ` ${entry.threads} ${entry.threads === 1 ? "thread" : "threads"}`;
    line.append(link, count);
    lines.append(line);
  }
  list.append(heading, lines);
  return heading;
}
async function answer() {
  let first;
  try {
    const [most, some] = await find(form.elements.q.value);
    list.replaceChildren();
    first = show(most.length ? "Errors with these words" : "No error here has these words", most);
    if (some.length) show("Other errors, with some of them", some);
  } catch {
    list.replaceChildren();
    const why = location.protocol === "file:" ? "it needs a web server, not a file" : "try again";
    first = show(`The index of errors could not be loaded: ${why}`, []);
  }
  first.focus();
}
if (form) {
  form.addEventListener("submit", (event) => { event.preventDefault(); answer(); });
  // until here a click would send the form to a server that cannot answer
  form.querySelector("button").disabled = false;
}
