/**
 * A user agent without the versions it names. Browsers and apps are updated while a token lives, which is why an honest one changes; who
 * stole a token mostly has another program, or can say whatever its victim says.
 */
export function withoutVersions(userAgent: string): string {
  return userAgent.replaceAll(/[0-9._]+/g, "");
}
