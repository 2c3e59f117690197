/**
 * Preloaded into an instance, `node --import`: its connections to the ports that CHAOS_PORTS maps go to others instead. Redis tells
 * everybody the same addresses, and this instance stands on another side of the cut than those who are told them.
 */
import { Socket } from "node:net";
import { z } from "zod";

const ports = new Map(z.array(z.tuple([z.number(), z.number()])).parse(JSON.parse(process.env["CHAOS_PORTS"] ?? "[]")));
const connect: unknown = Reflect.get(Socket.prototype, "connect");

Socket.prototype.connect = function mapped(this: Socket, ...words: unknown[]): Socket {
  if (typeof connect !== "function") throw new TypeError("a socket connects");
  // Either the options, or a list that begins with them: what net.connect has made of its arguments.
  const [first] = words;
  const options: unknown = Array.isArray(first) ? first[0] : first;
  const port: unknown = typeof options === "object" && options !== null ? Reflect.get(options, "port") : undefined;
  const other = ports.get(Number(port));
  if (other !== undefined) {
    // A copy: whoever made them may go on reading the port that it was told.
    const copy = { ...Object(options), port: other };
    if (Array.isArray(first)) first[0] = copy;
    else words[0] = copy;
  }
  Reflect.apply(connect, this, words);
  return this;
};
