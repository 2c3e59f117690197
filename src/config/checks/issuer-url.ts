import { isLoopbackHost } from "../listen-address.ts";

/** @returns what is wrong with an issuer that is compared character by character and may be fetched from, else undefined. */
export function issuerUrlFault(text: string, httpOnLoopback: boolean): string | undefined {
  if (/[\s?#]/.test(text)) return "write an https URL without white space, query and fragment";
  return secureUrlFault(text, httpOnLoopback);
}

/** @returns why nothing may be trusted that comes from this URL, else undefined. */
export function secureUrlFault(text: string, httpOnLoopback: boolean): string | undefined {
  const url = URL.parse(text);
  if (url === null || url.host === "") return "is no URL: write https://HOST/…";
  if (url.username !== "" || url.password !== "") return "a URL here holds no user name or password: remove them";
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:" && isLoopbackHost(url.hostname) && httpOnLoopback) return undefined;
  return "write an https URL";
}
