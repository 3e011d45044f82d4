/** A refusal by the API server, with the reasons and messages of the real one. */
export class ApiError extends Error {
  constructor (
    readonly code: number,
    readonly reason: 'BadRequest' | 'NotFound' | 'AlreadyExists' | 'Conflict' | 'Invalid' | 'Forbidden' | 'MethodNotAllowed',
    message: string
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/** Whether an error is a refusal for one of these reasons. */
export function isRefusal (error: unknown, ...reasons: Array<ApiError['reason']>): error is ApiError {
  return error instanceof ApiError && reasons.includes(error.reason)
}
