import type { RequestListener } from "node:http";
import { onTestFinished } from "vitest";
import { type RestartableServer, startRestartableServer } from "../support/restartable-server.ts";

export type KeyServer = RestartableServer & {
  /** What each path answers; 404 for the others. */
  answers: Map<string, RequestListener>;
  /** The paths asked for, in order. */
  requests: string[];
};

/** A server that publishes what the test says, stopped when the test has finished. */
export async function startKeyServer(): Promise<KeyServer> {
  const answers = new Map<string, RequestListener>();
  const requests: string[] = [];
  const server = await startRestartableServer((request, response) => {
    const path = request.url ?? "";
    requests.push(path);
    const answer = answers.get(path) ?? notFound;
    answer(request, response);
  });
  onTestFinished(async () => server.down());
  return { ...server, answers, requests };
}

export function json(body: unknown): RequestListener {
  return (_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  };
}

const notFound: RequestListener = (_request, response) => {
  response.writeHead(404).end();
};
