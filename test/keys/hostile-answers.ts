import type { RequestListener } from "node:http";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";

const MEGABYTE = Buffer.alloc(1_000_000, " ");

/** 100 MB of white space: the begin of any JSON. */
export const flood: RequestListener = (_request, response) => {
  hundredMegabytes()
    .on("error", () => undefined)
    .pipe(response);
};

/** The same in 100 KB on the wire. */
export const compressedFlood: RequestListener = (_request, response) => {
  response.setHeader("content-encoding", "gzip");
  hundredMegabytes().pipe(createGzip()).pipe(response);
};

/** A byte now and then, for ever. */
export const drip: RequestListener = (_request, response) => {
  const timer = setInterval(() => response.write(" "), 20);
  response.on("close", () => clearInterval(timer));
};

/** Announces more than it sends. */
export const cutShort: RequestListener = (_request, response) => {
  response.writeHead(200, { "content-length": 99 });
  response.write('{"keys":[', () => response.destroy());
};

function hundredMegabytes(): Readable {
  return Readable.from(megabytes(100));
}

function* megabytes(count: number): Generator<Buffer> {
  for (let sent = 0; sent < count; sent += 1) yield MEGABYTE;
}
