import type { Run, Step } from './run.js'

/**
 * Runs the steps in order, and prints each with its duration.
 *
 * @param print gets text, not always a whole line
 * @throws the error of the step that fails
 */
export async function runSteps (steps: Step[], run: Run, print: (text: string) => void): Promise<void> {
  for (const [index, { title, prove }] of steps.entries()) {
    run.patience.signal.throwIfAborted()
    print(`${String(index + 1).padStart(2)}/${steps.length} ${title} … `)
    const begun = performance.now()
    const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`
    try {
      const note = await prove(run)
      print(`${seconds()}\n${note ? `      ${note}\n` : ''}`)
    } catch (error) {
      print(`${run.patience.signal.aborted ? 'interrupted' : 'FAILED'} after ${seconds()}\n`)
      throw error
    }
  }
}
