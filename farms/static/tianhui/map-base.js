// What every map of the admin stands on: ground, graticule, scale, colours with their patterns.
const L = window.L;
const TONES = ["paddy", "sky", "wheat", "soil", "brick", "muted"];
const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];
const SVG = "http://www.w3.org/2000/svg";

export function makeMap(place, options = {}) {
  const words = place.dataset;
  const map = L.map(place, { attributionControl: Boolean(words.tiles), zoomControl: false, zoomSnap: 0.25, ...options });
  L.control.zoom({ zoomInTitle: words.wordsIn, zoomOutTitle: words.wordsOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  if (words.tiles) {
    map.attributionControl.setPrefix(false);
    const marks = words.subdomains.includes(",") ? words.subdomains.split(",") : words.subdomains;
    L.tileLayer(words.tiles, { attribution: words.attribution, subdomains: marks || "abc", maxZoom: 20, maxNativeZoom: 18 }).addTo(map);
  } else {
    drawGraticule(map);
  }
  return map;
}

// Meridians and parallels with their degrees: plain paper that still says where one is.
function drawGraticule(map) {
  const pane = map.createPane("graticule");
  pane.classList.add("graticule-pane");
  const layer = L.layerGroup().addTo(map);
  const renderer = L.svg({ pane: "graticule" });
  const draw = () => {
    layer.clearLayers();
    const bounds = map.getBounds();
    const step = STEPS.find((each) => (bounds.getEast() - bounds.getWest()) / each >= 3) || STEPS.at(-1);
    const places = Math.max(0, Math.ceil(-Math.log10(step)));
    const line = (points) => L.polyline(points, { pane: "graticule", renderer, interactive: false, weight: 1, className: "graticule" }).addTo(layer);
    const label = (at, words, kind) => {
      const text = document.createElement("span");
      text.textContent = words;
      L.marker(at, { pane: "graticule", interactive: false, keyboard: false, icon: L.divIcon({ className: `graticule-label ${kind}`, html: text, iconSize: null }) }).addTo(layer);
    };
    for (let n = Math.ceil(bounds.getWest() / step); n * step < bounds.getEast(); n += 1) {
      line([[bounds.getSouth(), n * step], [bounds.getNorth(), n * step]]);
      label([bounds.getNorth(), n * step], `${(n * step).toFixed(places)}°`, "meridian");
    }
    for (let n = Math.ceil(bounds.getSouth() / step); n * step < bounds.getNorth(); n += 1) {
      line([[n * step, bounds.getWest()], [n * step, bounds.getEast()]]);
      label([n * step, bounds.getEast()], `${(n * step).toFixed(places)}°`, "parallel");
    }
  };
  map.on("moveend", draw);
}

// Patterns of every tone, so that colour is never the only sign.
export function addPatterns() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "map-patterns");
  svg.setAttribute("aria-hidden", "true");
  const paths = { hatch: ["M0 8 8 0"], cross: ["M0 8 8 0", "M0 0 8 8"] };
  for (const tone of TONES) {
    for (const [name, lines] of Object.entries(paths)) {
      const pattern = document.createElementNS(SVG, "pattern");
      pattern.id = `${tone}-${name}`;
      for (const [key, value] of Object.entries({ width: 8, height: 8, patternUnits: "userSpaceOnUse" })) pattern.setAttribute(key, value);
      for (const d of lines) {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", d);
        path.setAttribute("class", `pattern-line tone-${tone}`);
        pattern.append(path);
      }
      svg.append(pattern);
    }
  }
  document.body.append(svg);
}

export function styleOf(shade) {
  if (!shade || shade.pattern === "plain") return { className: `plot tone-${shade ? shade.tone : "muted"}`, weight: 1.5, fillOpacity: 0.45 };
  return { className: `plot patterned tone-${shade.tone}`, weight: 1.5, fillOpacity: 0.9, fillColor: `url(#${shade.tone}-${shade.pattern})` };
}

// Leaflet makes a stop for the Tab key of every shape with a tooltip: hundreds of them lie between
// the map and what follows it. The list of the plots beside the map is for the keyboard.
export function skipByTab(shape) {
  shape.getElement()?.setAttribute("tabindex", "-1");
}

export function boxOf(bounds) {
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((edge) => edge.toFixed(6)).join(",");
}

export function boundsOf(box) {
  const [west, south, east, north] = box;
  return L.latLngBounds([south, west], [north, east]);
}

export async function askFor(address, values, options = {}) {
  const answer = await fetch(`${address}?${new URLSearchParams(values)}`, { credentials: "same-origin", ...options });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error || answer.statusText);
  return found;
}

export function textElement(tag, words, className = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (className) element.className = className;
  return element;
}
