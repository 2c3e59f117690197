import { stripVTControlCharacters, styleText } from "node:util";

export type Row = readonly [name: string, value: string | number | undefined];

type Style = Parameters<typeof styleText>[0];

/** One JSON text, the RFCs' names as they are. Indented for a reader, on one line for a program. */
export function printJson(value: unknown): void {
  printJsonText(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined));
}

/** One JSON text on one line, whoever reads: for what goes on. */
export function printJsonLine(value: unknown): void {
  printJsonText(JSON.stringify(value));
}

export function printLine(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** Names and values in two columns; rows without a value are left out. */
export function printTable(rows: readonly Row[]): void {
  const present = rows.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...present.map(([name]) => name.length));
  for (const [name, value] of present) {
    printLine(`  ${coloured("dim", name.padEnd(width))}  ${printable(String(value))}`);
  }
}

/** Colour, on a terminal that wants it. */
export function coloured(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** What others wrote (a token's claims, a service's message) must not command the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}]/gu, escaped);
}

function printJsonText(text: string): void {
  process.stdout.write(`${text.replaceAll(/[\u007f-\u009f]/g, escaped)}\n`);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
