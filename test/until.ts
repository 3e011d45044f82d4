/** Waits until a condition holds. If it never does, the test ends by its own timeout. */
export async function until (holds: () => unknown): Promise<void> {
  while (!await holds()) await new Promise(resolve => setTimeout(resolve, 20))
}
