// The fields of a sample in the colour of what was found; the drawing stays where this cannot run.
import { addPatterns, askFor, makeMap, skipByTab, styleOf, textElement } from "./map-base.js";

const L = window.L;
const MOST_SIGNS = 10;
const SIGNS_FROM = 16.5;
const place = document.getElementById("sample-map");

if (place) start();

async function start() {
  const words = place.dataset;
  const found = await askFor(words.plots, {});
  if (!found.plots.length) return;
  place.hidden = false;
  addPatterns();
  const map = makeMap(place);
  const shades = new Map(found.legend.map((shade) => [shade.key, shade]));
  const shapes = L.featureGroup().addTo(map);
  // A view first: signs are placed by it.
  map.fitBounds(L.latLngBounds(found.plots.flatMap((plot) => plot.parts.flat(2))), { maxZoom: 18, padding: [24, 24] });
  const signs = () => place.classList.toggle("far", found.plots.length > MOST_SIGNS && map.getZoom() < SIGNS_FROM);
  map.on("zoomend", signs);
  signs();
  for (const plot of found.plots) addPlot(plot, shades.get(plot.shade), shapes);
  showLegend(found.legend);
  document.getElementById("sample-drawing")?.remove();
}

function addPlot(plot, shade, layer) {
  const shape = L.polygon(plot.parts, styleOf(shade)).addTo(layer);
  shape.bindTooltip(textElement("span", `${plot.number}. ${plot.name} · ${shade.word}`), { sticky: true });
  skipByTab(shape);
  const open = () => { window.location.href = plot.url; };
  shape.on("click", open);
  const icon = L.divIcon({ className: "sample-sign", html: textElement("span", `${plot.number} ${shade.sign}`), iconSize: [44, 24] });
  L.marker(plot.at, { icon, keyboard: false }).addTo(layer).on("click", open);
}

function showLegend(legend) {
  const rows = legend.map((shade) => {
    const row = document.createElement("li");
    const key = textElement("span", shade.sign, `legend-key tone-${shade.tone} pattern-${shade.pattern}`);
    key.setAttribute("aria-hidden", "true");
    row.append(key, textElement("span", shade.word), textElement("b", shade.n.toLocaleString(), "num"));
    return row;
  });
  document.getElementById("sample-legend").replaceChildren(...rows);
}
