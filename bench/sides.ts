import { pathOf, type Rpc } from "./api.ts";
import type { Load } from "./generator/load.ts";
import { type RunningLoad, startLoad } from "./generator/start-load.ts";
import type { Side } from "./pairs.ts";
import type { Product } from "./product.ts";
import type { Reference } from "./start-reference.ts";

/** Prepared load on a server. */
export type LoadedSide = Side & { load: RunningLoad };

/** What both sides of a pair are sent. */
export type Question = Pick<Load, "connections" | "kind" | "messages" | "users"> & { rpc: Rpc };

/** Every answer of the product is checked. */
export async function productSide(
  { pid, origin, metadata }: Pick<Product, "metadata" | "origin" | "pid">,
  { rpc, ...question }: Question,
): Promise<LoadedSide> {
  return side(pid, await startLoad({ ...question, origin, metadata, path: pathOf(rpc), isChecked: true }));
}

/** The same messages and metadata as the product's; what the reference answers is not looked at. */
export async function referenceSide(
  { pid, origin }: Reference,
  { metadata }: Pick<Product, "metadata">,
  { rpc, ...question }: Question,
): Promise<LoadedSide> {
  return side(pid, await startLoad({ ...question, origin, metadata, path: pathOf(rpc), isChecked: false }));
}

function side(pid: number, load: RunningLoad): LoadedSide {
  return { pid, load, run: (milliseconds) => load.run({ milliseconds }) };
}
