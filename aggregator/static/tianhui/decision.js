/* On the page that asks once more, Esc goes back and changes nothing. */
"use strict";

document.addEventListener("keydown", (event) => {
  const back = document.querySelector(".decision-buttons a");
  // An open calendar or list takes Esc for itself.
  if (event.key === "Escape" && !event.defaultPrevented && back) {
    window.location.assign(back.href);
  }
});
