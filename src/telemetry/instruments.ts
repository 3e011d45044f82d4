/*
 * The instruments that measure. Names, units and attributes are written as in OpenTelemetry; Prometheus gets them in its
 * own form. The code that measures does not know where the values go.
 */

/** What an instrument measures. */
export interface InstrumentOptions {
  /** For example `http.client.request.duration`. */
  name: string
  description: string
  /** `s`, `By`, `{event}`, … https://opentelemetry.io/docs/specs/semconv/general/metrics/#instrument-units */
  unit: string
  /** The names of all its attributes. */
  attributes?: readonly string[]
}

/** The attributes of a measurement, by name. */
export type Attributes = Record<string, string | number>

/** A value that only grows. */
export interface Counter {
  add: (value: number, attributes?: Attributes) => void
}

/** A current value. */
export interface Gauge {
  record: (value: number) => void
}

/** A distribution of values. */
export interface Histogram {
  record: (value: number, attributes?: Attributes) => void
}

/** Makes instruments; each name can be used once. */
export interface Instruments {
  counter: (options: InstrumentOptions) => Counter
  gauge: (options: InstrumentOptions) => Gauge
  /** @param boundaries of its buckets */
  histogram: (options: InstrumentOptions & { boundaries: number[] }) => Histogram
}

/** Instruments that record nothing. */
export const noInstruments: Instruments = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ record: () => {} }),
  histogram: () => ({ record: () => {} })
}
