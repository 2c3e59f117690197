/** Markup that is fit to be sent: only `html` makes it, and escapes all that was put in. */
export class Markup {
  readonly #text: string;

  constructor(strings: readonly string[], values: readonly Piece[]) {
    this.#text = strings.map((string, place) => string + textOf(values[place])).join("");
  }

  toString(): string {
    return this.#text;
  }
}

type Piece = Markup | string | number | undefined | readonly Markup[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What is not markup itself shows as the text that it is. Undefined shows as nothing. */
export function html(strings: TemplateStringsArray, ...values: Piece[]): Markup {
  return new Markup(strings, values);
}

function textOf(value: Piece): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.toString();
  if (typeof value === "object") return value.join("");
  return String(value).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
