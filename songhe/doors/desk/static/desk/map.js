/** The map: fill by light, name and value in the area, click opens the row's page. [data-map] names two JSON blocks:
 *  data-geo, a GeoJSON FeatureCollection with properties.code; data-rows, [{code, name, light, value, url}].
 *  Areas without a row, or with light none, are drawn hatched: not reported is not good and not bad.
 *  The same rows stand in a table beside the map: that is the way for keyboards and screen readers. */

const LIGHTS = {
  green: { shape: "●", fill: "--td-success-color-3", line: "--td-success-color-7" },
  yellow: { shape: "▲", fill: "--td-warning-color-3", line: "--td-warning-color-7" },
  red: { shape: "■", fill: "--td-error-color-3", line: "--td-error-color-7" },
  none: { shape: "○", fill: "--td-gray-color-2", line: "--td-gray-color-9" },
};
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const root = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const light = (row) => LIGHTS[row?.light] ?? LIGHTS.none;

/** Grey diagonal lines, so that "not reported" shows in black and white too. */
function hatch() {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = "#f7f9f8";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = "#c6cfcc";
  pen.beginPath();
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return { image: tile, repeat: "repeat" };
}

const ASPECT = 0.75; // ECharts squeezes degrees of longitude by this, right for 40° north
const ENDINGS = /(?:村民|居民)?委员会$|(?:社区)?居委会$|村委会$/;

/** West, south, east, north of some features, in degrees. */
function bounds(features) {
  const flat = features.flatMap((feature) => feature.geometry.coordinates.flat(Infinity));
  const [xs, ys] = [0, 1].map((axis) => flat.filter((_, i) => i % 2 === axis));
  const edge = (pick, values) => values.reduce((a, b) => pick(a, b));
  return [edge(Math.min, xs), edge(Math.min, ys), edge(Math.max, xs), edge(Math.max, ys)];
}

/** Width of a text in ems: Chinese 1, Latin and digits about half. */
const ems = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2000" ? 1 : 0.56), 0);

/** What fits into each area: shape, name and value; else shape and name (short); else the shape alone. */
function labels(features, byCode, box, fontSize) {
  const [west, south, east, north] = bounds(features);
  const scale = Math.min((box.clientWidth - 2 * root()) / ((east - west) * ASPECT), (box.clientHeight - 2 * root()) / (north - south));
  const texts = new Map();
  for (const feature of features) {
    const row = byCode.get(feature.properties.code);
    if (!row) continue;
    const [x0, y0, x1, y1] = bounds([feature]);
    const room = ((x1 - x0) * ASPECT * scale * 0.92) / fontSize;
    const lines = ((y1 - y0) * scale * 0.8) / (fontSize * 1.3);
    const shape = `{${row.light in LIGHTS ? row.light : "none"}|${light(row).shape}}`;
    const short = row.name.replace(ENDINGS, "");
    const bare = short.replace(/(?:镇|乡|街道|村|社区)$/, "");
    const cut = room >= 4.4 ? `${bare.slice(0, Math.floor(room - 2.4))}…` : "";
    const name = [row.name, short, bare, cut].find((text) => text && ems(text) + 1.4 <= room);
    const value = row.value && lines >= 2 && ems(row.value) <= room ? `\n${row.value}` : "";
    texts.set(feature.properties.code, name && lines >= 1 ? `${shape} ${name}${value}` : shape);
  }
  return texts;
}

function option(box, geo, rows) {
  const size = root();
  const byCode = new Map(rows.map((row) => [String(row.code), row]));
  const font = { fontSize: Math.round(size * (geo.features.length > 30 ? 0.6875 : 0.8125)), fontFamily: css("--td-font-family"), color: css("--td-text-color-primary") };
  const nothing = hatch();
  const texts = labels(geo.features, byCode, box, font.fontSize);
  const look = (feature) => {
    const row = byCode.get(feature.properties.code);
    const tone = light(row);
    const area = { areaColor: row && row.light && row.light !== "none" ? css(tone.fill) : nothing, borderColor: "#fff", borderWidth: 1.5 };
    return { name: feature.properties.code, itemStyle: area, emphasis: { itemStyle: { ...area, borderColor: css(tone.line), borderWidth: 3 }, label: { ...font, show: true } } };
  };
  const rich = Object.fromEntries(Object.entries(LIGHTS).map(([level, tone]) => [level, { ...font, color: css(tone.line) }]));
  const safe = (text) => window.echarts.format.encodeHTML(String(text ?? ""));
  return {
    animation: false,
    tooltip: { confine: true, textStyle: font, formatter: ({ name }) => { const row = byCode.get(name); return row ? `${light(row).shape} <b>${safe(row.name)}</b><br>${safe(row.value)}` : ""; } },
    // A `geo` with regions, no series and no visualMap: a hidden visualMap repaints the areas in its own blue.
    geo: {
      map: box.id, nameProperty: "code", roam: false, selectedMode: false, aspectScale: ASPECT, top: size, bottom: size, left: size, right: size,
      label: { show: true, ...font, lineHeight: Math.round(font.fontSize * 1.3), textBorderColor: "rgba(255,255,255,.85)", textBorderWidth: 3, formatter: ({ name }) => texts.get(name) ?? "", rich },
      itemStyle: { areaColor: nothing, borderColor: "#fff", borderWidth: 1.5 },
      regions: geo.features.map(look),
    },
  };
}

function draw(box) {
  const geo = JSON.parse(document.getElementById(box.dataset.geo).textContent);
  const rows = JSON.parse(document.getElementById(box.dataset.rows).textContent);
  if (!geo?.features?.length) {
    box.hidden = true;
    return;
  }
  for (const feature of geo.features) feature.properties.code = String(feature.properties.code);
  const chart = window.echarts.getInstanceByDom(box) || window.echarts.init(box, null, { renderer: "svg" });
  window.echarts.registerMap(box.id, geo);
  chart.resize();
  chart.setOption(option(box, geo, rows), true);
  chart.off("click");
  chart.on("click", ({ name }) => {
    const row = rows.find((candidate) => String(candidate.code) === name);
    if (row?.url) window.location.assign(row.url);
  });
}

const all = () => document.querySelectorAll("[data-map]").forEach(draw);
all();
new ResizeObserver(() => requestAnimationFrame(all)).observe(document.body);
document.addEventListener("htmx:after:swap", all);

/* A row under the pointer or the focus lights up its area: rows carry data-code. */
for (const kind of ["mouseover", "focusin", "mouseout", "focusout"]) {
  document.addEventListener(kind, (event) => {
    const code = event.target.closest?.("[data-code]")?.dataset.code;
    if (!code) return;
    const type = kind === "mouseover" || kind === "focusin" ? "highlight" : "downplay";
    for (const box of document.querySelectorAll("[data-map]")) window.echarts.getInstanceByDom(box)?.dispatchAction({ type, geoIndex: 0, name: code });
  });
}
