import type { IncomingMessage } from 'node:http'
import { answerConnectionError, httpError } from './errors.js'
import type { Place, Room } from './room.js'
import type { Turns } from './turns.js'

/** What an exchange is made with. */
export interface ExchangeOptions {
  request: IncomingMessage
  /** Bytes of the body that the request has announced. */
  length: number
  /** Bytes of a body that come in without waiting for anybody. */
  firstBytes: number
  /** Where the bodies are that are larger. */
  room: Room
  /** When large bodies are made something of. */
  turns: Turns
  /** Called where there has been no room for too long. */
  onNoRoom: () => void
}

/** A body up to this size, in bytes, is made something of as soon as it is there; others take turns. */
const quickBody = 64 * 1024

/** After so long a body, or an answer, has to keep to the least rate, in milliseconds. */
const grace = { reading: 5_000, writing: 10_000 }

/** In bytes a second, as in https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options#minimum-request-body-data-rate */
const leastRate = 240

/**
 * A request under way, from its headers to the end of its answer: what it holds, and whether it gets on.
 *
 * The first part of a body is read as it comes. Before more is read, the body takes its place in a room, which it keeps
 * until its answer has been taken. What is announced and not sent holds nothing.
 */
export class Exchange {
  /** The caller's address: callers share what there is. */
  readonly caller: string
  /** When something last came in or went out; the time of `performance.now()`. */
  movedAt = performance.now()
  /** How many looks in a row have seen nothing move, though it was the caller's turn. */
  stillLooks = 0
  readonly #options: ExchangeOptions
  /** When its body began to come, or its answer to be written. */
  #began = performance.now()
  #received = 0
  /** Bytes that the connection had carried in this direction at the first and at the last look. */
  #carriedBefore: number | undefined
  #carried = 0
  #place: Place | undefined
  /** Whether it is held up here, and not by its caller. */
  #isWaiting = false
  /** While its body is being read: ends that with an error. */
  #refuse: ((error: Error) => void) | undefined

  constructor (options: ExchangeOptions) {
    this.#options = options
    this.caller = String(options.request.socket.remoteAddress)
  }

  /** Whether it has a place in the room, which others may wait for. */
  get holdsRoom (): boolean {
    return this.#place !== undefined && !this.#isWaiting
  }

  /**
   * Reads the body.
   *
   * @param done called once: with the body, or with the error that has ended it or has come to be its answer
   */
  read (done: (error: Error | null, body?: Buffer) => void): void {
    const { request, length, firstBytes, turns } = this.#options
    const chunks: Buffer[] = []
    const end = (...outcome: [error: Error | null, body?: Buffer]) => {
      if (this.#refuse === undefined) return
      this.#refuse = undefined
      this.#isWaiting = false
      this.#began = performance.now()
      this.#carriedBefore = undefined
      chunks.length = 0
      done(...outcome)
    }
    this.#refuse = end
    request.on('data', (chunk: Buffer) => {
      if (this.#refuse === undefined) return
      chunks.push(chunk)
      this.#received += chunk.length
      this.movedAt = performance.now()
      if (length > firstBytes && this.#received > firstBytes && this.#place === undefined) this.#enterRoom()
    })
    request.on('end', () => {
      const body = Buffer.concat(chunks, this.#received)
      this.#isWaiting = body.length > quickBody
      if (this.#isWaiting) turns.take(() => end(null, body))
      else end(null, body)
    })
    request.on('error', () => end(httpError(400, 'body: expected in full, got only a part')))
  }

  /** Gives back the room for all but so many bytes: those of the answer. */
  shrinkTo (bytes: number): void {
    this.#place?.shrinkTo(bytes)
  }

  /** Ends it for the sake of others: with an answer, where that has not begun. */
  giveWay (error: Error): void {
    this.leave()
    if (this.#refuse === undefined) this.#options.request.socket.destroy()
    else this.#refuse(error)
  }

  /** Ends it, with its connection, because it does not get on. */
  cutOff (): void {
    const { socket } = this.#options.request
    this.leave()
    if (this.#refuse === undefined) socket.destroy()
    else answerConnectionError({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, socket)
  }

  /** Gives back all that it holds. */
  leave (): void {
    this.#place?.leave()
  }

  /**
   * Looks whether anything has moved since the last look.
   *
   * @returns whether it keeps to the least rate
   */
  look (): boolean {
    const now = performance.now()
    const isReading = this.#refuse !== undefined
    const carried = isReading ? this.#received : this.#bytesTaken()
    const moves = carried !== this.#carried
    if (moves) this.movedAt = now
    this.stillLooks = moves || this.#isWaiting ? 0 : this.stillLooks + 1
    this.#carried = carried
    this.#carriedBefore ??= isReading ? 0 : carried
    const age = now - this.#began
    return this.#isWaiting || age < grace[isReading ? 'reading' : 'writing'] || carried - this.#carriedBefore >= leastRate * age / 1000
  }

  /** Bytes of the connection that have been taken at the other end, or by the system on its behalf. */
  #bytesTaken (): number {
    const { socket } = this.#options.request
    return socket.bytesWritten - socket.writableLength
  }

  #enterRoom (): void {
    const { request, length, room, onNoRoom } = this.#options
    this.#isWaiting = true
    request.pause()
    this.#place = room.enter(this.caller, length, entered => {
      this.#isWaiting = false
      if (entered) request.resume()
      else onNoRoom()
    })
  }
}
