import { Redis, type Cluster } from "ioredis";
import { storeError } from "./redis-error.ts";

/**
 * Reads that go out together, those of one turn of the event loop: one round trip to each node, however many ask.
 * @throws AssayError `store_unavailable`
 */
export type Reads = {
  /** A string's bytes. */
  string(key: string): Promise<Buffer | undefined>;
  /** Of a hash, in their order. The same names of the same hash are asked for once. */
  fields(key: string, names: readonly string[]): Promise<readonly (Buffer | null)[]>;
};

type Fields = readonly (Buffer | null)[];
type Asked<T> = { key: string; answer: Promise<T>; resolve: (answer: T) => void; reject: (error: Error) => void };
type Turn = {
  strings: Asked<Buffer | undefined>[];
  /** By the names of their fields, then by their keys: many are asked for at once. */
  hashes: Map<readonly string[], Map<string, Asked<Fields>>>;
};

export function turnReads(client: Cluster | Redis): Reads {
  let turn: Turn | undefined;

  function present(): Turn {
    if (turn !== undefined) return turn;
    const begun: Turn = { strings: [], hashes: new Map() };
    turn = begun;
    setImmediate(() => {
      turn = undefined;
      send(client, begun);
    });
    return begun;
  }

  return {
    string(key) {
      const asked = ask<Buffer | undefined>(key);
      present().strings.push(asked);
      return asked.answer;
    },
    fields(key, names) {
      const { hashes } = present();
      const ofThese = hashes.get(names) ?? new Map<string, Asked<Fields>>();
      const same = ofThese.get(key);
      if (same !== undefined) return same.answer;
      const asked = ask<Fields>(key);
      hashes.set(names, ofThese.set(key, asked));
      return asked.answer;
    },
  };
}

function ask<T>(key: string): Asked<T> {
  const { promise: answer, resolve, reject } = Promise.withResolvers<T>();
  return { key, answer, resolve, reject };
}

/** A Cluster's client finds each key's node and follows redirections by itself, key by key. */
function send(client: Cluster | Redis, turn: Turn): void {
  if (client instanceof Redis) {
    sendTogether(client, turn);
    return;
  }
  for (const asked of turn.strings) sendString(client, asked);
  sendHashes(client, turn);
}

/** In one packet, where there is room. */
function sendTogether(client: Redis, turn: Turn): void {
  const { stream } = client;
  const isConnected = client.status === "ready";
  if (isConnected) stream.cork();
  try {
    const [only, another] = turn.strings;
    if (another !== undefined) sendStrings(client, turn.strings);
    else if (only !== undefined) sendString(client, only);
    sendHashes(client, turn);
  } finally {
    if (isConnected) stream.uncork();
  }
}

function sendHashes(client: Cluster | Redis, { hashes }: Turn): void {
  for (const [names, ofThese] of hashes) {
    for (const asked of ofThese.values())
      client.hmgetBuffer(asked.key, ...names).then(asked.resolve, refusing([asked]));
  }
}

function sendString(client: Cluster | Redis, asked: Asked<Buffer | undefined>): void {
  client
    .getBuffer(asked.key)
    .then(asFound)
    .then(asked.resolve, refusing([asked]));
}

function sendStrings(client: Redis, strings: Turn["strings"]): void {
  const take = (values: Fields): void => {
    for (const [index, { resolve }] of strings.entries()) resolve(asFound(values[index] ?? null));
  };
  client.mgetBuffer(strings.map(({ key }) => key)).then(take, refusing(strings));
}

function refusing(asked: readonly Pick<Asked<never>, "reject">[]): (error: unknown) => void {
  return (error) => {
    const refusal = storeError(error);
    for (const { reject } of asked) reject(refusal);
  };
}

function asFound(value: Buffer | null): Buffer | undefined {
  return value ?? undefined;
}
