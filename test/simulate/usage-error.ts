/** A mistake of the user: one line, and exit code 2. */
export class UsageError extends Error {}
