const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const UUID_LENGTH = 16;

/** A UUIDv7 (RFC 9562 section 5.7) of a birth in milliseconds and at least 10 random bytes. */
export function uuidV7(birth: number, random: Buffer): string {
  const bytes = Buffer.alloc(UUID_LENGTH);
  bytes.writeUIntBE(birth, 0, 6);
  random.copy(bytes, 6, 0, 10);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return uuidText(bytes);
}

/** The birth that a UUIDv7 carries, in milliseconds; undefined for anything else, upper case included. */
export function birthOf(uuid: string): number | undefined {
  return VERSION_7.test(uuid) ? Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16) : undefined;
}

/** As its 16 bytes. */
export function writeUuid(bytes: Buffer, offset: number, uuid: string): void {
  const hex = uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24);
  bytes.write(hex, offset, UUID_LENGTH, "hex");
}

export function uuidText(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
