/** JSON as a test writes it, and as google.protobuf.Struct carries it for @grpc/proto-loader. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

type Value = {
  nullValue?: unknown;
  numberValue?: number;
  stringValue?: string;
  boolValue?: boolean;
  structValue?: Struct;
  listValue?: { values?: Value[] };
};
export type Struct = { fields?: Record<string, Value> };

export function structOf(json: { [name: string]: Json }): Struct {
  return { fields: Object.fromEntries(Object.entries(json).map(([name, value]) => [name, valueOf(value)])) };
}

export function jsonOf(struct: Struct): { [name: string]: Json } {
  return Object.fromEntries(Object.entries(struct.fields ?? {}).map(([name, value]) => [name, jsonOfValue(value)]));
}

function valueOf(json: Json): Value {
  if (json === null) return { nullValue: 0 };
  if (typeof json === "number") return { numberValue: json };
  if (typeof json === "string") return { stringValue: json };
  if (typeof json === "boolean") return { boolValue: json };
  return Array.isArray(json) ? { listValue: { values: json.map(valueOf) } } : { structValue: structOf(json) };
}

function jsonOfValue(value: Value): Json {
  if (value.structValue !== undefined) return jsonOf(value.structValue);
  if (value.listValue !== undefined) return (value.listValue.values ?? []).map(jsonOfValue);
  return value.numberValue ?? value.stringValue ?? value.boolValue ?? null;
}
