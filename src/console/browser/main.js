/** What of the console moves: plots, figures and signals as they come. All of it works without, but for the plots. */
import { find, findAll } from "./find.js";
import { openPlot } from "./plot.js";

/**
 * @typedef {{ at: number; rates: Record<string, number>; outcomes: Record<string, number>; p50?: number; p99?: number }} Sample
 * @typedef {{ sample?: Sample; parts: Record<string, string> }} Tick
 * @typedef {{ key: string; severity: string; title: string; item: string }} NewSignal
 */

const SPAN_MS = 600_000;
/** Ticks that may be missed before it is said. */
const MISSED = 3;
/** As the server has it: see named-selector.ts. */
const TOKEN = /asy_(at|rt|cs)_|eyJ[\w-]{8,}/;

for (const form of findAll(document, "form[data-no-tokens]")) keepTokensHere(form);
if (document.querySelector("#signals") !== null) follow();

function follow() {
  const stepMs = 2_000;
  const look = { spanMs: SPAN_MS, stepMs };
  const plots = [
    plotOf("rate", { ...look, unit: "a second" }, (sample) => sample.rates),
    plotOf("latency", { ...look, unit: "milliseconds", isPowers: true }, ({ p50, p99 }) => ({ p50, p99 })),
    plotOf("outcomes", { ...look, unit: "a second", isStacked: true }, (sample) => sample.outcomes),
  ];
  const connection = watchConnection(stepMs * MISSED);
  const events = new EventSource("/events");
  /** @type {Sample[]} */
  let samples = [];
  const draw = () => {
    for (const show of plots) show(samples);
  };

  on(events, "hello", (/** @type {{ samples: Sample[]; signals: NewSignal[] }} */ hello) => {
    connection.isThere();
    samples = hello.samples;
    for (const signal of hello.signals) addSignal(signal);
    draw();
  });
  on(events, "tick", (/** @type {Tick} */ { sample, parts }) => {
    connection.isThere();
    for (const [name, markup] of Object.entries(parts)) replacePart(name, markup);
    if (sample === undefined) return;
    samples = [...samples, sample].filter(({ at }) => at >= sample.at - SPAN_MS);
    draw();
  });
  on(events, "signal", (/** @type {NewSignal} */ signal) => addSignal(signal));
  events.addEventListener("error", () => {
    connection.isLost();
    // A browser gives up where it was answered otherwise: the service may be another by now.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5_000);
  });
  followFilter();
}

/**
 * @param {EventSource} events @param {string} name
 * @param {(data: any) => void} hear
 */
function on(events, name, hear) {
  events.addEventListener(name, (event) => hear(JSON.parse(event.data)));
}

/**
 * @param {string} kind @param {import("./plot.js").Look} look
 * @param {(sample: Sample) => Record<string, number | undefined>} valuesOf
 * @returns {(samples: Sample[]) => void}
 */
function plotOf(kind, look, valuesOf) {
  const [figure] = findAll(document, `[data-plot="${kind}"]`);
  if (figure === undefined) return () => undefined;
  const plot = openPlot(figure, look, announce);
  return (samples) => plot.show(samples.map((sample) => ({ at: sample.at, values: valuesOf(sample) })));
}

/** The server has escaped what it holds. @param {string} name @param {string} markup */
function replacePart(name, markup) {
  const part = document.querySelector(`[data-part="${name}"]`);
  if (part !== null) part.innerHTML = markup;
}

/** One that came before is told anew in its place, and stays open or closed. @param {NewSignal} signal */
function addSignal({ key, severity, title, item }) {
  const list = find(document, "#signals");
  const known = document.getElementById(`signal-${key}`);
  if (known === null) {
    list.insertAdjacentHTML("afterbegin", item);
    list.firstElementChild?.classList.add("new");
    document.querySelector("#no-signals")?.setAttribute("hidden", "");
    return announce(`${severity}: ${title}`);
  }
  const isOpen = known.querySelector("details")?.open ?? false;
  const isFocused = known.contains(document.activeElement);
  known.insertAdjacentHTML("afterend", item);
  const anew = known.nextElementSibling?.querySelector("details");
  known.remove();
  if (anew === null || anew === undefined) return;
  anew.open = isOpen;
  if (isFocused) anew.querySelector("summary")?.focus();
}

function followFilter() {
  const filter = find(document, "#filter");
  const list = find(document, "#signals");
  filter.hidden = false;
  filter.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement) list.dataset["least"] = event.target.value;
  });
}

/** @param {number} limitMs how long nothing may come */
function watchConnection(limitMs) {
  const line = find(document, "#connection");
  let heardAt = Date.now();
  const isLost = () => {
    document.documentElement.classList.add("stale");
    line.className = "connection lost";
    line.textContent = `Connection lost: shown is what was known at ${new Date(heardAt).toISOString().slice(11, 19)} UTC. Trying again.`;
    line.hidden = false;
  };
  setInterval(() => {
    if (Date.now() - heardAt > limitMs && line.className !== "connection lost") isLost();
  }, 1_000);
  return {
    isLost,
    isThere() {
      heardAt = Date.now();
      document.documentElement.classList.remove("stale");
      line.className = "connection live";
      line.textContent = "Live";
      line.hidden = false;
    },
  };
}

/** A token that is pasted does not even leave the browser. @param {HTMLElement} form */
function keepTokensHere(form) {
  const hint = find(form, "#token-hint");
  form.addEventListener("submit", (event) => {
    const typed = findAll(form, "input:not([type=hidden])").filter((one) => one instanceof HTMLInputElement);
    const tokens = typed.filter((input) => TOKEN.test(input.value));
    hint.hidden = tokens.length === 0;
    if (tokens.length === 0) return;
    event.preventDefault();
    for (const input of tokens) input.value = "";
    tokens[0]?.focus();
  });
}

/** @param {string} text */
function announce(text) {
  const line = document.querySelector("#announcement");
  if (line !== null) line.textContent = text;
}
