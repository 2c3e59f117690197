/** A plot of the last minutes: lines, or areas one upon the other. Drawn as SVG at the size that it has. */
import { find, findAll } from "./find.js";
import { linearScale, powerScale, shortNumber } from "./scale.js";

/**
 * @typedef {{ at: number; values: Record<string, number | undefined> }} Point
 * @typedef {{ isStacked?: boolean; isPowers?: boolean; unit: string; spanMs: number; stepMs: number }} Look
 * @typedef {import("./scale.js").Scale} Scale
 * @typedef {{ width: number; height: number; scale: Scale; x: (at: number) => number; y: (value: number) => number }} Frame
 */

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 136;
const SPACE = { top: 10, right: 10, bottom: 24, left: 46 };
const MINUTE = 60_000;
const LEAST_SPAN = 2 * MINUTE;

/**
 * @param {HTMLElement} figure with a `.canvas`, and a legend of `[data-series]` with an `output` each
 * @param {Look} look
 * @param {(text: string) => void} announce for who does not see the plot
 */
export function openPlot(figure, look, announce) {
  const canvas = find(figure, ".canvas");
  const legend = findAll(figure, "[data-series]");
  const keys = legend.map((item) => item.dataset["series"] ?? "");
  /** @type {Point[]} */
  let points = [];
  /** @type {number | undefined} The point that is looked at; undefined for the last. */
  let chosen;

  const draw = () => {
    const width = canvas.clientWidth;
    if (width === 0 || points.length === 0) return;
    const frame = frameOf(width, points, keys, look);
    const svg = element("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": "true" });
    svg.append(...grid(frame, points, look), ...(look.isStacked ? areas : lines)(frame, points, keys, look));
    if (chosen !== undefined) svg.append(...cursor(frame, points[chosen]));
    canvas.replaceChildren(svg);
    tell(points[chosen ?? points.length - 1]);
  };

  /** @param {Point | undefined} point */
  const tell = (point) => {
    for (const [index, item] of legend.entries()) {
      const value = point?.values[keys[index] ?? ""];
      const output = item.querySelector("output");
      if (output !== null) output.textContent = value === undefined ? "–" : shortNumber(value);
    }
    canvas.setAttribute("aria-description", description(point));
  };

  /** @param {Point | undefined} point */
  const description = (point) => {
    if (point === undefined) return "";
    const values = legend.map((item) => (item.textContent ?? "").replaceAll(/\s+/g, " ").trim());
    return `${timeOf(point.at)}: ${values.join(", ")} ${look.unit}. Arrow keys look back.`;
  };

  /** @param {number | undefined} index */
  const choose = (index) => {
    chosen = index === undefined ? undefined : Math.min(points.length - 1, Math.max(0, index));
    draw();
  };

  canvas.addEventListener("pointermove", (event) => {
    const first = points[0];
    if (first === undefined) return;
    const { left, width } = canvas.getBoundingClientRect();
    const share = (event.clientX - left - SPACE.left) / (width - SPACE.left - SPACE.right);
    const last = points.at(-1)?.at ?? 0;
    const at = last - spanOf(points, look) * (1 - share);
    choose(points.findIndex((point) => point.at >= at - look.stepMs / 2));
  });
  canvas.addEventListener("pointerleave", () => choose(undefined));
  canvas.addEventListener("blur", () => choose(undefined));
  canvas.addEventListener("keydown", (event) => {
    const here = chosen ?? points.length - 1;
    const there = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: points.length - 1 }[event.key];
    if (event.key === "Escape") return choose(undefined);
    if (there === undefined) return;
    event.preventDefault();
    choose(there);
    announce(description(points[chosen ?? 0]));
  });
  new ResizeObserver(draw).observe(canvas);

  return {
    /** @param {Point[]} all oldest first */
    show(all) {
      const gone = chosen === undefined ? undefined : points[chosen]?.at;
      points = all;
      figure.hidden = points.length === 0;
      if (gone !== undefined) {
        const index = points.findIndex(({ at }) => at >= gone);
        chosen = index < 0 ? undefined : index;
      }
      draw();
    },
  };
}

/** @param {number} width @param {Point[]} points @param {string[]} keys @param {Look} look @returns {Frame} */
function frameOf(width, points, keys, look) {
  const last = points.at(-1)?.at ?? 0;
  const inner = { width: width - SPACE.left - SPACE.right, height: HEIGHT - SPACE.top - SPACE.bottom };
  const values = points.map(({ values: of }) => keys.map((key) => of[key] ?? 0));
  const tops = look.isStacked
    ? values.map((all) => all.reduce((sum, value) => sum + value, 0))
    : values.flat().filter((value) => value > 0);
  const greatest = Math.max(0, ...tops);
  const spanMs = spanOf(points, look);
  const scale = look.isPowers && greatest > 0 ? powerScale(Math.min(...tops), greatest) : linearScale(greatest);
  return {
    width,
    height: HEIGHT,
    scale,
    x: (at) => SPACE.left + inner.width * (1 - (last - at) / spanMs),
    y: (value) => SPACE.top + inner.height * (1 - scale.place(value)),
  };
}

/** Soon after a start there is less to show. @param {Point[]} points @param {Look} look */
function spanOf(points, look) {
  const there = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  return Math.min(look.spanMs, Math.max(LEAST_SPAN, there));
}

/** @param {Frame} frame @param {Point[]} points @param {Look} look */
function grid({ width, height, scale, x, y }, points, look) {
  const last = points.at(-1)?.at ?? 0;
  const most = Math.floor(spanOf(points, look) / MINUTE);
  const step = Math.ceil(most / (width < 420 ? 2 : 5));
  const minutes = Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
  return [
    ...scale.ticks.flatMap((tick) => {
      const at = Math.round(y(tick)) + 0.5;
      return [
        element("line", { class: "grid", x1: SPACE.left, x2: width - SPACE.right, y1: at, y2: at }),
        label(shortNumber(tick), { x: SPACE.left - 8, y: at + 4, "text-anchor": "end" }),
      ];
    }),
    ...minutes.map((minute) => {
      const at = x(last - minute * MINUTE);
      const anchor = minute === 0 ? "end" : at < SPACE.left + 24 ? "start" : "middle";
      return label(minute === 0 ? "now" : `−${minute} min`, { x: at, y: height - 6, "text-anchor": anchor });
    }),
  ];
}

/** @param {Frame} frame @param {Point[]} points @param {string[]} keys @param {Look} look */
function lines({ x, y }, points, keys, look) {
  return keys.map((key) => {
    let path = "";
    let before = -Infinity;
    for (const { at, values } of points) {
      const value = values[key];
      if (value === undefined) continue;
      const isNear = at - before < look.stepMs * 3;
      // A lone point would not show as a line.
      path += isNear
        ? `L${x(at).toFixed(1)} ${y(value).toFixed(1)}`
        : `M${x(at).toFixed(1)} ${y(value).toFixed(1)}h.01`;
      before = at;
    }
    return element("path", { class: `line ${key}`, d: path });
  });
}

/** @param {Frame} frame @param {Point[]} points @param {string[]} keys */
function areas({ x, y }, points, keys) {
  const below = points.map(() => 0);
  return keys.map((key) => {
    const lower = points.map(({ at }, index) => `${x(at).toFixed(1)} ${y(below[index] ?? 0).toFixed(1)}`);
    const upper = points.map(({ at, values }, index) => {
      below[index] = (below[index] ?? 0) + (values[key] ?? 0);
      return `${x(at).toFixed(1)} ${y(below[index] ?? 0).toFixed(1)}`;
    });
    return element("path", { class: `area ${key}`, d: `M${upper.join("L")}L${lower.toReversed().join("L")}Z` });
  });
}

/** @param {Frame} frame @param {Point | undefined} point */
function cursor({ width, height, x }, point) {
  if (point === undefined) return [];
  const at = Math.round(x(point.at)) + 0.5;
  const isRight = at > width / 2;
  return [
    element("line", { class: "cursor", x1: at, x2: at, y1: SPACE.top, y2: height - SPACE.bottom }),
    label(timeOf(point.at), {
      class: "strong",
      x: at + (isRight ? -6 : 6),
      y: SPACE.top + 10,
      "text-anchor": isRight ? "end" : "start",
    }),
  ];
}

/** @param {number} at */
function timeOf(at) {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** @param {string} text @param {Record<string, string | number>} attributes */
function label(text, attributes) {
  const made = element("text", attributes);
  made.textContent = text;
  return made;
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  return made;
}
