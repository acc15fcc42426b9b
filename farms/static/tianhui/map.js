// The land's map: plots by colour with a legend, a panel of one plot, and a choice of many.
import { addPatterns, askFor, boundsOf, boxOf, makeMap, skipByTab, styleOf, textElement } from "./map-base.js";

const L = window.L;
const place = document.getElementById("map");
const MOST_SIGNS = 300;
const MOST_LISTED = 100;

if (place) start();

function start() {
  const words = place.dataset;
  const bar = document.getElementById("map-bar");
  const status = document.getElementById("map-status");
  const choice = document.getElementById("map-choice");
  const chosen = new Set();
  const drawn = new Map();
  let tool = "";
  let asked = 0;
  let opened = 0;

  addPatterns();
  const map = makeMap(place);
  const layer = L.layerGroup().addTo(map);
  map.fitBounds(boundsOf(words.extent.split(",").map(Number)), { maxZoom: 18, padding: [24, 24] });

  const filters = () => ({ colour: bar.colour.value, season: bar.season.value, village: bar.village.value });

  async function load() {
    const number = (asked += 1);
    try {
      const found = await askFor(words.plots, { ...filters(), box: boxOf(map.getBounds().pad(0.1)), zoom: Math.round(map.getZoom()) });
      if (number === asked) show(found);
    } catch (error) {
      if (number === asked) status.textContent = `${words.wordsLost} ${error.message}`;
    }
  }

  function show(found) {
    layer.clearLayers();
    drawn.clear();
    const shades = new Map(found.legend.map((shade) => [shade.key, shade]));
    for (const plot of found.plots) addPlot(plot, shades.get(plot.shade), found.plots.length <= MOST_SIGNS);
    for (const village of found.villages) addVillage(village, shades);
    status.textContent = found.villages.length ? words.wordsMany : `${found.total.toLocaleString()} ${words.wordsPlots}`;
    showLegend(found.legend);
    showList(found.plots, shades);
  }

  function addPlot(plot, shade, signed) {
    const shape = L.polygon(plot.rings, { ...styleOf(shade), weight: map.getZoom() < 16 ? 0.5 : 1.5 }).addTo(layer);
    shape.bindTooltip(textElement("span", `${plot.code} ${plot.name} · ${shade ? shade.word : plot.shade}`), { sticky: true });
    skipByTab(shape);
    shape.on("click", () => (tool === "click" ? toggle(plot.id) : tool ? null : openPanel(plot.id)));
    drawn.set(plot.id, shape);
    if (signed && shade) {
      const icon = L.divIcon({ className: "plot-sign", html: textElement("span", shade.sign), iconSize: [20, 20] });
      L.marker(plot.at, { icon, interactive: false, keyboard: false }).addTo(layer);
    }
    mark(plot.id);
  }

  function addVillage(village, shades) {
    const [first] = [...village.shades].sort((one, other) => other[1] - one[1]);
    const size = Math.min(64, 28 + 6 * Math.log10(village.n + 1));
    const shade = shades.get(first[0]);
    const circle = L.circleMarker(village.at, { ...styleOf(shade), radius: size / 2 }).addTo(layer);
    const parts = village.shades.map(([key, n]) => `${shades.get(key)?.word ?? key} ${n.toLocaleString()}`);
    circle.bindTooltip(textElement("span", `${village.name}: ${parts.join(" · ")}`));
    skipByTab(circle);
    circle.on("click", () => map.fitBounds(boundsOf(village.box)));
    const label = textElement("span", `${village.name} ${village.n.toLocaleString()}`);
    const icon = L.divIcon({ className: "village-label", html: label, iconSize: null });
    L.marker(village.at, { icon, interactive: false, keyboard: false }).addTo(layer);
  }

  function showLegend(legend) {
    const rows = legend.filter((shade) => shade.n || legend.length <= 4).map((shade) => {
      const row = document.createElement("li");
      row.append(keyOf(shade), textElement("span", shade.word), textElement("b", shade.n.toLocaleString(), "num"));
      return row;
    });
    document.getElementById("map-legend").replaceChildren(...rows);
  }

  function keyOf(shade) {
    const key = textElement("span", shade.sign, `legend-key tone-${shade.tone} pattern-${shade.pattern}`);
    key.setAttribute("aria-hidden", "true");
    return key;
  }

  // The same plots as words: what the keyboard and a screen reader use instead of the drawing.
  function showList(plots, shades) {
    const rows = plots.slice(0, MOST_LISTED).map((plot) => {
      const row = document.createElement("li");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: chosen.has(plot.id) });
      box.dataset.plot = plot.id;
      box.addEventListener("change", () => toggle(plot.id));
      const label = document.createElement("label");
      label.append(box, ` ${plot.code} ${plot.name}`);
      const open = Object.assign(textElement("button", shades.get(plot.shade)?.word ?? plot.shade), { type: "button" });
      open.addEventListener("click", () => openPanel(plot.id));
      row.append(label, open);
      return row;
    });
    document.getElementById("map-list").replaceChildren(...rows);
  }

  async function openPanel(id) {
    const panel = document.getElementById("map-panel");
    const found = await askFor(words.plot.replace("/0.", `/${id}.`), { season: bar.season.value });
    const lines = document.createElement("dl");
    for (const [name, value] of found.lines) lines.append(textElement("dt", name), textElement("dd", value));
    const links = document.createElement("p");
    for (const [name, address] of found.links) links.append(Object.assign(textElement("a", name), { href: address }), " ");
    const close = Object.assign(textElement("button", words.wordsClose), { type: "button" });
    close.addEventListener("click", () => { panel.hidden = true; });
    opened = id;
    drawn.forEach((shape, key) => shape.getElement()?.classList.toggle("opened", key === opened));
    panel.replaceChildren(textElement("h2", found.title), lines, links, close);
    panel.hidden = false;
  }

  function mark(id) {
    const element = drawn.get(id)?.getElement();
    if (element) {
      element.classList.toggle("chosen", chosen.has(id));
      element.classList.toggle("opened", id === opened);
    }
    const box = document.querySelector(`[data-plot="${id}"]`);
    if (box) box.checked = chosen.has(id);
  }

  function recount() {
    document.getElementById("map-count").textContent = chosen.size.toLocaleString();
    choice.elements.fields.value = [...chosen].join(",");
  }

  function toggle(id) {
    if (!chosen.delete(id)) chosen.add(id);
    mark(id);
    recount();
  }

  async function chooseInside(corners) {
    const ring = corners.map((corner) => [corner.lng, corner.lat]);
    const area = JSON.stringify({ type: "Polygon", coordinates: [[...ring, ring[0]]] });
    const body = new URLSearchParams({ area, village: bar.village.value, csrfmiddlewaretoken: choice.elements.csrfmiddlewaretoken.value });
    try {
      const found = await askFor(words.inside, {}, { method: "POST", body });
      for (const id of found.fields) { chosen.add(id); mark(id); }
      if (found.more) status.textContent = `${words.wordsMore} ${Number(words.most).toLocaleString()}.`;
      recount();
    } catch (error) {
      status.textContent = error.message;
    }
  }

  function useTool(name) {
    tool = tool === name ? "" : name;
    for (const button of choice.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    place.classList.toggle("aiming", Boolean(tool));
    sketch.clear();
    map.dragging[tool === "box" ? "disable" : "enable"]();
    if (tool === "area") status.textContent = words.wordsArea;
  }

  const sketch = makeSketch(map, () => tool, chooseInside);
  choice.addEventListener("click", (event) => {
    const name = event.target.dataset.tool;
    if (name === "clear") {
      const before = [...chosen];
      chosen.clear();
      before.forEach(mark);
      recount();
    } else if (name) useTool(name);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && tool) useTool(tool); });

  async function goThere() {
    const { found } = await askFor(words.search, { q: bar.q.value });
    if (!found.length) { status.textContent = words.wordsNone; return; }
    const plot = found.find((each) => each.code === bar.q.value.trim()) ?? found[0];
    map.fitBounds(boundsOf(plot.box), { maxZoom: 18, padding: [80, 80] });
    await openPanel(plot.id);
  }
  bar.addEventListener("submit", (event) => { event.preventDefault(); goThere(); });
  for (const name of ["colour", "season", "village"]) bar[name].addEventListener("change", load);
  map.on("moveend", load);
  load();
  if (words.field) { bar.q.value = words.field; goThere(); }
}

// A rectangle dragged, or corners clicked until the first is clicked again.
function makeSketch(map, toolNow, done) {
  let corners = [];
  let from = null;
  const layer = L.layerGroup().addTo(map);
  const look = { className: "sketch", weight: 2, fillOpacity: 0.1, interactive: false };
  const clear = () => { corners = []; from = null; layer.clearLayers(); };

  map.on("mousedown", (event) => { if (toolNow() === "box") from = event.latlng; });
  map.on("mousemove", (event) => {
    if (!from) return;
    layer.clearLayers();
    L.rectangle([from, event.latlng], look).addTo(layer);
  });
  map.on("mouseup", (event) => {
    if (!from) return;
    const bounds = L.latLngBounds(from, event.latlng);
    clear();
    done([bounds.getSouthWest(), bounds.getNorthWest(), bounds.getNorthEast(), bounds.getSouthEast()]);
  });
  map.on("click", (event) => {
    if (toolNow() !== "area") return;
    const near = corners.length > 2 && map.latLngToContainerPoint(corners[0]).distanceTo(event.containerPoint) < 12;
    if (near) { const area = corners; clear(); done(area); return; }
    corners.push(event.latlng);
    layer.clearLayers();
    L.polyline(corners, look).addTo(layer);
    L.circleMarker(corners[0], { ...look, radius: 6, fillOpacity: 1 }).addTo(layer);
  });
  return { clear };
}
