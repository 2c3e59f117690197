import * as fc from "fast-check";

/** A change to a token's text. Positions are fractions of its length, so that they fit any token. */
export type Mutation = (token: string) => string;

/** Evenly from 0 to below 1: `fc.double` would nearly always be next to 0. */
export const fraction = fc.noBias(fc.nat({ max: 999_999 })).map((parts) => parts / 1_000_000);
const bit = fc.integer({ min: 0, max: 7 });
const oddText = fc.oneof(
  fc.constantFrom(
    "=",
    "==",
    " ",
    "\n",
    "\t",
    ".",
    "..",
    "\0",
    "+",
    "/",
    "-",
    "_",
    "A",
    "~",
    "%2E",
    "\u200B",
    "\uFEFF",
    "asy_at_",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
);

function at(text: string, where: number): number {
  return Math.floor(where * text.length);
}

/** Of one of the token's parts between dots. */
function inPart(where: number, change: (part: string) => string): Mutation {
  return (token) => {
    const parts = token.split(".");
    return parts.map((part, index) => (index === Math.floor(where * parts.length) ? change(part) : part)).join(".");
  };
}

const characterFlipped = fc.tuple(fraction, bit).map(([where, shift]): Mutation => {
  return (token) => {
    const index = at(token, where);
    return token.slice(0, index) + String.fromCharCode(token.charCodeAt(index) ^ (1 << shift)) + token.slice(index + 1);
  };
});
const inserted = fc.tuple(fraction, oddText).map(([where, text]): Mutation => {
  return (token) => token.slice(0, at(token, where)) + text + token.slice(at(token, where));
});
const replaced = fc.tuple(fraction, oddText).map(([where, text]): Mutation => {
  return (token) => token.slice(0, at(token, where)) + text + token.slice(at(token, where) + text.length);
});
const removed = fc.tuple(fraction, fc.integer({ min: 1, max: 40 })).map(([where, length]): Mutation => {
  return (token) => token.slice(0, at(token, where)) + token.slice(at(token, where) + length);
});
const doubled = fc.tuple(fraction, fraction).map(([from, to]): Mutation => {
  return (token) => token.slice(0, at(token, to)) + token.slice(at(token, from));
});
const respelled = fc
  .tuple(
    fraction,
    fc.constantFrom<Mutation>(
      (text) => Buffer.from(text, "base64url").toString("base64"),
      (text) => text.padEnd(text.length + ((4 - (text.length % 4)) % 4), "="),
      (text) => Buffer.from(text, "base64url").toString("hex"),
      (text) => `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) + 1)}`,
      (text) => text.toLowerCase(),
      (text) => `%20${text}`,
    ),
  )
  .map(([part, change]) => inPart(part, change));
const turned = fc.constantFrom<Mutation>(
  (token) => token.split(".").toReversed().join("."),
  (token) => token.split(".").toSorted().join("."),
  (token) => token.replace(/^[^.]*\.([^.]*)/, "$1.$1"),
  (token) => token.toUpperCase(),
  (token) => token.normalize("NFKD").repeat(2),
  (token) => token.replace("asy_at_", "asy_rt_"),
  (token) => token.replace("asy_rt_", "asy_at_"),
);

const shallow = fc.oneof(characterFlipped, inserted, replaced, removed, doubled, respelled, turned);

/** Any change of the text: most of these are no token at all any more. */
export const textMutations: fc.Arbitrary<Mutation> = fc
  .array(shallow, { minLength: 1, maxLength: 3 })
  .map((changes) => (token) => changes.reduce((text, change) => change(text), token));
