/** What the API server answers when it refuses; reasons and messages as the real one words them. */
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

/** Tells whether an error is a refusal for one of these reasons. */
export function isRefusal (error: unknown, ...reasons: Array<ApiError['reason']>): error is ApiError {
  return error instanceof ApiError && reasons.includes(error.reason)
}
