import cluster from "node:cluster";
import { type FromWorker, readFromWorker, type ToWorker } from "./messages.ts";

/** How a worker ended: with an exit code or by a signal, and what it had to say of its start. */
export type MemberEnd = { code: number | null; signal: string | null; sentence?: string | undefined };

/** A worker, as the first process knows it. */
export type Member = {
  number: number;
  pid: number | undefined;
  send(message: ToWorker): void;
  /** Resolves when the channel has taken it, or has closed. */
  sendInTurn(message: ToWorker): Promise<void>;
  /** At once, also while it is frozen. */
  kill(): void;
  /** Never rejects. */
  ended: Promise<MemberEnd>;
};

export type LaunchOptions = {
  number: number;
  begin: Omit<Extract<ToWorker, { kind: "begin" }>, "kind" | "number">;
  heard: (member: Member, message: FromWorker) => void;
  /** It sent what no worker sends. */
  misheard: (member: Member) => void;
};

/** Starts this program once more, as a worker. */
export function launch({ number, begin, heard, misheard }: LaunchOptions): Member {
  const worker = cluster.fork();
  let sentence: string | undefined;
  const member: Member = {
    number,
    pid: worker.process.pid,
    // A channel that has closed is told by the end of the process.
    send: (message) => void worker.send(message, () => undefined),
    sendInTurn: (message) => new Promise((resolve) => void worker.send(message, () => resolve())),
    kill: () => void worker.process.kill("SIGKILL"),
    ended: new Promise((resolve) => {
      worker.once("exit", (code: number | null, signal: string | null) => resolve({ code, signal, sentence }));
      worker.on("error", (error) => {
        // Else its end is yet to come.
        if (worker.process.pid === undefined) resolve({ code: null, signal: null, sentence: error.message });
      });
    }),
  };
  worker.on("message", (value: unknown) => {
    const message = readFromWorker(value);
    if (message === undefined) return misheard(member);
    if (message.kind === "failed") sentence = message.sentence;
    heard(member, message);
  });
  member.send({ kind: "begin", number, ...begin });
  return member;
}
