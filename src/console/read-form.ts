import type { IncomingMessage } from "node:http";

/** The fields of a form, each given once. */
export type Form = ReadonlyMap<string, string>;

const GREATEST_FORM = 8_192;

/** `too_large`, `not_a_form`: nothing of it is looked at. */
export async function readForm(request: IncomingMessage): Promise<Form | "too_large" | "not_a_form"> {
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/x-www-form-urlencoded") return "not_a_form";
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) return "not_a_form";
    length += chunk.length;
    if (length > GREATEST_FORM) return "too_large";
    chunks.push(chunk);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString("utf8"))) {
    if (fields.has(name)) return "not_a_form";
    fields.set(name, value);
  }
  return fields;
}
