/*
 * What a program that tests and the demo start loads first: it ends when whoever has started it is gone, however that came
 * about. Its standard input is a pipe that nobody writes to, and that the kernel closes then.
 */
process.stdin.on('end', () => process.exit(1)).on('error', () => process.exit(1)).resume()
process.stdin.unref()
