import type { IncomingMessage } from 'node:http'
import { answerConnectionError, httpError } from './errors.js'
import type { Place, Room } from './room.js'
import type { Turns } from './turns.js'

/** The options of an exchange. */
export interface ExchangeOptions {
  request: IncomingMessage
  /** Announced length of the body, in bytes. */
  length: number
  /** Bytes of a body that are read without waiting. */
  firstBytes: number
  /** The room for larger bodies. */
  room: Room
  /** Schedules the parsing of large bodies. */
  turns: Turns
  /** Called when a body has waited for room too long. */
  onNoRoom: () => void
}

/** A body up to this size, in bytes, is parsed as soon as it is complete; others take turns. */
const quickBody = 64 * 1024

/** After this time, a body or an answer must keep the minimum rate, in milliseconds. */
const grace = { reading: 5_000, writing: 10_000 }

/** Bytes a second, as in https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options#minimum-request-body-data-rate */
const leastRate = 240

/**
 * A request, from its headers to the end of its answer: the room it holds, and whether it makes progress.
 *
 * The first part of a body is read as it arrives. Before more is read, the body takes its place in a room, and keeps it
 * until the answer is sent. Announced bytes that are not sent hold nothing.
 */
export class Exchange {
  /** The caller's address: callers share the capacity. */
  readonly caller: string
  /** When bytes were last received or sent, by `performance.now()`. */
  movedAt = performance.now()
  /** How many checks in a row saw no progress although it was the caller's turn. */
  stillLooks = 0
  readonly #options: ExchangeOptions
  /** When its body, or its answer, began. */
  #began = performance.now()
  #received = 0
  /** Bytes carried by the connection in this direction at the first and the last check. */
  #carriedBefore: number | undefined
  #carried = 0
  #place: Place | undefined
  /** Whether it waits for the hook and not for its caller. */
  #isWaiting = false
  /** Fails the body that is being read. */
  #refuse: ((error: Error) => void) | undefined

  constructor (options: ExchangeOptions) {
    this.#options = options
    this.caller = String(options.request.socket.remoteAddress)
  }

  /** Whether it has a place in the room that others may wait for. */
  get holdsRoom (): boolean {
    return this.#place !== undefined && !this.#isWaiting
  }

  /**
   * Reads the body.
   *
   * @param done called once: with the body, or with the error to answer with
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

  /** Gives back all room but this much, for the answer. */
  shrinkTo (bytes: number): void {
    this.#place?.shrinkTo(bytes)
  }

  /** Ends it in favour of others; it gets an answer if that has not begun. */
  giveWay (error: Error): void {
    this.leave()
    if (this.#refuse === undefined) this.#options.request.socket.destroy()
    else this.#refuse(error)
  }

  /** Closes it with its connection, because it makes no progress. */
  cutOff (): void {
    const { socket } = this.#options.request
    this.leave()
    if (this.#refuse === undefined) socket.destroy()
    else answerConnectionError({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, socket)
  }

  /** Gives back everything that it holds. */
  leave (): void {
    this.#place?.leave()
  }

  /**
   * Checks for progress since the last check.
   *
   * @returns whether it keeps the minimum rate
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

  /** Bytes that the other end, or its operating system, has received. */
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
