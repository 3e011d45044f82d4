/*
 * What things are counted with. The names, units and attributes are written as OpenTelemetry has them; Prometheus gets them
 * in its own form. Nothing that counts knows where the counts go.
 */

/** What an instrument measures. */
export interface InstrumentOptions {
  /** Such as `http.client.request.duration`. */
  name: string
  description: string
  /** `s`, `By`, `{event}`, … https://opentelemetry.io/docs/specs/semconv/general/metrics/#instrument-units */
  unit: string
  /** The names of all attributes that it is given. */
  attributes?: readonly string[]
}

/** What a measurement is of, by name. */
export type Attributes = Record<string, string | number>

/** Something that only grows. */
export interface Counter {
  add: (value: number, attributes?: Attributes) => void
}

/** Something that has a value at each moment. */
export interface Gauge {
  record: (value: number) => void
}

/** Something that is measured again and again. */
export interface Histogram {
  record: (value: number, attributes?: Attributes) => void
}

/** Makes instruments; each name once. */
export interface Instruments {
  counter: (options: InstrumentOptions) => Counter
  gauge: (options: InstrumentOptions) => Gauge
  /** @param boundaries of its buckets */
  histogram: (options: InstrumentOptions & { boundaries: number[] }) => Histogram
}

/** What counts nothing. */
export const noInstruments: Instruments = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ record: () => {} }),
  histogram: () => ({ record: () => {} })
}
