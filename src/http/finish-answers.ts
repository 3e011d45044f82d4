import type { Server, ServerResponse } from 'node:http'

/**
 * Makes a closed server finish its answers. Node would cut them: `closeIdleConnections` considers a connection idle once
 * the whole answer is handed over, even if the client has read none of it yet. So no connection is closed as idle while
 * an answer is being sent. https://github.com/nodejs/node/blob/main/lib/_http_server.js
 *
 * @param longest how long they may take after the close, in milliseconds; then all connections are closed
 */
export function finishAnswers (server: Server, longest: number): void {
  const answers = new Set<ServerResponse>()
  const closeIdle = server.closeIdleConnections.bind(server)
  let closing = false
  // Called by `server.close()`.
  server.closeIdleConnections = () => {
    if (!closing) setTimeout(() => server.closeAllConnections(), longest).unref()
    closing = true
    if (answers.size === 0) closeIdle()
  }
  server.on('request', (_request, response) => {
    answers.add(response)
    // Handed to the operating system, or the client has disconnected.
    response.once('close', () => {
      answers.delete(response)
      if (closing && answers.size === 0) closeIdle()
    })
  })
}
