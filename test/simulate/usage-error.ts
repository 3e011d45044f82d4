/** What the person who runs it has to put right: a line, and exit code 2. */
export class UsageError extends Error {}
