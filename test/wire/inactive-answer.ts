/** The whole answer about an inactive token to a caller that may diagnose. */
export function inactive(reason: string): object {
  return { inactive_reason: `INACTIVE_REASON_${reason}` };
}
