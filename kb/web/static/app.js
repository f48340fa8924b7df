// Two comforts; every page works without them.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  try {
    const answer = await fetch(button.dataset.copy);
    if (!answer.ok) throw new Error(answer.statusText);
    await navigator.clipboard.writeText(await answer.text());
    button.textContent = "Copied";
  } catch {
    // no clipboard for a page that is no secure context, or no server for a file: show it instead
    location.href = button.dataset.copy;
  }
});
document.addEventListener("keydown", (event) => {
  const typing = /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    (document.querySelector("textarea") || document.querySelector("input[type=search]"))?.focus();
  }
});
for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
