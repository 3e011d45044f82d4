/** The message of an error of `parseArgs`, without Node's advice on positional arguments that start with a `-`. */
export function withoutAdvice (message: string): string {
  return message.replace(/\. To specify a positional argument.*$/s, '')
}
