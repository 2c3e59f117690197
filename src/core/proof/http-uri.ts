const PRINTABLE = /^https?:\/\/[\x21-\x5B\x5D-\x7E]+$/i;
const MAX_LENGTH = 8_192;
const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[\w.~-]/;

/**
 * The one spelling of an HTTP URI by which `htu` is compared (RFC 9449 section 4.3): without query and fragment, normalised as in
 * RFC 3986 sections 6.2.2 and 6.2.3. Undefined for anything but a plain absolute http or https URI.
 */
export function normaliseHttpUri(text: string): string | undefined {
  // The parser would mend white space, backslashes and missing slashes, by which two parties may read two URIs.
  if (text.length > MAX_LENGTH || !PRINTABLE.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, username, password, host, pathname } = new URL(text);
  if (username !== "" || password !== "") return undefined;
  return `${protocol}//${host}${pathname.replace(ESCAPE, canonicalEscape)}`;
}

function canonicalEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return UNRESERVED.test(character) ? character : escape.toUpperCase();
}
