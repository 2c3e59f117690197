import { readFile } from "node:fs/promises";

export type Asset = { type: string; body: Buffer };

const FILES = {
  "console.css": "text/css; charset=utf-8",
  "main.js": "text/javascript; charset=utf-8",
  "find.js": "text/javascript; charset=utf-8",
  "plot.js": "text/javascript; charset=utf-8",
  "scale.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

/** What browsers load besides pages, by path. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  for (const [name, type] of Object.entries(FILES)) {
    assets.set(`/assets/${name}`, { type, body: await readFile(new URL(`browser/${name}`, import.meta.url)) });
  }
  return assets;
}
