import { join } from "node:path";
import type { Page } from "playwright-core";

const THEMES = ["light", "dark"] as const;

/**
 * The overview in both themes on a desk, and on a phone: `console-light.png`, `console-dark.png`, `console-phone.png`. The page must show it.
 * @returns their paths
 */
export async function takeScreenshots(page: Page, directory: string): Promise<string[]> {
  const paths: string[] = [];
  const take = async (name: string, size: { width: number; height: number }): Promise<void> => {
    await page.setViewportSize(size);
    const path = join(directory, `console-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
    paths.push(path);
  };
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    await take(colorScheme, { width: 1_200, height: 900 });
  }
  await take("phone", { width: 375, height: 812 });
  return paths;
}
