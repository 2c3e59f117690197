const MAX_DEPTH = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses one JSON object as JSON.parse does, but refuses what parsers disagree about: bytes that are not UTF-8, duplicate
 * members, `__proto__`, numbers too great for JSON to say again, and nesting deeper than 32. Undefined for anything refused.
 */
export function parseStrictJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const text = utf8.decode(bytes);
    if (!isUnambiguous(text)) return undefined;
    const value: unknown = JSON.parse(text);
    return isObject(value) && isFiniteThroughout(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFiniteThroughout(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isFiniteThroughout);
}

/** One pass over the text before it is parsed. What is not JSON at all is left to JSON.parse. */
function isUnambiguous(text: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "{" || character === "[") {
      if (open.length === MAX_DEPTH) return false;
      open.push(character === "{" ? new Set() : undefined);
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, index);
      const names = open.at(-1);
      if (names !== undefined && isFollowedByColon(text, end) && !addName(names, text.slice(index, end))) return false;
      index = end - 1;
    }
  }
  return true;
}

function addName(names: Set<string>, quoted: string): boolean {
  const name: unknown = quoted.includes("\\") ? JSON.parse(quoted) : quoted.slice(1, -1);
  if (typeof name !== "string" || name === "__proto__" || names.has(name)) return false;
  names.add(name);
  return true;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function isFollowedByColon(text: string, from: number): boolean {
  let index = from;
  while (text[index] === " " || text[index] === "\t" || text[index] === "\n" || text[index] === "\r") index++;
  return text[index] === ":";
}
