/** The first keys of a directory: one of each kind, however many processes start at once and wherever one of them dies. */
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { SigningAlgorithm } from "../core/ports.ts";
import { StartError } from "../core/start-error.ts";
import { keyFileNames, type KeyFileNames } from "./key-directory.ts";
import { macKeyFileName, macKeyId } from "./mac-key-id.ts";
import { makeRawKey } from "./raw-key-file.ts";
import { createSecretFile, readSecretFile } from "./secret-file.ts";
import { makeSigningKey, signingKeyFileName } from "./signing-key-file.ts";

type Kind = keyof KeyFileNames;

const proposalForm = z.object({ name: z.string(), text: z.string() });
type Proposal = z.output<typeof proposalForm>;

/** @returns the names of the files that this call made. @throws StartError */
export async function makeMissingKeys(dir: string, algorithm: SigningAlgorithm): Promise<string[]> {
  const made = [
    await makeFirst(dir, "master", proposeMasterKey),
    await makeFirst(dir, "mac", proposeMacKey),
    await makeFirst(dir, "signing", async () => proposeSigningKey(algorithm)),
  ];
  return made.filter((name) => name !== undefined);
}

/**
 * A key's file name follows from the key, so the processes first agree on one key: the proposal is a file of a fixed
 * name, whoever creates it has chosen the key, and everyone puts that key in place. A proposal is cleared away only
 * once a key is in place; one that comes later still finds the key there, and is not followed.
 */
async function makeFirst(
  dir: string,
  kind: Kind,
  propose: () => Promise<Proposal> | Proposal,
): Promise<string | undefined> {
  const path = join(dir, `.first-${kind}`);
  let made: string | undefined;
  if (!(await hasKey(dir, kind))) {
    await createSecretFile(path, JSON.stringify(await propose()));
    const agreed = await readProposal(path);
    if (agreed !== undefined && !(await hasKey(dir, kind)) && (await put(dir, agreed))) made = agreed.name;
  }
  await unlink(path).catch(() => undefined);
  return made;
}

function proposeMasterKey(): Proposal {
  return { name: "master.key", text: makeRawKey().text };
}

function proposeMacKey(): Proposal {
  const { key, text } = makeRawKey();
  return { name: macKeyFileName(macKeyId(key)), text };
}

async function proposeSigningKey(algorithm: SigningAlgorithm): Promise<Proposal> {
  const { kid, text } = await makeSigningKey(algorithm, new Date());
  return { name: signingKeyFileName(kid), text };
}

async function hasKey(dir: string, kind: Kind): Promise<boolean> {
  return (await keyFileNames(dir))[kind].length > 0;
}

async function put(dir: string, { name, text }: Proposal): Promise<boolean> {
  return createSecretFile(join(dir, name), text);
}

/** Undefined when it has been cleared away. */
async function readProposal(path: string): Promise<Proposal | undefined> {
  const file = await readSecretFile(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    return proposalForm.parse(JSON.parse(file.text));
  } catch {
    throw new StartError(`The file ${path} is not Assay's. Remove it.`);
  }
}

/** Asked of the one attempt to read: by the time of a second look another process may have made a new proposal. */
function isMissing(error: unknown): boolean {
  const cause = error instanceof StartError ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
