/**
 * "grpc-status" as a literal name in HPACK's Huffman code, with its length before it (RFC 7541 sections 5.2 and 6.2). A server that
 * was told to keep no dynamic table has no other way to write it, and digits are never shorter in that code than as they are.
 */
const NAME = Buffer.from("889acac8b21234da8f", "hex");

/** The gRPC status in a block of trailers. @throws Error where there is none */
export function grpcStatus(block: Buffer): number {
  const place = block.indexOf(NAME);
  if (place < 0) throw new Error("trailers without a status");
  const begin = place + NAME.length + 1;
  return Number(block.toString("latin1", begin, begin + block.readUInt8(begin - 1)));
}
