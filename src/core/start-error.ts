/** Refuses a start. The message says what is wrong, where, and how to mend it; it is shown without a stack. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartError";
  }
}
