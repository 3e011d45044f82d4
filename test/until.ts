/** Waits until something holds. A test that waits in vain is ended by its own time limit. */
export async function until (holds: () => unknown): Promise<void> {
  while (!await holds()) await new Promise(resolve => setTimeout(resolve, 20))
}
