/** Rules for text fields. Each answers with what is wrong, to be read after the name of the field, or undefined. */
const GREATEST_IDENTIFIER = 255;
const GREATEST_AUDIENCES = 64;
const GREATEST_SCOPES = 256;
const GREATEST_SCOPE_TEXT = 16_384;
// oxlint-disable-next-line no-control-regex -- these are what is refused
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/u;
/** What bytes that are not UTF-8 become when a message is decoded. */
const REPLACEMENT = "\uFFFD";
/** RFC 6749 section 3.3. */
const SCOPE = /^[\u0021\u0023-\u005B\u005D-\u007E]+$/;

export type Fault = string | undefined;

export function required(value: string): Fault {
  return value === "" ? "is required" : undefined;
}

/** Empty is absent. */
export function identifier(value: string): Fault {
  if (value.includes(REPLACEMENT)) return "must be UTF-8";
  if (CONTROL.test(value)) return "must not hold control characters";
  return Buffer.byteLength(value) > GREATEST_IDENTIFIER ? `must be at most ${GREATEST_IDENTIFIER} bytes` : undefined;
}

export function requiredIdentifier(value: string): Fault {
  return required(value) ?? identifier(value);
}

/** Empty is absent. */
export function text(value: string, greatest: number): Fault {
  if (value.includes(REPLACEMENT)) return "must be UTF-8";
  if (CONTROL.test(value)) return "must not hold control characters";
  return value.length > greatest ? `must be at most ${greatest} characters` : undefined;
}

export function audiences(values: readonly string[]): Fault {
  return identifiers(values, GREATEST_AUDIENCES);
}

export function identifiers(values: readonly string[], greatest: number): Fault {
  if (values.length > greatest) return `must have at most ${greatest} values`;
  return firstFault(values, requiredIdentifier);
}

export function scopes(values: readonly string[]): Fault {
  if (values.length > GREATEST_SCOPES) return `must have at most ${GREATEST_SCOPES} scopes`;
  return firstFault(values, scope);
}

/** Scopes separated by single spaces (RFC 6749 section 3.3). Empty is absent. */
export function scopeText(value: string): Fault {
  if (value === "") return undefined;
  if (value.length > GREATEST_SCOPE_TEXT) return `must have at most ${GREATEST_SCOPES} scopes`;
  return scopes(value.split(" "));
}

function scope(value: string): Fault {
  if (value === "") return "must not be empty: separate scopes by single spaces";
  if (Buffer.byteLength(value) > GREATEST_IDENTIFIER) return `must be at most ${GREATEST_IDENTIFIER} bytes`;
  return SCOPE.test(value) ? undefined : "must be printable ASCII without quote and backslash (RFC 6749 section 3.3)";
}

function firstFault(values: readonly string[], rule: (value: string) => Fault): Fault {
  for (const [index, value] of values.entries()) {
    const fault = rule(value);
    if (fault !== undefined) return `item ${index} ${fault}`;
  }
  return undefined;
}
