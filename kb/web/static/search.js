// Finds a pasted error among the signatures of a static site: words weigh by how rare they are.
const words = (text) => new Set((text.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_]+|[1-5]\d\d/gu) || []).slice(0, 4000));
const form = document.querySelector("form[data-index]");
const list = document.querySelector("#found");
let index;
async function load() {
  if (index) return index;
  const entries = await (await fetch(form.dataset.index)).json();
  const seen = new Map();
  for (const entry of entries) {
    entry.words = words(`${entry.signature} ${entry.title}`);
    for (const word of entry.words) seen.set(word, (seen.get(word) || 0) + 1);
  }
  const weight = (word) => Math.log(1 + entries.length / (seen.get(word) || entries.length));
  index = { entries, weight };
  return index;
}
async function find(text) {
  const { entries, weight } = await load();
  const asked = words(text);
  const scored = [];
  for (const entry of entries) {
    let all = 0, hit = 0;
    for (const word of entry.words) { all += weight(word); if (asked.has(word)) hit += weight(word); }
    if (all && hit / all >= 0.5) scored.push([hit / all, entry]);
  }
  return scored.sort((a, b) => b[0] - a[0] || b[1].threads - a[1].threads).slice(0, 10);
}
if (form) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const found = await find(form.elements.q.value);
  list.replaceChildren();
  const heading = document.createElement("h2");
  heading.textContent = found.length ? "Errors with these words" : "No error here has these words";
  list.append(heading);
  for (const [, entry] of found) {
    const line = document.createElement("p");
    const link = document.createElement("a");
    link.href = entry.url;
    link.textContent = entry.title;
    const count = document.createElement("span");
    count.className = "count";
    count.textContent = ` ${entry.threads} ${entry.threads === 1 ? "thread" : "threads"}`;
    line.append(link, count);
    list.append(line);
  }
  heading.tabIndex = -1;
  heading.focus();
});
