/* Rows are added and taken off in place; without this the same buttons load the page anew. */
"use strict";

document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (!["estimate-form", "decision-form"].includes(form.id) || !button || !["more", "less"].includes(button.name)) {
    return;
  }
  event.preventDefault();
  const sent = new FormData(form, button);
  let page;
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent });
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    page = null;
  }
  const fresh = page && page.getElementById(form.id);
  if (!fresh) {
    // Without a network the browser's own way says so.
    form.submit();
    return;
  }
  form.replaceChildren(...fresh.childNodes);
  const list = form.querySelector(`[id="f-${CSS.escape(button.value.replace(/\[\d+\]$/, ""))}"]`);
  const rows = list ? list.querySelectorAll(":scope > .estimate-row") : [];
  const next = rows.length ? rows[rows.length - 1].querySelector("input, select") : null;
  (next || (list && list.querySelector("button")) || form).focus();
});
