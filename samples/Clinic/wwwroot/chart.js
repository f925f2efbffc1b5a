// Two panels in one SVG: hits and misses of each second as bars, shaded while Redis is away, and how long the last reads took as marks on a logarithmic scale.
const names = "http://www.w3.org/2000/svg";
const seconds = 60;
const left = 60;
const right = 790;
const bars = { top: 44, bottom: 122 };
const marks = { top: 168, bottom: 280 };
const scale = [0.1, 1, 10, 100, 1000];

export function draw(svg, perSecond, recent, summary) {
  svg.replaceChildren(
    make("title", { id: "latency-title" }, "Hits, misses and latency"),
    make("desc", { id: "latency-text" }, summary),
    hatch(),
    ...legend(),
    ...drawBars(perSecond),
    ...drawMarks(recent));
}

function drawBars(perSecond) {
  const highest = Math.max(4, ...perSecond.map(second => second.hits + second.misses));
  const width = (right - left) / seconds;
  const height = count => (bars.bottom - bars.top) * count / highest;
  const shapes = [
    make("text", { x: 0, y: 30, class: "heading" }, `Reads in each of the last ${seconds} seconds`),
    ...line(bars.bottom, "0"),
    ...line(bars.top, String(highest)),
  ];
  perSecond.forEach((second, index) => {
    const x = right - (perSecond.length - index) * width + 1;
    if (second.isDegraded) {
      shapes.push(make("rect", { x: x - 1, y: bars.top, width, height: bars.bottom - bars.top, class: "away" }));
    }
    const hits = height(second.hits);
    const misses = height(second.misses);
    if (hits > 0) {
      shapes.push(make("rect", { x, y: bars.bottom - hits, width: width - 2, height: hits, class: "cache" }));
    }
    if (misses > 0) {
      shapes.push(make("rect", { x, y: bars.bottom - hits - misses, width: width - 2, height: misses, class: "store" }));
    }
  });
  return shapes;
}

function drawMarks(recent) {
  const lowest = Math.log10(scale[0]);
  const span = Math.log10(scale.at(-1)) - lowest;
  const y = milliseconds => {
    const share = (Math.log10(Math.max(milliseconds, scale[0])) - lowest) / span;
    return marks.bottom - Math.min(1, share) * (marks.bottom - marks.top);
  };
  const step = (right - left) / 64;
  return [
    make("text", { x: 0, y: 154, class: "heading" }, "How long the last 64 reads took, in milliseconds"),
    ...scale.flatMap(value => line(y(value), String(value))),
    ...recent.map((read, index) => mark(read.source, right - (recent.length - index - 0.5) * step, y(read.elapsedMilliseconds))),
  ];
}

function legend() {
  return [
    make("rect", { x: 330, y: 18, width: 14, height: 14, class: "away" }), make("text", { x: 350, y: 30 }, "Redis away"),
    mark("cache", 455, 25), make("text", { x: 467, y: 30 }, "hit: from the cache"),
    mark("store", 625, 25), make("text", { x: 637, y: 30 }, "miss: from the store"),
  ];
}

function mark(source, x, y) {
  return source === "cache"
    ? make("circle", { cx: x, cy: y, r: 4, class: "cache" })
    : make("path", { d: `M${x} ${y - 5}l5.5 9.5h-11z`, class: "store" });
}

function line(y, label) {
  return [
    make("line", { x1: left, x2: right, y1: y, y2: y, class: "grid" }),
    make("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, label),
  ];
}

function hatch() {
  const pattern = make("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(make("line", { x1: 0, x2: 0, y1: 0, y2: 6, class: "hatch" }));
  return pattern;
}

function make(name, attributes, text) {
  const element = document.createElementNS(names, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}
