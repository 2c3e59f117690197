import { html, type Markup } from "../html.ts";
import { layout } from "./layout.ts";

const TITLES: ReadonlyMap<number, string> = new Map([
  [400, "Not understood"],
  [401, "Who are you?"],
  [403, "Not allowed"],
  [404, "Nothing here"],
  [405, "Not this way"],
  [413, "Too much"],
  [503, "Not now"],
]);

/** @param why a sentence */
export function problemPage(status: number, why: string): Markup {
  const title = TITLES.get(status) ?? "Something went wrong";
  return layout({
    title,
    body: html`<section class="card narrow">
      <h1>${title}</h1>
      <p>${why}</p>
      <p><a href="/">To the overview</a></p>
    </section>`,
  });
}
