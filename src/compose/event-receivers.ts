import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Config, ReceiverConfig } from "../config/schema.ts";
import { StartError } from "../core/start-error.ts";
import type { Credentials, Receiver } from "../events/receiver.ts";
import { readSecretFile } from "../keys/secret-file.ts";

const BEARER = /^[\x21-\x7E]{1,8192}$/;

/** Who is told of events. @throws StartError where a file that one of them names cannot be used */
export async function eventReceivers({ events }: Config): Promise<Receiver[]> {
  const receivers = events.receivers.map(receiverOf);
  await Promise.all(receivers.map((receiver) => receiver.credentials()));
  return receivers;
}

/** @throws StartError */
export function receiverOf(config: ReceiverConfig): Receiver {
  const url = URL.parse(config.url);
  if (url === null) throw new StartError(`events.receivers: the url of ${config.name} is no URL. Write https://HOST/…`);
  return {
    name: config.name,
    url,
    audience: config.audience,
    events: new Set(config.events),
    allowPrivateAddresses: config.allow_private_addresses,
    credentials: () => credentialsOf(config),
  };
}

async function credentialsOf({ name, authorization_file, ca_file }: ReceiverConfig): Promise<Credentials> {
  const credentials: Credentials = {};
  if (authorization_file !== undefined)
    credentials.authorization = `Bearer ${await bearerFrom(name, authorization_file)}`;
  if (ca_file !== undefined) credentials.ca = await certificatesFrom(name, ca_file);
  return credentials;
}

async function bearerFrom(name: string, path: string): Promise<string> {
  const token = (await readSecretFile(path, "authorization file")).trim();
  if (BEARER.test(token)) return token;
  throw new StartError(
    `The file ${path} of events.receivers (${name}) holds no bearer token: put the one line there that the receiver asks for, without 'Bearer'.`,
  );
}

async function certificatesFrom(name: string, path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    // What is none is ignored by TLS, without a word.
    void new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new StartError(
      `The file ${path} of events.receivers (${name}) cannot be read as PEM certificates. Put those of the authorities there that sign the receiver's certificate, or set ca_file to another.`,
      { cause },
    );
  }
}
