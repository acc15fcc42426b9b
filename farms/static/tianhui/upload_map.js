// The outlines of a file on its way in, above the plots on record; a press on one goes to its row.
"use strict";
(() => {
  const box = document.getElementById("upload-map");
  const note = document.getElementById("upload-capped");
  if (!box || !window.L) return;
  const [west, south, east, north] = box.dataset.box.split(",").map(Number);
  const css = getComputedStyle(document.documentElement);
  const colour = (name) => css.getPropertyValue(name).trim();
  const inks = {
    error: colour("--brick"),
    warning: colour("--wheat"),
    good: colour("--paddy"),
    left_out: colour("--edge"),
  };
  // Colour is never the only sign: errors have a full line, warnings a broken one.
  const dashes = { warning: "8 4", left_out: "2 6" };
  const map = L.map(box, { zoomSnap: 0.25, attributionControl: false, preferCanvas: true });
  map.fitBounds([[south, west], [north, east]], { padding: [16, 16], maxZoom: 18 });
  L.control.scale({ imperial: false }).addTo(map);
  const known = L.geoJSON(null, {
    interactive: false,
    style: { color: colour("--muted"), weight: 1, fillOpacity: 0.15 },
  }).addTo(map);
  const shapes = L.geoJSON(null, {
    style: (one) => ({
      color: inks[one.properties.state],
      weight: one.properties.state === "good" ? 1 : 3,
      fillOpacity: 0.35,
      dashArray: dashes[one.properties.state],
    }),
    onEachFeature: (one, layer) => {
      layer.bindTooltip(`${box.dataset.row} ${one.properties.row}`);
      layer.on("click", () => goTo(one.properties.row));
    },
  }).addTo(map);

  function goTo(row) {
    const here = document.getElementById(`row-${row}`);
    if (here) {
      here.scrollIntoView({ block: "center" });
      location.hash = `row-${row}`;
    } else {
      location.assign(`${box.dataset.page}?show=all&from=${row}#row-${row}`);
    }
  }

  let asked = 0;
  async function load() {
    const mine = ++asked;
    const seen = map.getBounds().pad(0.1);
    const corners = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()];
    const answer = await fetch(`${box.dataset.shapes}?bbox=${corners.map((at) => at.toFixed(7))}`);
    if (!answer.ok || mine !== asked) return;
    const found = await answer.json();
    known.clearLayers().addData(found.known);
    // Bad ones last, so that they lie on top.
    found.shapes.features.reverse();
    shapes.clearLayers().addData(found.shapes);
    note.textContent = found.total > found.shown
      ? box.dataset.capped.replace("{shown}", found.shown).replace("{total}", found.total)
      : "";
  }

  map.on("moveend", load);
  load();
})();
