import { join } from "node:path";
import type { Page } from "playwright-core";

export type Shot = {
  name: "light" | "dark" | "phone";
  colorScheme: "light" | "dark";
  viewport: { width: number; height: number };
};

const DESK = { width: 1_200, height: 900 };

/** The pictures of the README and of docs/console.md. */
export const SHOTS: readonly Shot[] = [
  { name: "light", colorScheme: "light", viewport: DESK },
  { name: "dark", colorScheme: "dark", viewport: DESK },
  { name: "phone", colorScheme: "dark", viewport: { width: 375, height: 812 } },
];

/** What the page shows, as `console-NAME.png`. @returns its path */
export async function takeScreenshot(page: Page, shot: Shot, directory: string): Promise<string> {
  await page.emulateMedia({ colorScheme: shot.colorScheme });
  await page.setViewportSize(shot.viewport);
  const path = join(directory, `console-${shot.name}.png`);
  await page.screenshot({ path, animations: "disabled" });
  return path;
}
