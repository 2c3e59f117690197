/** As much of SVG as the plots need: markup as text, coloured by classes that follow the reader's light or dark scheme. */

export type Place = { x: number; y: number };

const STYLE = `
  .paper { fill: #ffffff } .ink { fill: #1f2328 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 } .bar { fill: #0a69da }
  .missed { fill: #cf222e } .bound { stroke: #1f2328; stroke-dasharray: 4 3 } .own { stroke: #0a69da; fill: none }
  .other { stroke: #9a6700; fill: none } .own-dot { fill: #0a69da } .other-dot { fill: #9a6700 }
  text { font: 13px system-ui, sans-serif } .title { font-weight: 600; font-size: 15px }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .ink { fill: #f0f6fc } .faint { fill: #9198a1 } .grid { stroke: #3d444d } .bar { fill: #4493f8 }
    .missed { fill: #f85149 } .bound { stroke: #f0f6fc } .own { stroke: #4493f8 } .other { stroke: #d29922 }
    .own-dot { fill: #4493f8 } .other-dot { fill: #d29922 }
  }`;

/** A whole document. @param title also for those who cannot see it */
export function svg({ width, height, title }: { width: number; height: number; title: string }, body: string): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="6"/>`,
    text({ x: 16, y: 26 }, title, "ink title"),
    body,
    "</svg>\n",
  ].join("\n");
}

export function text(
  { x, y }: Place,
  words: string,
  look: string,
  anchor: "end" | "middle" | "start" = "start",
): string {
  return `<text class="${look}" x="${near(x)}" y="${near(y)}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

export function rect({ x, y }: Place, { width, height }: { width: number; height: number }, look: string): string {
  return `<rect class="${look}" x="${near(x)}" y="${near(y)}" width="${near(width)}" height="${near(height)}" rx="2"/>`;
}

/** Through all points, which are marked where a look is given for that. */
export function polyline(points: readonly Place[], look: string, dotLook?: string): string {
  const path = points.map(({ x, y }) => `${near(x)},${near(y)}`).join(" ");
  const dots =
    dotLook === undefined
      ? []
      : points.map(({ x, y }) => `<circle class="${dotLook}" cx="${near(x)}" cy="${near(y)}" r="3.5"/>`);
  return [`<polyline class="${look}" stroke-width="2" points="${path}"/>`, ...dots].join("\n");
}

export function line(from: Place, to: Place, look: string): string {
  return `<line class="${look}" x1="${near(from.x)}" y1="${near(from.y)}" x2="${near(to.x)}" y2="${near(to.y)}"/>`;
}

function near(place: number): string {
  return String(Math.round(place * 10) / 10);
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
