import type { Members } from "../support/honest-jwt.ts";
import { encodePart } from "../support/sign-jws.ts";
import { type Attack, type Party, signed } from "./attack.ts";

const PARTS = ["header", "payload", "signature"] as const;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The honest token with one part respelled. */
function respelled(part: number, change: (text: string) => string, token: Attack["token"]): Attack["token"] {
  return (party) => {
    const parts = token(party).split(".");
    return parts.map((text, index) => (index === part ? change(text) : text)).join(".");
  };
}

function padded(members: Members): Members {
  const bytes = Buffer.byteLength(JSON.stringify({ ...members, pad: "" }));
  return { ...members, pad: "x".repeat((7 - (bytes % 3)) % 3) };
}

/** Every part of it has unused bits in its last character. */
function withUnusedBits(party: Party): string {
  return signed(party, { header: padded(party.header), payload: padded(party.payload) });
}

/** Every part of it has a character that base64 spells otherwise. */
function withUrlSafeCharacters(party: Party): string {
  const said = { text: "\u00FB\u00FF~~~???>>>" };
  for (let number = 0; ; number++) {
    const token = signed(party, {
      header: { ...party.header, ...said },
      payload: { ...party.payload, ...said, number },
    });
    if (token.split(".").every((part) => /[-_]/.test(part))) return token;
  }
}

function lastBitFlipped(text: string): string {
  return text.slice(0, -1) + ALPHABET.charAt(ALPHABET.indexOf(text.slice(-1)) ^ 1);
}

const SPELLINGS: [string, (text: string) => string][] = [
  ["padding", (text) => text.padEnd(Math.ceil(text.length / 4) * 4, "=")],
  ["one sign of padding", (text) => `${text}=`],
  ["much padding", (text) => `${text}====`],
  ["a space before it", (text) => ` ${text}`],
  ["a space in it", (text) => `${text.slice(0, 9)} ${text.slice(9)}`],
  ["a line end in it", (text) => `${text.slice(0, 9)}\n${text.slice(9)}`],
  ["a tab after it", (text) => `${text}\t`],
  ["a carriage return after it", (text) => `${text}\r`],
  ["a NUL after it", (text) => `${text}\0`],
  ["a character too many", (text) => (text.length % 4 === 0 ? `${text}A` : `${text}AAA`)],
  ["a zero-width space in it", (text) => `${text.slice(0, 9)}\u200B${text.slice(9)}`],
  [
    "a full-width letter",
    (text) => text.replace(/[A-Z]/, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  ],
  ["a letter of another plane", (text) => text.replace(/[A-Z]/, "\u{1D400}")],
  ["percent-encoding", (text) => text.replace(/[A-Z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`)],
  ["nothing in it", () => ""],
];

export const ENCODING_ATTACKS: readonly Attack[] = [
  ...PARTS.flatMap((part, index) => [
    ...SPELLINGS.map(([name, change]): Attack => {
      return { name: `the ${part} with ${name}`, reason: "malformed", token: respelled(index, change, withUnusedBits) };
    }),
    {
      name: `the ${part} with an unused bit set`,
      reason: "malformed" as const,
      token: respelled(index, lastBitFlipped, withUnusedBits),
    },
    {
      name: `the ${part} in the alphabet of plain base64`,
      reason: "malformed" as const,
      token: respelled(index, (text) => text.replaceAll("-", "+").replaceAll("_", "/"), withUrlSafeCharacters),
    },
  ]),
  { name: "two parts", reason: "malformed", token: (party) => signed(party).replace(/\.[^.]*$/, "") },
  { name: "a dot after it", reason: "malformed", token: (party) => `${signed(party)}.` },
  { name: "a dot before it", reason: "malformed", token: (party) => `.${signed(party)}` },
  { name: "two dots for one", reason: "malformed", token: (party) => signed(party).replace(".", "..") },
  { name: "a fourth part", reason: "malformed", token: (party) => `${signed(party)}.AAAA` },
  { name: "two tokens", reason: "malformed", token: (party) => `${signed(party)},${signed(party)}` },
  { name: "the scheme before it", reason: "malformed", token: (party) => `Bearer ${signed(party)}` },
  { name: "quotes around it", reason: "malformed", token: (party) => `"${signed(party)}"` },
  { name: "a line end after it", reason: "malformed", token: (party) => `${signed(party)}\n` },
  { name: "a line before it", reason: "malformed", token: (party) => `x\n${signed(party)}` },
  { name: "a byte order mark before it", reason: "malformed", token: (party) => `\uFEFF${signed(party)}` },
  { name: "the prefix of an opaque token", reason: "malformed", token: (party) => `asy_at_${signed(party)}` },
  { name: "the prefix of a refresh token", reason: "malformed", token: (party) => `asy_rt_${signed(party)}` },
  {
    name: "the flattened JSON serialization",
    reason: "malformed",
    token: (party) => {
      const [header, payload, signature] = signed(party).split(".");
      return JSON.stringify({ protected: header, payload, signature });
    },
  },
  {
    name: "a detached payload",
    reason: "malformed",
    token: (party) => signed(party).replace(/\.[^.]*\./, ".."),
  },
  {
    name: "the five parts of a JWE",
    reason: "malformed",
    token: () => [encodePart({ alg: "dir", enc: "A256GCM" }), "", "AAAA", "AAAA", "AAAA"].join("."),
  },
  {
    name: "20 KB, honestly signed",
    reason: "malformed",
    token: (party) => signed(party, { payload: { ...party.payload, filler: "x".repeat(15_000) } }),
  },
  {
    name: "a header of 4,097 characters, honestly signed",
    reason: "malformed",
    token: (party) => signed(party, { header: { ...party.header, filler: "x".repeat(3_072) } }),
  },
];
