import { html, type Markup } from "../html.ts";
import type { Shown } from "../shown.ts";

export type Layout = {
  title: string;
  /** The path of the page in the navigation. */
  at?: string;
  /** Absent where it is not known whether whoever asks may know anything. */
  shown?: Shown;
  visitor?: string;
  body: Markup;
};

const NAVIGATION = [
  ["/", "Overview"],
  ["/tokens", "Look up"],
  ["/keys", "Keys"],
] as const;

export function layout({ title, at, shown, visitor, body }: Layout): Markup {
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>${title} · Assay</title>
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/console.css" />
      <link rel="modulepreload" href="/assets/find.js" />
      <link rel="modulepreload" href="/assets/plot.js" />
      <link rel="modulepreload" href="/assets/scale.js" />
      <script type="module" src="/assets/main.js"></script>
    </head>
    <body>
      <a class="skip" href="#content">Skip to the content</a>
      <header>
        <div class="bar">
          <a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="24" height="24" />Assay</a>
          <nav aria-label="Pages">
            ${shown === undefined ? undefined : NAVIGATION.map(([path, name]) => link(path, name, at))}
          </nav>
          <p class="connection" id="connection" role="status" hidden></p>
        </div>
      </header>
      <main id="content" tabindex="-1">${body}</main>
      <footer>
        <div class="bar">
          ${shown === undefined ? undefined : html`<span>${roleOf(shown)} of <code>${shown.environment.issuer}</code></span>`}
          ${visitor === undefined ? undefined : html`<span>You are <code>${visitor}</code></span>`}
        </div>
      </footer>
      <p class="unseen" id="announcement" role="status"></p>
    </body>
  </html>`;
}

function link(path: string, name: string, at: string | undefined): Markup {
  return path === at ? html`<a href="${path}" aria-current="page">${name}</a>` : html`<a href="${path}">${name}</a>`;
}

function roleOf({ authority }: Shown): string {
  return authority === undefined ? "Verifier" : "Authority";
}
