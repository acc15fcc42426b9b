// The parts a dividing line would make, drawn on the map and told in words beside it.
import { addPatterns, askFor, textElement } from "./map-base.js";

const L = window.L;
// Neighbouring parts differ in tone and in pattern; the number on each is its place among the codes.
const LOOKS = [["sky", "hatch"], ["wheat", "cross"], ["paddy", "hatch"], ["soil", "cross"]];

export function showParts(map, form, box, address) {
  const told = document.getElementById("split-parts");
  const codes = form.elements.codes;
  const layer = L.layerGroup().addTo(map);
  let asked = 0;
  let parts = [];

  addPatterns();

  async function ask() {
    const number = (asked += 1);
    if (!box.value) { show({ parts: [], said: told.dataset.empty }); return; }
    const body = new URLSearchParams({ shape: box.value, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    try {
      const found = await askFor(address, {}, { method: "POST", body });
      if (number === asked) show(found);
    } catch (error) {
      if (number === asked) show({ parts: [], said: error.message });
    }
  }

  function show(found) {
    parts = found.parts;
    layer.clearLayers();
    parts.forEach(draw);
    told.querySelector("p").textContent = found.said;
    tell();
  }

  function draw(part, at) {
    const [tone, pattern] = LOOKS[at % LOOKS.length];
    L.polygon(part.rings, { className: `split-part tone-${tone}`, weight: 3, fillOpacity: 0.9, fillColor: `url(#${tone}-${pattern})`, interactive: false }).addTo(layer);
    const label = textElement("span", `${at + 1} · ${part.area}`);
    L.marker(part.at, { icon: L.divIcon({ className: "part-label", html: label, iconSize: null }), interactive: false, keyboard: false }).addTo(layer);
  }

  // Which code goes to which part: the codes are typed one a line, from west to east.
  function tell() {
    const typed = codes.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const rows = parts.map((part, at) => {
      const row = document.createElement("li");
      row.append(textElement("b", typed[at] ?? told.dataset.codeless), textElement("span", `${part.area} · ${part.share}`, "num"));
      return row;
    });
    told.querySelector("ol").replaceChildren(...rows);
  }

  codes.addEventListener("input", tell);
  return ask;
}
