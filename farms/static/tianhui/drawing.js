// Draws one outline or line corner by corner; the box of text beside it holds the same as GeoJSON.
import { askFor, boundsOf, boxOf, makeMap, textElement } from "./map-base.js";
import { showParts } from "./split-parts.js";

const L = window.L;
const place = document.getElementById("drawing-map");
const NUDGE = 1;
const FAR_NUDGE = 10;
const CHINA = [[18, 74], [53, 134]];

if (place) start();

function start() {
  const words = place.dataset;
  const isArea = words.kind === "Polygon";
  const box = document.querySelector("[name=shape]");
  const tools = document.getElementById("drawing-tools");
  const map = makeMap(place);
  const ground = L.layerGroup().addTo(map);
  const layer = L.layerGroup().addTo(map);
  let corners = [];
  let holes = [];
  let tool = "add";
  let past = [];
  const told = words.parts ? showParts(map, box.form, box, words.parts) : () => {};

  tools.hidden = false;
  const given = parse(words.outline);
  // Corners can be drawn only on a map that already shows some ground.
  const first = (parse(box.value) ?? given)?.rings[0];
  map.fitBounds(first ? L.latLngBounds(first) : words.extent ? boundsOf(words.extent.split(",").map(Number)) : CHINA, { maxZoom: 20, padding: [60, 60] });
  if (given) L.polygon(given.rings, { className: "outline-given", weight: 2, fillOpacity: 0.15, interactive: false }).addTo(map);
  readBox();
  if (isArea && corners.length) tool = "move";

  function parse(text) {
    try {
      const shape = JSON.parse(text);
      const rings = shape.type === "Polygon" ? shape.coordinates : [shape.coordinates];
      return { rings: rings.map((ring) => ring.map(([x, y]) => L.latLng(y, x))) };
    } catch {
      return null;
    }
  }

  // Other ways of writing are the server's to read; the drawing follows GeoJSON only.
  function readBox() {
    const found = parse(box.value);
    if (!found) { told(); return; }
    [corners, ...holes] = found.rings;
    if (isArea) corners = corners.slice(0, -1);
    redraw();
    told();
  }

  function writeBox() {
    const pair = (corner) => [Number(corner.lng.toFixed(8)), Number(corner.lat.toFixed(8))];
    const line = corners.map(pair);
    const ready = corners.length >= (isArea ? 3 : 2);
    const rings = [[...line, line[0]], ...holes.map((hole) => hole.map(pair))];
    box.value = ready ? JSON.stringify({ type: words.kind, coordinates: isArea ? rings : line }) : "";
    told();
  }

  function change(next) {
    past.push(corners);
    corners = next;
    redraw();
    writeBox();
  }

  function redraw() {
    layer.clearLayers();
    const look = { className: "sketch", weight: 3, fillOpacity: 0.2, interactive: false };
    (isArea && corners.length > 2 ? L.polygon([corners, ...holes], look) : L.polyline(corners, look)).addTo(layer);
    corners.forEach(addCorner);
    if (tool === "move") middles().forEach(([at, point]) => addMiddle(at, point));
  }

  function addCorner(corner, at) {
    const icon = L.divIcon({ className: "corner", iconSize: [16, 16] });
    const marker = L.marker(corner, { icon, draggable: true, keyboard: true, title: `${words.wordsCorner} ${at + 1}`, alt: `${words.wordsCorner} ${at + 1}` }).addTo(layer);
    marker.on("dragend", () => change(corners.with(at, marker.getLatLng())));
    marker.getElement().addEventListener("keydown", (event) => onCornerKey(event, at));
  }

  function onCornerKey(event, at) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Delete" || event.key === "Backspace") change(corners.toSpliced(at, 1));
    else if (moves[event.key]) {
      const far = event.shiftKey ? FAR_NUDGE : NUDGE;
      const point = map.latLngToContainerPoint(corners[at]).add(moves[event.key].map((step) => step * far));
      change(corners.with(at, map.containerPointToLatLng(point)));
      layer.getLayers().filter((each) => each instanceof L.Marker)[at].getElement().focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function middles() {
    const pairs = corners.map((corner, at) => [at + 1, corner, corners[at + 1] ?? (isArea ? corners[0] : null)]);
    return pairs.filter(([, , next]) => next).map(([at, one, next]) => [at, L.latLng((one.lat + next.lat) / 2, (one.lng + next.lng) / 2)]);
  }

  function addMiddle(at, point) {
    const icon = L.divIcon({ className: "corner corner-between", iconSize: [12, 12] });
    const marker = L.marker(point, { icon, draggable: true, keyboard: false }).addTo(layer);
    marker.on("dragend", () => change(corners.toSpliced(at, 0, marker.getLatLng())));
    marker.on("click", () => change(corners.toSpliced(at, 0, point)));
  }

  function useTool(name) {
    tool = name;
    for (const button of tools.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    place.classList.toggle("aiming", tool === "add");
    redraw();
  }

  map.on("click", (event) => { if (tool === "add") change([...corners, event.latlng]); });
  tools.addEventListener("click", (event) => {
    const name = event.target.dataset.tool;
    if (name === "add" || name === "move") useTool(name);
    if (name === "centre") change([...corners, map.getCenter()]);
    if (name === "clear" && corners.length) change([]);
    if (name === "undo" && past.length) { corners = past.pop(); redraw(); writeBox(); }
  });
  box.addEventListener("change", readBox);
  useTool(tool);

  async function showNeighbours() {
    const found = await askFor(words.plots, { box: boxOf(map.getBounds()), zoom: Math.round(map.getZoom()) });
    ground.clearLayers();
    for (const plot of found.plots.filter((each) => String(each.id) !== words.field)) {
      L.polygon(plot.rings, { className: "neighbour", weight: 1, fillOpacity: 0.1, interactive: false }).addTo(ground);
      const icon = L.divIcon({ className: "neighbour-code", html: textElement("span", plot.code), iconSize: null });
      if (found.plots.length < 15) L.marker(plot.at, { icon, interactive: false, keyboard: false }).addTo(ground);
    }
  }
  map.on("moveend", showNeighbours);
  showNeighbours();
}
