/*
 * Programs of the tests and the demo load this first. It ends a program when its parent process is gone, for whatever
 * reason. Standard input is a pipe that nothing writes to and that the kernel closes then.
 */
process.stdin.on('end', () => process.exit(1)).on('error', () => process.exit(1)).resume()
process.stdin.unref()
