/** Whence keys may come: https, or where allowed http on this very machine. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @returns undefined for anything else, also for credentials in the URL, which would end up in logs */
export function keySourceUrl(text: string, allowHttpLoopback: boolean): URL | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  if (url.protocol === "https:") return url;
  if (url.protocol === "http:" && allowHttpLoopback && LOOPBACK.test(url.hostname)) return url;
  return undefined;
}
