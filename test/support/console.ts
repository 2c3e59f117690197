import { request, type RequestOptions } from "node:http";
import { request as requestTls } from "node:https";
import type { ServedByCli } from "../wire/cli-server.ts";
import { eventually } from "./eventually.ts";
import { recordEmitted, recordTokensIn } from "./leaks/record.ts";
import type { TestServer } from "./server.ts";

/** Where a server in this process, or one that was started as a program, says that it serves its console. */
export async function consoleAddress(served: Pick<TestServer, "log"> | Pick<ServedByCli, "printed">): Promise<string> {
  return eventually("the console is served", () => {
    const log = "printed" in served ? served.printed.stdout : served.log();
    const line = log.split("\n").findLast((one) => one.includes('"the console is served"'));
    return line === undefined ? undefined : /"address":"([^"]+)"/.exec(line)?.[1];
  });
}

export type Answered = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

export type Asking = {
  method?: string;
  headers?: Record<string, string>;
  form?: Record<string, string>;
  body?: string;
  /** PEM. */
  tls?: { ca: string; certificate?: string; key?: string };
};

/** Asks as no browser would. The connection is closed after the answer. */
export function ask(address: string, path: string, asking: Asking = {}): Promise<Answered> {
  const { form, tls } = asking;
  const body = form === undefined ? asking.body : new URLSearchParams(form).toString();
  const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  const options: RequestOptions = {
    method: asking.method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...type, ...asking.headers },
    agent: false,
  };
  recordTokensIn(`${body ?? ""} ${asking.headers?.["authorization"] ?? ""}`);
  return new Promise((resolve, reject) => {
    const secure = { ca: tls?.ca, cert: tls?.certificate, key: tls?.key };
    const sent =
      tls === undefined
        ? request(`http://${address}${path}`, options)
        : requestTls(`https://${address}${path}`, { ...options, ...secure });
    sent.on("error", reject).on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject).on("end", () => {
        const text = Buffer.concat(chunks).toString();
        recordEmitted("console pages", text);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sent.end(body);
  });
}

/** What a form of the page carries. */
export function formTokenIn({ body }: Answered): string {
  return /name="form" value="([^"]+)"/.exec(body)?.[1] ?? "";
}

/** The words of a page. */
export function textOf({ body }: Answered): string {
  return body.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
}
