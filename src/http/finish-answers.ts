import type { Server, ServerResponse } from 'node:http'

/**
 * Has a server finish its answers once it is closed. Node would cut them: to `closeIdleConnections` a connection is idle
 * when the whole answer has been handed over, even if its reader has taken none of it yet.
 * https://github.com/nodejs/node/blob/main/lib/_http_server.js
 *
 * So no connection is closed for being idle while an answer is under way.
 *
 * @param longest how long the closed server gives them, in milliseconds; then it ends every connection
 */
export function finishAnswers (server: Server, longest: number): void {
  const answers = new Set<ServerResponse>()
  const closeIdle = server.closeIdleConnections.bind(server)
  let closing = false
  // Part of `server.close()`.
  server.closeIdleConnections = () => {
    if (!closing) setTimeout(() => server.closeAllConnections(), longest).unref()
    closing = true
    if (answers.size === 0) closeIdle()
  }
  server.on('request', (_request, response) => {
    answers.add(response)
    // When it has been handed to the operating system, or its reader has gone.
    response.once('close', () => {
      answers.delete(response)
      if (closing && answers.size === 0) closeIdle()
    })
  })
}
