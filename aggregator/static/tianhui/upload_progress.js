// Asks once a second how far the work is; when it waits for a person, shows the page for that.
"use strict";
(() => {
  const work = document.getElementById("upload-work");
  const words = document.getElementById("upload-words");
  const bar = document.getElementById("upload-bar");
  const count = document.getElementById("upload-count");
  const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined);

  function show(state) {
    if (words.textContent !== state.words) words.textContent = state.words;
    if (state.total) {
      bar.max = state.total;
      bar.value = Math.min(state.done, state.total);
      count.textContent = `${numbers.format(state.done)} / ${numbers.format(state.total)}`;
    } else {
      bar.removeAttribute("value");
      count.textContent = state.done ? numbers.format(state.done) : state.time;
    }
  }

  async function ask() {
    let wait = 1000;
    try {
      const answer = await fetch(work.dataset.progress, { credentials: "same-origin" });
      // Signed out, or no longer ours: the page itself says so.
      if (answer.redirected || !answer.ok) throw new Error(answer.status);
      const state = await answer.json();
      if (!state.at_work) {
        location.replace(work.dataset.page);
        return;
      }
      show(state);
    } catch {
      words.textContent = work.dataset.lost;
      wait = 5000;
    }
    setTimeout(ask, wait);
  }

  setTimeout(ask, 500);
})();
