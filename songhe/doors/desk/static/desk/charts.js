/** Charts from figures that stand in the page: [data-chart="line"|"bar"] with data-rows naming a JSON block of
 *  [{label, value, text, url}]. A value of null is a gap, never a zero. Type size and colours come from the stylesheet. */

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const root = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

const safe = (text) => window.echarts.format.encodeHTML(String(text));

/** One more tick than needed would be crowded in large type: labels thin out by themselves (axisLabel.hideOverlap). */
function option(box, rows) {
  const size = root();
  const font = { fontSize: Math.round(size * 0.8125), color: css("--td-text-color-secondary"), fontFamily: css("--td-font-family") };
  const percent = box.dataset.unit === "%";
  const target = parseFloat(box.dataset.target);
  const bar = box.dataset.chart === "bar";
  const values = {
    type: "value", max: percent ? 100 : undefined, interval: percent && bar ? 25 : undefined, min: percent && !bar ? ({ min }) => Math.max(0, Math.floor((min - 5) / 10) * 10) : 0,
    axisLabel: { ...font, formatter: `{value}${percent ? "%" : ""}` }, splitLine: { lineStyle: { color: css("--td-border-level-1-color") } }, splitNumber: 4,
  };
  const labels = { type: "category", data: rows.map((row) => (bar && row.value == null ? `${row.label}（${row.text ?? "—"}）` : row.label)), axisLabel: { ...font, hideOverlap: true }, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--td-border-level-2-color") } }, boundaryGap: bar };
  return {
    animation: !calm, animationDuration: 300, textStyle: { fontFamily: css("--td-font-family") }, color: [css("--td-brand-color-6")],
    grid: { left: size * 0.25, right: size * (bar ? 4 : 3.25), top: size * 1.25, bottom: size * 0.25, containLabel: true },
    tooltip: { trigger: "axis", confine: true, textStyle: { ...font, color: css("--td-text-color-primary") }, formatter: ([point]) => `${safe(rows[point.dataIndex].label)}<br><b>${safe(rows[point.dataIndex].text ?? point.value ?? "—")}</b>` },
    xAxis: bar ? values : labels,
    yAxis: bar ? { ...labels, inverse: true } : values,
    series: [{
      type: bar ? "bar" : "line", data: rows.map((row) => row.value), connectNulls: false, symbol: "circle", symbolSize: size * 0.5, barMaxWidth: size * 1.25,
      lineStyle: { width: 2.5 }, areaStyle: bar ? undefined : { color: css("--td-brand-color-1") }, itemStyle: bar ? { borderRadius: [0, 4, 4, 0] } : {},
      label: bar ? { show: true, position: "right", ...font, formatter: ({ dataIndex }) => rows[dataIndex].text ?? "" } : {},
      endLabel: bar ? undefined : { show: true, ...font, fontWeight: 600, color: css("--td-text-color-primary"), formatter: ({ value }) => (value == null ? "" : `${value}${box.dataset.unit}`) },
      markLine: Number.isFinite(target) ? { silent: true, symbol: "none", lineStyle: { color: css("--td-warning-color-7"), type: "dashed" }, data: [bar ? { xAxis: target } : { yAxis: target }], label: { ...font, color: css("--td-warning-color-7"), position: bar ? "end" : "insideStartTop", formatter: `${box.dataset.targetLabel} ${target}${box.dataset.unit}` } } : undefined,
    }],
  };
}

function draw(box) {
  const rows = JSON.parse(document.getElementById(box.dataset.rows).textContent);
  const chart = window.echarts.getInstanceByDom(box) || window.echarts.init(box, null, { renderer: "svg" });
  if (box.dataset.chart === "bar") box.style.height = `${Math.max(6, rows.length * 2.25 + 2) * root()}px`;
  chart.resize();
  chart.setOption(option(box, rows), true);
  chart.off("click");
  chart.on("click", ({ dataIndex }) => rows[dataIndex]?.url && window.location.assign(rows[dataIndex].url));
}

const all = () => document.querySelectorAll("[data-chart]").forEach(draw);
all();
new ResizeObserver(() => requestAnimationFrame(all)).observe(document.body);
document.addEventListener("htmx:after:swap", all);
