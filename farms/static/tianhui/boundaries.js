// All versions of a field's boundary over one another: the one in force full, those before dashed.
import { makeMap, skipByTab, textElement } from "./map-base.js";

const L = window.L;
const map = makeMap(document.getElementById("boundaries-map"));
const rows = [...document.querySelectorAll("[data-shape]")];
const all = L.featureGroup();

rows.forEach((row, at) => {
  const shape = JSON.parse(row.dataset.shape);
  const rings = shape.coordinates.map((ring) => ring.map(([x, y]) => [y, x]));
  const layer = L.polygon(rings, { className: at ? "version-past" : "version-now", weight: 2, fillOpacity: at ? 0 : 0.2 });
  layer.bindTooltip(textElement("span", row.textContent.trim().replace(/\s+/g, " ")), { sticky: true });
  all.addLayer(layer);
});
if (rows.length) map.fitBounds(all.getBounds(), { maxZoom: 20, padding: [32, 32] });
else map.setView([30, 110], 4);
all.addTo(map);
all.eachLayer(skipByTab);
